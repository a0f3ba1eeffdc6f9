"""How conversations end: codes and reasons (RFC 6455 §7.4), and the exceptions that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from ..http.exceptions import ClientDisconnect
from ..media.codecs import Problem

__all__ = [
    "CloseCode",
    "InvalidMessage",
    "WebSocketDisconnect",
    "WebSocketException",
    "check_code",
    "cut_reason",
]

#: RFC 6455 §5.5: a control frame has at most 125 bytes, two of which are the code.
_MOST_REASON_BYTES = 123


class CloseCode(IntEnum):
    """The codes of RFC 6455 §7.4.1 and of IANA's registry that an application meets."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    #: Never sent: the other end has closed without a code.
    NO_STATUS = 1005
    #: Never sent: the connection has ended without a word.
    ABNORMAL = 1006
    INVALID_DATA = 1007
    POLICY_VIOLATION = 1008
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013


_SENDABLE = frozenset({*range(1000, 1015)} - {1004, 1005, 1006, 1010})


def check_code(code: int) -> int:
    """Return a code that a server may send.

    Args:
        code: 1000-1014 but those that are reserved, 3000-3999 for libraries, 4000-4999 for applications.

    Raises:
        ValueError: any other.
    """
    if code in _SENDABLE or 3000 <= code <= 4999:
        return int(code)
    raise ValueError(
        f"code={code!r} is none that may be sent (RFC 6455 §7.4); applications have 4000 to 4999"
    )


def cut_reason(reason: str) -> str:
    """Return as much of a reason as fits in the frame, whole characters only (RFC 6455 §5.5)."""
    text = reason.encode("utf-8", "replace")
    return text[:_MOST_REASON_BYTES].decode("utf-8", "ignore")


class WebSocketDisconnect(ClientDisconnect):
    """The conversation is over: there is nothing more to receive, and nobody to send to.

    Args:
        code: what the end was called; 1005 for nothing, 1006 where the connection was lost.
        reason: in the other end's words.
    """

    def __init__(self, code: int = CloseCode.NO_STATUS, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code} {self.reason}".rstrip()


class WebSocketException(Exception):
    """Ends the conversation when a handler raises it; before the handshake is accepted, it is refused with 403.

    Args:
        code: as :func:`check_code` takes it.
        reason: for the other end; what does not fit is cut off.

    Raises:
        ValueError: a code that may not be sent.
    """

    def __init__(self, code: int = CloseCode.POLICY_VIOLATION, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = check_code(code)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code} {self.reason}".rstrip()


class InvalidMessage(WebSocketException):
    """A message that is not what was asked for; the conversation can go on if a handler catches it.

    Args:
        code: 1003 for text where bytes were asked for, or the other way round; 1007 for what is no JSON; 1008 for JSON that is
            not of the type.
        reason: what is wrong, for the other end.
        problems: of JSON that is not of the type, where and what; the message itself is not repeated.
    """

    def __init__(self, code: int, reason: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(code, reason)
        self.problems = list(problems)
