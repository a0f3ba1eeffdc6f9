"""One class for each status that is worth raising, by its short name. ``wadjet.httpexceptions`` has Pyramid's spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Unpack

from .outgoing import Attributes, Fields
from .raising import ClientDisconnect, ClientError, Error, HTTPException, Redirection, ServerError, Success

__all__ = [
    "BadGateway",
    "BadRequest",
    "ClientDisconnect",
    "ClientError",
    "Conflict",
    "Error",
    "ExpectationFailed",
    "FailedDependency",
    "Forbidden",
    "Found",
    "GatewayTimeout",
    "Gone",
    "HTTPException",
    "ImATeapot",
    "InsufficientStorage",
    "InternalServerError",
    "LengthRequired",
    "Locked",
    "LoopDetected",
    "MalformedBody",
    "MethodNotAllowed",
    "MisdirectedRequest",
    "MovedPermanently",
    "NetworkAuthenticationRequired",
    "NotAcceptable",
    "NotExtended",
    "NotFound",
    "NotImplemented",
    "PaymentRequired",
    "PermanentRedirect",
    "PreconditionFailed",
    "PreconditionRequired",
    "ProxyAuthenticationRequired",
    "Redirection",
    "RequestEntityTooLarge",
    "RequestHeaderFieldsTooLarge",
    "RequestRangeNotSatisfiable",
    "RequestTimeout",
    "RequestURITooLong",
    "SeeOther",
    "ServerError",
    "ServiceUnavailable",
    "Success",
    "TemporaryRedirect",
    "TooEarly",
    "TooManyRequests",
    "Unauthorized",
    "UnavailableForLegalReasons",
    "UnprocessableEntity",
    "UnsupportedMediaType",
    "UpgradeRequired",
    "VariantAlsoNegotiates",
    "VersionNotSupported",
]


class MovedPermanently(Redirection):
    """301."""

    code = 301


class Found(Redirection):
    """302."""

    code = 302


class SeeOther(Redirection):
    """303."""

    code = 303


class TemporaryRedirect(Redirection):
    """307."""

    code = 307


class PermanentRedirect(Redirection):
    """308."""

    code = 308


class BadRequest(ClientError):
    """400."""

    code = 400
    explanation = "The request is malformed."


class Unauthorized(ClientError):
    """401."""

    code = 401
    explanation = "The request needs credentials, or has some that are not accepted."

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        self.set_header("www-authenticate", "Bearer")  # RFC 9110 §15.5.2: a challenge must be there


class PaymentRequired(ClientError):
    """402."""

    code = 402
    explanation = "Payment is required."


class Forbidden(ClientError):
    """403."""

    code = 403
    explanation = "Access to this resource is not allowed."


class NotFound(ClientError):
    """404."""

    code = 404
    explanation = "There is nothing at this address."


class MethodNotAllowed(ClientError):
    """405."""

    code = 405
    explanation = "The resource does not have this method."

    def __init__(
        self,
        allowed: Iterable[str] = (),
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        self.set_header("allow", allowed)  # RFC 9110 §15.5.6


class NotAcceptable(ClientError):
    """406."""

    code = 406
    explanation = "The resource has no form that the request accepts."


class ProxyAuthenticationRequired(ClientError):
    """407."""

    code = 407
    explanation = "The proxy needs credentials."


class RequestTimeout(ClientError):
    """408."""

    code = 408
    explanation = "The request took too long to arrive."


class Conflict(ClientError):
    """409."""

    code = 409
    explanation = "The request is in conflict with the state of the resource."


class Gone(ClientError):
    """410."""

    code = 410
    explanation = "What was at this address is gone for good."


class LengthRequired(ClientError):
    """411."""

    code = 411
    explanation = "The request must say how long its content is."


class PreconditionFailed(ClientError):
    """412."""

    code = 412
    explanation = "A condition of the request does not hold."


class RequestEntityTooLarge(ClientError, ValueError):
    """413."""

    code = 413
    explanation = "The content of the request is too large."


class RequestURITooLong(ClientError):
    """414."""

    code = 414
    explanation = "The address of the request is too long."


class UnsupportedMediaType(ClientError):
    """415."""

    code = 415
    explanation = "The resource does not take content of this type."


class RequestRangeNotSatisfiable(ClientError):
    """416."""

    code = 416
    explanation = "The resource does not have the range asked for."


class ExpectationFailed(ClientError):
    """417."""

    code = 417
    explanation = "The expectation of the request cannot be met."


class ImATeapot(ClientError):
    """418."""

    code = 418
    explanation = "The pot is short and stout; it does not brew coffee."


class MisdirectedRequest(ClientError):
    """421."""

    code = 421
    explanation = "This server does not answer for this address."


class UnprocessableEntity(ClientError):
    """422."""

    code = 422
    explanation = "The content of the request is well-formed, but wrong."

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        if errors:
            self.extensions["errors"] = list(errors)


class Locked(ClientError):
    """423."""

    code = 423
    explanation = "The resource is locked."


class FailedDependency(ClientError):
    """424."""

    code = 424
    explanation = "Another action, on which this one depends, has failed."


class TooEarly(ClientError):
    """425."""

    code = 425
    explanation = "The request may be a replay; send it again."


class UpgradeRequired(ClientError):
    """426."""

    code = 426
    explanation = "The resource needs another protocol."


class PreconditionRequired(ClientError):
    """428."""

    code = 428
    explanation = "The request must be conditional."


class TooManyRequests(ClientError):
    """429."""

    code = 429
    explanation = "Too many requests have come in too short a time."

    def __init__(
        self,
        retry_after: int | None = None,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        self.set_header("retry-after", retry_after)


class RequestHeaderFieldsTooLarge(ClientError):
    """431."""

    code = 431
    explanation = "The header of the request is too large."


class UnavailableForLegalReasons(ClientError):
    """451."""

    code = 451
    explanation = "The resource is not available for legal reasons."


class InternalServerError(ServerError):
    """500."""

    code = 500
    explanation = "The server has failed."


class NotImplemented(ServerError):
    """501."""

    code = 501
    explanation = "The server does not have this method."


class BadGateway(ServerError):
    """502."""

    code = 502
    explanation = "A server behind this one has failed."


class ServiceUnavailable(ServerError):
    """503."""

    code = 503
    explanation = "The server cannot answer now; try again later."

    def __init__(
        self,
        retry_after: int | None = None,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        self.set_header("retry-after", retry_after)


class GatewayTimeout(ServerError):
    """504."""

    code = 504
    explanation = "A server behind this one has not answered in time."


class VersionNotSupported(ServerError):
    """505."""

    code = 505
    explanation = "The server does not speak this version of HTTP."


class VariantAlsoNegotiates(ServerError):
    """506."""

    code = 506
    explanation = "The server is configured in a circle."


class InsufficientStorage(ServerError):
    """507."""

    code = 507
    explanation = "The server has no room to store this."


class LoopDetected(ServerError):
    """508."""

    code = 508
    explanation = "The request runs in a circle."


class NotExtended(ServerError):
    """510."""

    code = 510
    explanation = "The request lacks an extension that the server needs."


class NetworkAuthenticationRequired(ServerError):
    """511."""

    code = 511
    explanation = "The network needs credentials."


class MalformedBody(BadRequest, ValueError):
    """400: the content is not what its type says."""

    explanation = "The content of the request cannot be read."
