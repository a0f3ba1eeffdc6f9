"""One class for each status that is worth raising, by its short name. ``wadjet.httpexceptions`` has Pyramid's spelling."""

from __future__ import annotations

from .clienterrors import (
    BadRequest,
    Conflict,
    ExpectationFailed,
    FailedDependency,
    Forbidden,
    Gone,
    ImATeapot,
    LengthRequired,
    Locked,
    MalformedBody,
    MethodNotAllowed,
    MisdirectedRequest,
    NotAcceptable,
    NotFound,
    PaymentRequired,
    PreconditionFailed,
    PreconditionRequired,
    ProxyAuthenticationRequired,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    RequestRangeNotSatisfiable,
    RequestTimeout,
    RequestURITooLong,
    TooEarly,
    TooManyRequests,
    Unauthorized,
    UnavailableForLegalReasons,
    UnprocessableEntity,
    UnsupportedMediaType,
    UpgradeRequired,
)
from .raising import ClientDisconnect, ClientError, Error, HTTPException, Redirection, ServerError, Success
from .servererrors import (
    BadGateway,
    GatewayTimeout,
    InsufficientStorage,
    InternalServerError,
    LoopDetected,
    NetworkAuthenticationRequired,
    NotExtended,
    NotImplemented,  # noqa: A004 - the status is called so
    ServiceUnavailable,
    VariantAlsoNegotiates,
    VersionNotSupported,
)

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
