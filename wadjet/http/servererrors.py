"""5xx: one class for each status."""

from __future__ import annotations

from typing import Unpack

from .fieldvalues import Delay
from .outgoing import Fields
from .raising import Attributes, ServerError

__all__ = [
    "BadGateway",
    "GatewayTimeout",
    "InsufficientStorage",
    "InternalServerError",
    "LoopDetected",
    "NetworkAuthenticationRequired",
    "NotExtended",
    "NotImplemented",
    "ServiceUnavailable",
    "VariantAlsoNegotiates",
    "VersionNotSupported",
]


class InternalServerError(ServerError):
    """500."""

    code = 500
    explanation = "The server has failed."


class NotImplemented(ServerError):  # noqa: A001 - the status is called so
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
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        *,
        retry_after: Delay | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(detail, headers, comment, **attributes)
        if retry_after is not None and "retry-after" not in self.headers:
            self.retry_after = retry_after


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
