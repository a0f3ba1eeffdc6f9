"""Tokens, quoted strings and ``value; name=token; name="quoted"`` (RFC 9110 §5.6). Reading never raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

__all__ = [
    "ALPHANUMERIC",
    "format_pair",
    "format_parameters",
    "has_control",
    "is_token",
    "media_type",
    "parse_parameters",
    "quote",
    "split_list",
    "unquote",
]

#: RFC 5234 appendix B.1: ALPHA and DIGIT.
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: RFC 9110 §5.6.2.
_TOKEN = ALPHANUMERIC + "!#$%&'*+-.^_`|~"
_CONTROLS = frozenset(map(chr, [*range(32), 127]))


def is_token(text: str) -> bool:
    """Tell whether ``text`` is a token: visible ASCII characters that delimit nothing (RFC 9110 §5.6.2)."""
    return text != "" and not text.strip(_TOKEN)  # strip() stops at what is not allowed


def has_control(text: str) -> bool:
    """Tell whether ``text`` has a C0 control character or DEL, HTAB included."""
    # PERF: isprintable is the quicker answer for the usual text.
    return not (text.isascii() and text.isprintable()) and not _CONTROLS.isdisjoint(text)


def media_type(field: str) -> str:
    """Return the essence of a media type, ``type/subtype``, in lower case (RFC 9110 §8.3.1)."""
    return field.partition(";")[0].strip(" \t").lower()


def parse_parameters(field: str) -> tuple[str, dict[str, str]]:
    """Split ``value; name=token; name="quoted"`` into the value and its parameters (RFC 9110 §5.6.6).

    Names come out lower-case, values unquoted. Of parameters with one name the first counts, as in browsers
    (WHATWG MIME Sniffing §4.4); what is not a parameter is passed over.
    """
    value, semicolon, _ = field.partition(";")
    parameters: dict[str, str] = {}
    if not semicolon:
        return value.strip(" \t"), parameters
    position, end = len(value) + 1, len(field)
    while position < end:
        stop = field.find(";", position)
        stop = end if stop < 0 else stop
        equals = field.find("=", position, stop)
        if equals < 0:
            position = stop + 1
            continue
        name = field[position:equals].lstrip(" \t").lower()
        if quoted := _quoted_string().match(field, equals + 1):
            text = _unescape(quoted[1])
            stop = field.find(";", quoted.end())
            stop = end if stop < 0 else stop
        else:
            text = field[equals + 1 : stop].rstrip(" \t")
        if name not in parameters and is_token(name):
            parameters[name] = text
        position = stop + 1
    return value.strip(" \t"), parameters


def split_list(field: str) -> list[str]:
    """Return the members of a list field, without empty ones (RFC 9110 §5.6.1); a comma that is quoted divides nothing."""
    # PERF: most lists quote nothing.
    parts = field.split(",") if '"' not in field else _member().findall(field)
    return [member for part in parts if (member := part.strip(" \t"))]


@cache
def _member() -> re.Pattern[str]:
    # SECURITY: possessive, so that nothing is read twice.
    return re.compile(r'(?:[^",]++|"(?:[^"\\]++|\\.)*+"?)++', re.DOTALL)


@cache
def _quoted_string() -> re.Pattern[str]:
    # RFC 9110 §5.6.4. SECURITY: possessive, so that a string without its end costs one pass over the rest.
    return re.compile(r'"((?:[^"\\]++|\\.)*+)"?', re.DOTALL)


def unquote(text: str) -> str:
    """Return what a quoted string says; anything else as it is (RFC 9110 §5.6.4)."""
    quoted = _quoted_string().match(text)
    return _unescape(quoted[1]) if quoted else text


def _unescape(text: str) -> str:
    return re.sub(r"(?s)\\(.)", r"\1", text) if "\\" in text else text


def format_parameters(value: str, parameters: Mapping[str, str]) -> str:
    """Join a value and its parameters, quoting where a token does not suffice (RFC 9110 §5.6.6).

    Raises:
        ValueError: a name that is not a token, or a control character in a value.
    """
    return "; ".join([value, *(format_pair(*pair) for pair in parameters.items())])


def format_pair(name: str, text: str) -> str:
    """Write one parameter, quoted where a token does not suffice.

    Raises:
        ValueError: a name that is not a token, or a control character in a value.
    """
    if not is_token(name):
        raise ValueError(f"parameter name {name!r:.60} is not a token; use letters, digits and hyphens")
    if has_control(text):
        raise ValueError(f"parameter {name!r} has a control character in its value; remove or encode it")
    return f"{name}={text if is_token(text) else quote(text)}"


def quote(text: str) -> str:
    """Return a quoted string that says ``text`` (RFC 9110 §5.6.4); it has no control character."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
