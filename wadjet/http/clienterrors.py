"""4xx: one class for each status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .fieldvalues import Delay, Words
from .outgoing import Fields
from .raising import Attributes, ClientError

__all__ = [
    "AuthenticationFailed",
    "BadRequest",
    "Conflict",
    "ExpectationFailed",
    "FailedDependency",
    "Forbidden",
    "Gone",
    "ImATeapot",
    "LengthRequired",
    "Locked",
    "MalformedBody",
    "MethodNotAllowed",
    "MisdirectedRequest",
    "NotAcceptable",
    "NotFound",
    "PaymentRequired",
    "PermissionDenied",
    "PreconditionFailed",
    "PreconditionRequired",
    "ProxyAuthenticationRequired",
    "RequestEntityTooLarge",
    "RequestHeaderFieldsTooLarge",
    "RequestRangeNotSatisfiable",
    "RequestTimeout",
    "RequestURITooLong",
    "TokenExpired",
    "TooEarly",
    "TooManyRequests",
    "Unauthorized",
    "UnavailableForLegalReasons",
    "UnprocessableEntity",
    "UnsupportedMediaType",
    "UpgradeRequired",
    "ValidationError",
]


class BadRequest(ClientError):
    """400."""

    code = 400
    explanation = "The request is malformed."


class Unauthorized(ClientError):
    """401."""

    code = 401
    explanation = "The request needs credentials, or has some that are not accepted."


class PaymentRequired(ClientError):
    """402."""

    code = 402
    explanation = "Payment is required."


class Forbidden(ClientError):
    """403."""

    code = 403
    explanation = "Access to this resource is not allowed."

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        *,
        result: object = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        #: What a security policy has said (Pyramid); the client is not told.
        self.result = result


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
        allowed: Words = (),
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        if "allow" not in self.headers:  # RFC 9110 §15.5.6
            self.allow = allowed


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
        retry_after: Delay | None = None,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        if retry_after is not None and "retry-after" not in self.headers:
            self.retry_after = retry_after


class RequestHeaderFieldsTooLarge(ClientError):
    """431."""

    code = 431
    explanation = "The header of the request is too large."


class UnavailableForLegalReasons(ClientError):
    """451."""

    code = 451
    explanation = "The resource is not available for legal reasons."


class PermissionDenied(Forbidden):
    """403: whoever asks is known, and may not (OpenViper)."""

    explanation = "Permission denied."


class AuthenticationFailed(Unauthorized):
    """401: the credentials are wrong (OpenViper)."""

    explanation = "The credentials are not accepted."


class TokenExpired(AuthenticationFailed):
    """401: the token was good once (OpenViper)."""

    explanation = "The token has expired."


class ValidationError(UnprocessableEntity):
    """422 with the errors first (OpenViper).

    Args:
        errors: anything that JSON can say; a list of problems is shown to people as well.
        detail: as :class:`ClientError`.
        headers: as :class:`ClientError`.
        comment: as :class:`ClientError`.
        **attributes: as :class:`ClientError`.
    """

    def __init__(
        self,
        errors: object,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        self.validation_errors = errors
        self.extensions["errors"] = errors


class MalformedBody(BadRequest, ValueError):
    """400: the content is not what its type says."""

    explanation = "The content of the request cannot be read."
