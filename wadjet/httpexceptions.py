"""Pyramid's spelling of the responses that can be raised: ``HTTPNotFound`` is ``NotFound``.

The classes are those of ``http/exceptions.py``. Where Pyramid's first argument is another one, the name here is a subclass that
takes Pyramid's.
"""

from __future__ import annotations

from typing import Any, Unpack, cast

from .http import exceptions as exc
from .http.fieldvalues import Delay, Words
from .http.outgoing import Fields
from .http.raising import Attributes

__all__ = [
    "HTTPAccepted",
    "HTTPAlreadyReported",
    "HTTPBadGateway",
    "HTTPBadRequest",
    "HTTPClientError",
    "HTTPConflict",
    "HTTPCreated",
    "HTTPError",
    "HTTPException",
    "HTTPExpectationFailed",
    "HTTPFailedDependency",
    "HTTPForbidden",
    "HTTPFound",
    "HTTPGatewayTimeout",
    "HTTPGone",
    "HTTPIMUsed",
    "HTTPImATeapot",
    "HTTPInsufficientStorage",
    "HTTPInternalServerError",
    "HTTPLengthRequired",
    "HTTPLocked",
    "HTTPLoopDetected",
    "HTTPMethodNotAllowed",
    "HTTPMisdirectedRequest",
    "HTTPMovedPermanently",
    "HTTPMultiStatus",
    "HTTPMultipleChoices",
    "HTTPNetworkAuthenticationRequired",
    "HTTPNoContent",
    "HTTPNonAuthoritativeInformation",
    "HTTPNotAcceptable",
    "HTTPNotExtended",
    "HTTPNotFound",
    "HTTPNotImplemented",
    "HTTPNotModified",
    "HTTPOk",
    "HTTPPartialContent",
    "HTTPPaymentRequired",
    "HTTPPermanentRedirect",
    "HTTPPreconditionFailed",
    "HTTPPreconditionRequired",
    "HTTPProxyAuthenticationRequired",
    "HTTPRedirection",
    "HTTPRequestEntityTooLarge",
    "HTTPRequestHeaderFieldsTooLarge",
    "HTTPRequestRangeNotSatisfiable",
    "HTTPRequestTimeout",
    "HTTPRequestURITooLong",
    "HTTPResetContent",
    "HTTPSeeOther",
    "HTTPServerError",
    "HTTPServiceUnavailable",
    "HTTPSuccessful",
    "HTTPTemporaryRedirect",
    "HTTPTooEarly",
    "HTTPTooManyRequests",
    "HTTPUnauthorized",
    "HTTPUnavailableForLegalReasons",
    "HTTPUnprocessableEntity",
    "HTTPUnsupportedMediaType",
    "HTTPUpgradeRequired",
    "HTTPUseProxy",
    "HTTPVariantAlsoNegotiates",
    "HTTPVersionNotSupported",
    "WSGIHTTPException",
    "exception_response",
    "status_map",
]

HTTPException = exc.HTTPException
WSGIHTTPException = exc.HTTPException
HTTPSuccessful = exc.Success
HTTPRedirection = exc.Redirection
HTTPError = exc.Error
HTTPClientError = exc.ClientError
HTTPServerError = exc.ServerError

HTTPOk = exc.Ok
HTTPCreated = exc.Created
HTTPAccepted = exc.Accepted
HTTPNonAuthoritativeInformation = exc.NonAuthoritativeInformation
HTTPNoContent = exc.NoContent
HTTPResetContent = exc.ResetContent
HTTPPartialContent = exc.PartialContent
HTTPMultiStatus = exc.MultiStatus
HTTPAlreadyReported = exc.AlreadyReported
HTTPIMUsed = exc.IMUsed
HTTPMultipleChoices = exc.MultipleChoices
HTTPMovedPermanently = exc.MovedPermanently
HTTPFound = exc.Found
HTTPSeeOther = exc.SeeOther
HTTPNotModified = exc.NotModified
HTTPUseProxy = exc.UseProxy
HTTPTemporaryRedirect = exc.TemporaryRedirect
HTTPPermanentRedirect = exc.PermanentRedirect
HTTPBadRequest = exc.BadRequest
HTTPUnauthorized = exc.Unauthorized
HTTPPaymentRequired = exc.PaymentRequired
HTTPForbidden = exc.Forbidden
HTTPNotFound = exc.NotFound
HTTPNotAcceptable = exc.NotAcceptable
HTTPProxyAuthenticationRequired = exc.ProxyAuthenticationRequired
HTTPRequestTimeout = exc.RequestTimeout
HTTPConflict = exc.Conflict
HTTPGone = exc.Gone
HTTPLengthRequired = exc.LengthRequired
HTTPPreconditionFailed = exc.PreconditionFailed
HTTPRequestEntityTooLarge = exc.RequestEntityTooLarge
HTTPRequestURITooLong = exc.RequestURITooLong
HTTPUnsupportedMediaType = exc.UnsupportedMediaType
HTTPRequestRangeNotSatisfiable = exc.RequestRangeNotSatisfiable
HTTPExpectationFailed = exc.ExpectationFailed
HTTPImATeapot = exc.ImATeapot
HTTPMisdirectedRequest = exc.MisdirectedRequest
HTTPUnprocessableEntity = exc.UnprocessableEntity
HTTPLocked = exc.Locked
HTTPFailedDependency = exc.FailedDependency
HTTPTooEarly = exc.TooEarly
HTTPUpgradeRequired = exc.UpgradeRequired
HTTPPreconditionRequired = exc.PreconditionRequired
HTTPRequestHeaderFieldsTooLarge = exc.RequestHeaderFieldsTooLarge
HTTPUnavailableForLegalReasons = exc.UnavailableForLegalReasons
HTTPInternalServerError = exc.InternalServerError
HTTPNotImplemented = exc.NotImplemented
HTTPBadGateway = exc.BadGateway
HTTPServiceUnavailable = exc.ServiceUnavailable
HTTPGatewayTimeout = exc.GatewayTimeout
HTTPVersionNotSupported = exc.VersionNotSupported
HTTPVariantAlsoNegotiates = exc.VariantAlsoNegotiates
HTTPInsufficientStorage = exc.InsufficientStorage
HTTPLoopDetected = exc.LoopDetected
HTTPNotExtended = exc.NotExtended
HTTPNetworkAuthenticationRequired = exc.NetworkAuthenticationRequired


class _Fields(Attributes, total=False):
    allowed: Words
    retry_after: Delay | None


class _DetailFirst(HTTPException):
    """The arguments in Pyramid's order, for a class that has another one first."""

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[_Fields],
    ) -> None:
        others = cast("Attributes", attributes)  # what the next class takes, it takes by name
        super().__init__(detail=detail, headers=headers, comment=comment, **others)


class HTTPMethodNotAllowed(_DetailFirst, exc.MethodNotAllowed):
    """405 with the detail first; ``allowed=`` is a keyword."""


class HTTPTooManyRequests(_DetailFirst, exc.TooManyRequests):
    """429 with the detail first; ``retry_after=`` is a keyword."""


#: The class of each status. The base classes stand first above, so each gives way to the class that says its status alone.
status_map: dict[int, type[HTTPException]] = {
    found.code: found for name, found in tuple(globals().items()) if name.startswith("HTTP")
}


def exception_response(status_code: int, **arguments: Any) -> HTTPException:
    """Return an instance of the class of a status, to raise or to return.

    Args:
        status_code: a key of :data:`status_map`.
        **arguments: what the class takes, by name.

    Raises:
        KeyError: no class has this status; an interim one (1xx) cannot answer a request.
    """
    return status_map[status_code](**arguments)
