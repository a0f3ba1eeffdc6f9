"""Status codes: their names and what they may carry. Tables, and one check."""

from __future__ import annotations

__all__ = ["NO_CONTENT", "REASONS", "check_status", "reason"]

#: The IANA registry of HTTP status codes, with the names of RFC 9110 §15 where it has them.
REASONS: dict[int, str] = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    104: "Upload Resumption Supported",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    208: "Already Reported",
    226: "IM Used",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Required",
}

#: RFC 9110 §15: the class of a code that has no name of its own.
CLASSES: dict[int, str] = {
    1: "Informational",
    2: "Success",
    3: "Redirection",
    4: "Client Error",
    5: "Server Error",
}

#: RFC 9110 §6.4.1, §15.3.6: responses with these codes have no content.
NO_CONTENT: frozenset[int] = frozenset({*range(100, 200), 204, 205, 304})


def reason(code: int) -> str:
    """Return the reason phrase of ``code``, or the name of its class if it has none (RFC 9110 §15)."""
    return REASONS.get(code) or CLASSES.get(code // 100, "Unknown")


def check_status(code: object) -> int:
    """Return ``code`` as a plain int between 100 and 599 (RFC 9110 §15).

    Args:
        code: an int or a member of an IntEnum; a bool is not a status.

    Raises:
        ValueError: anything else.
    """
    if isinstance(code, int) and not isinstance(code, bool) and 100 <= code <= 599:
        return int(code)
    raise ValueError(f"a status code is an int from 100 to 599, not {code!r:.60}")
