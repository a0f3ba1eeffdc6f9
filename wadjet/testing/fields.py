"""The rules of header fields: names, values, and what a response may have. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..types import RawHeaders
from .faults import require

__all__ = ["check_request_headers", "check_response_headers"]

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
FIELD_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
FIELD_VALUE = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
REQUEST_VALUE = re.compile(rb"[^\r\n\0]*")
COOKIE = re.compile(rb'(%s)=(?:[!#-+\--:<-\[\]-~]*|"[!#-+\--:<-\[\]-~]*")' % TOKEN)

#: Fields that a response has at most once.
SINGLE = frozenset(
    b"access-control-allow-origin age content-length content-location content-range content-type date etag "
    b"expires last-modified location retry-after server strict-transport-security".split()
)


def check_request_headers(headers: Iterable[Any]) -> None:
    """Check the fields that a server gives.

    Raises:
        LintError: A name is not lower-case, or a value could end the field.
    """
    for name, value in _pairs(headers):
        _check_field(name, value, REQUEST_VALUE, "a request header's value must be bytes without CR, LF, NUL")


def check_response_headers(headers: Iterable[Any], status: int) -> RawHeaders:
    """Check the fields of a response with `status`, and give them as a list.

    Raises:
        LintError: A field breaks RFC 9110, RFC 6265, or is one that ASGI leaves to the server.
    """
    fields = list(_pairs(headers))
    for name, value in fields:
        demand = "a header's value must be bytes without control characters or white space around them"
        _check_field(name, value, FIELD_VALUE, demand)
        if name == b"content-length":
            _check_length(value, status)
        elif name == b"set-cookie":
            _check_cookie(value)
    counts = Counter(name for name, _ in fields)
    for name in SINGLE & counts.keys():
        require(counts[name] == 1, f"{name.decode()} must stand once", fields, "RFC 9110 §5.3")
    is_framed = b"transfer-encoding" in counts
    require(not is_framed, "transfer-encoding is the server's to send", fields, "ASGI, Response Start")
    return fields


def _pairs(headers: Iterable[Any]) -> Iterable[tuple[bytes, bytes]]:
    for pair in headers:
        is_pair = isinstance(pair, list | tuple) and len(pair) == 2
        require(is_pair, "a header must be a name and a value", pair, "ASGI, headers")
        yield pair[0], pair[1]


def _check_field(name: Any, value: Any, form: re.Pattern[bytes], demand: str) -> None:
    is_named = isinstance(name, bytes) and FIELD_NAME.fullmatch(name)
    require(is_named, "a header's name must be a token in lower-case bytes", name, "RFC 9110 §5.1; ASGI")
    is_valid = isinstance(value, bytes) and form.fullmatch(value)
    require(is_valid, demand, value, f"the header {name.decode()}; RFC 9110 §5.5")


def _check_length(value: bytes, status: int) -> None:
    require(value.isdigit(), "content-length must be digits", value, "RFC 9110 §8.6")
    may_have = status >= 200 and status != 204
    require(may_have, f"a {status} must have no content-length", value, "RFC 9110 §8.6")
    require(status != 205 or int(value) == 0, "a 205 must have no content", value, "RFC 9110 §15.3.6")


def _check_cookie(value: bytes) -> None:
    pair, *attributes = value.split(b";")
    match = COOKIE.fullmatch(pair)
    demand = "set-cookie must begin with name=value, without white space, quote, comma or backslash"
    require(match, demand, value, "RFC 6265 §4.1.1")
    assert match is not None
    name = match[1].lower()
    split = (attribute.partition(b"=") for attribute in attributes)
    given = {key.strip().lower(): text.strip() for key, _, text in split}
    is_cross_site = given.get(b"samesite", b"").lower() == b"none"
    is_secure = b"secure" in given or not (is_cross_site or name.startswith((b"__secure-", b"__host-")))
    demand = "a cookie with SameSite=None, __Secure- or __Host- must be Secure"
    require(is_secure, demand, value, "RFC 6265bis §5.7")
    is_host_only = given.get(b"path") == b"/" and b"domain" not in given
    is_honest = is_host_only or not name.startswith(b"__host-")
    require(is_honest, "a __Host- cookie must have Path=/ and no Domain", value, "RFC 6265bis §4.1.3.2")
    max_age = given.get(b"max-age", b"0")
    is_integer = re.fullmatch(rb"-?[0-9]+", max_age)
    require(is_integer, "a cookie's Max-Age must be an integer", value, "RFC 6265 §5.2.2")
