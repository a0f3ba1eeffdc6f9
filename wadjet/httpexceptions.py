"""Pyramid's spelling of the responses that can be raised: ``HTTPNotFound`` is ``NotFound``.

The classes are those of ``http/exceptions.py``. Where Pyramid's first argument is another one, the name here is a subclass that
takes Pyramid's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Unpack

from .http import exceptions as exc
from .http.outgoing import ContentAttributes, Fields

__all__ = [
    "HTTPAccepted",
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
    "HTTPImATeapot",
    "HTTPInsufficientStorage",
    "HTTPInternalServerError",
    "HTTPLengthRequired",
    "HTTPLocked",
    "HTTPLoopDetected",
    "HTTPMethodNotAllowed",
    "HTTPMisdirectedRequest",
    "HTTPMovedPermanently",
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

HTTPMovedPermanently = exc.MovedPermanently
HTTPFound = exc.Found
HTTPSeeOther = exc.SeeOther
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
HTTPGatewayTimeout = exc.GatewayTimeout
HTTPVersionNotSupported = exc.VersionNotSupported
HTTPVariantAlsoNegotiates = exc.VariantAlsoNegotiates
HTTPInsufficientStorage = exc.InsufficientStorage
HTTPLoopDetected = exc.LoopDetected
HTTPNotExtended = exc.NotExtended
HTTPNetworkAuthenticationRequired = exc.NetworkAuthenticationRequired


class HTTPOk(exc.Success):
    """200."""

    code = 200


class HTTPCreated(exc.Success):
    """201."""

    code = 201


class HTTPAccepted(exc.Success):
    """202."""

    code = 202


class HTTPNonAuthoritativeInformation(exc.Success):
    """203."""

    code = 203


class HTTPNoContent(exc.Success):
    """204."""

    code = 204


class HTTPResetContent(exc.Success):
    """205."""

    code = 205


class HTTPPartialContent(exc.Success):
    """206."""

    code = 206


class HTTPMultipleChoices(exc.Redirection):
    """300."""

    code = 300


class HTTPUseProxy(exc.Redirection):
    """305; deprecated by RFC 9110 §15.4.6."""

    code = 305


class HTTPNotModified(exc.Redirection):
    """304; it sends the client nowhere, so there is no location."""

    code = 304

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        HTTPException.__init__(self, None, detail, headers, comment, **attributes)


class HTTPMethodNotAllowed(exc.MethodNotAllowed):
    """405 with the detail first."""

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        *,
        allowed: Iterable[str] = (),
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(allowed, detail, headers, comment, **attributes)


class HTTPTooManyRequests(exc.TooManyRequests):
    """429 with the detail first."""

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        *,
        retry_after: int | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(retry_after, detail, headers, comment, **attributes)


class HTTPServiceUnavailable(exc.ServiceUnavailable):
    """503 with the detail first."""

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        *,
        retry_after: int | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(retry_after, detail, headers, comment, **attributes)


_BASES = {HTTPException, HTTPSuccessful, HTTPRedirection, HTTPError, HTTPClientError, HTTPServerError}

#: The class of each status.
status_map: dict[int, type[HTTPException]] = {
    found.code: found
    for found in tuple(globals().values())
    if isinstance(found, type) and issubclass(found, HTTPException) and found not in _BASES
}


def exception_response(status_code: int, **arguments: Any) -> HTTPException:
    """Return an instance of the class of a status, to raise or to return.

    Args:
        status_code: a key of :data:`status_map`.
        **arguments: what the class takes.

    Raises:
        KeyError: no class has this status.
    """
    return status_map[status_code](**arguments)
