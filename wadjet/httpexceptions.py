"""Pyramid's spelling of the responses that can be raised: ``HTTPNotFound`` is ``NotFound``.

The classes are those of ``http/exceptions.py``. Where Pyramid's first argument is another one, the name here is a subclass that
takes Pyramid's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Unpack

from .http.exceptions import (
    BadGateway,
    BadRequest,
    ClientError,
    Conflict,
    Error,
    ExpectationFailed,
    FailedDependency,
    Forbidden,
    Found,
    GatewayTimeout,
    Gone,
    HTTPException,
    ImATeapot,
    InsufficientStorage,
    InternalServerError,
    LengthRequired,
    Locked,
    LoopDetected,
    MethodNotAllowed,
    MisdirectedRequest,
    MovedPermanently,
    NetworkAuthenticationRequired,
    NotAcceptable,
    NotExtended,
    NotFound,
    NotImplemented,
    PaymentRequired,
    PermanentRedirect,
    PreconditionFailed,
    PreconditionRequired,
    ProxyAuthenticationRequired,
    Redirection,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    RequestRangeNotSatisfiable,
    RequestTimeout,
    RequestURITooLong,
    SeeOther,
    ServerError,
    ServiceUnavailable,
    Success,
    TemporaryRedirect,
    TooEarly,
    TooManyRequests,
    Unauthorized,
    UnavailableForLegalReasons,
    UnprocessableEntity,
    UnsupportedMediaType,
    UpgradeRequired,
    VariantAlsoNegotiates,
    VersionNotSupported,
)
from .http.outgoing import Attributes, ContentAttributes, Fields

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

WSGIHTTPException = HTTPException
HTTPSuccessful = Success
HTTPRedirection = Redirection
HTTPError = Error
HTTPClientError = ClientError
HTTPServerError = ServerError

HTTPMovedPermanently = MovedPermanently
HTTPFound = Found
HTTPSeeOther = SeeOther
HTTPTemporaryRedirect = TemporaryRedirect
HTTPPermanentRedirect = PermanentRedirect
HTTPBadRequest = BadRequest
HTTPUnauthorized = Unauthorized
HTTPPaymentRequired = PaymentRequired
HTTPForbidden = Forbidden
HTTPNotFound = NotFound
HTTPNotAcceptable = NotAcceptable
HTTPProxyAuthenticationRequired = ProxyAuthenticationRequired
HTTPRequestTimeout = RequestTimeout
HTTPConflict = Conflict
HTTPGone = Gone
HTTPLengthRequired = LengthRequired
HTTPPreconditionFailed = PreconditionFailed
HTTPRequestEntityTooLarge = RequestEntityTooLarge
HTTPRequestURITooLong = RequestURITooLong
HTTPUnsupportedMediaType = UnsupportedMediaType
HTTPRequestRangeNotSatisfiable = RequestRangeNotSatisfiable
HTTPExpectationFailed = ExpectationFailed
HTTPImATeapot = ImATeapot
HTTPMisdirectedRequest = MisdirectedRequest
HTTPUnprocessableEntity = UnprocessableEntity
HTTPLocked = Locked
HTTPFailedDependency = FailedDependency
HTTPTooEarly = TooEarly
HTTPUpgradeRequired = UpgradeRequired
HTTPPreconditionRequired = PreconditionRequired
HTTPRequestHeaderFieldsTooLarge = RequestHeaderFieldsTooLarge
HTTPUnavailableForLegalReasons = UnavailableForLegalReasons
HTTPInternalServerError = InternalServerError
HTTPNotImplemented = NotImplemented
HTTPBadGateway = BadGateway
HTTPGatewayTimeout = GatewayTimeout
HTTPVersionNotSupported = VersionNotSupported
HTTPVariantAlsoNegotiates = VariantAlsoNegotiates
HTTPInsufficientStorage = InsufficientStorage
HTTPLoopDetected = LoopDetected
HTTPNotExtended = NotExtended
HTTPNetworkAuthenticationRequired = NetworkAuthenticationRequired


class HTTPOk(Success):
    """200."""

    code = 200


class HTTPCreated(Success):
    """201."""

    code = 201


class HTTPAccepted(Success):
    """202."""

    code = 202


class HTTPNonAuthoritativeInformation(Success):
    """203."""

    code = 203


class HTTPNoContent(Success):
    """204."""

    code = 204


class HTTPResetContent(Success):
    """205."""

    code = 205


class HTTPPartialContent(Success):
    """206."""

    code = 206


class HTTPMultipleChoices(Redirection):
    """300."""

    code = 300


class HTTPUseProxy(Redirection):
    """305; deprecated by RFC 9110 §15.4.6."""

    code = 305


class HTTPNotModified(Redirection):
    """304; it sends the client nowhere, so there is no location."""

    code = 304

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        HTTPException.__init__(self, None, detail, headers, comment, **attributes)


class HTTPMethodNotAllowed(MethodNotAllowed):
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


class HTTPTooManyRequests(TooManyRequests):
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


class HTTPServiceUnavailable(ServiceUnavailable):
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


_BASES = (HTTPException, HTTPSuccessful, HTTPRedirection, HTTPError, HTTPClientError, HTTPServerError)

#: The class of each status.
status_map: dict[int, type[HTTPException]] = {
    found.code: found
    for name, found in globals().copy().items()
    if name.startswith("HTTP") and found not in _BASES
}


def exception_response(status_code: int, **arguments: Any) -> HTTPException:
    """Return an instance of the class of a status: ``raise exception_response(404)``.

    Args:
        status_code: a key of :data:`status_map`.
        **arguments: what the class takes.

    Raises:
        KeyError: no class has this status.
    """
    return status_map[status_code](**arguments)
