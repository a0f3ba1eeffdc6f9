"""Cookies, in and out (RFC 6265bis). Pure: the clock is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from wadjet.http.dates import format_date, parse_date
from wadjet.http.parameters import ALPHANUMERIC, has_control, is_token

__all__ = ["cookie_field", "cookies_of", "format_cookie", "parse_cookies"]

#: SECURITY: browsers keep about 180 cookies a host; more is an attack or an accident.
MAX_PAIRS = 180
MAX_BYTES = 16 * 1024
#: Seconds, more than 300 years.
MAX_AGE = 10**10
#: RFC 6265bis §5.6: user agents drop what is larger.
MAX_COOKIE = 4096

_SAMESITE = {"lax": "Lax", "strict": "Strict", "none": "None"}
#: RFC 6265bis §4.1.1, cookie-octet: what needs no quotes; the percent sign only where there are no escapes.
_SAFE = ALPHANUMERIC + "!#$&'()*+-./:<=>?@[]^_`{|}~"
_OCTETS = _SAFE + "%"
_DOMAIN = ALPHANUMERIC + ".-"


def parse_cookies(header: str) -> list[tuple[str, str]]:
    """Split a Cookie field into pairs, in order (RFC 6265bis §5.8.3).

    Only semicolons separate, only SP and HTAB are stripped, double quotes around a value are dropped and
    nothing is unescaped. What has no name is passed over, so that it cannot pose as a cookie with one.

    Raises:
        ValueError: more than 180 cookies, or more than 16 KiB.
    """
    if len(header) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes of cookies")
    pairs: list[tuple[str, str]] = []
    for piece in header.split(";"):
        name, equals, value = piece.partition("=")
        name = name.strip(" \t")
        if equals and name:
            value = value.strip(" \t")
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1]
            pairs.append((name, value))
    if len(pairs) > MAX_PAIRS:
        raise ValueError(f"more than {MAX_PAIRS} cookies")
    return pairs


def cookies_of(headers: Iterable[str]) -> dict[str, str]:
    """Return the cookies of all Cookie fields by name, within the limits of `parse_cookies`.

    Of several cookies with one name the first counts: user agents send the one with the longest path first
    (RFC 6265bis §5.8.3), and what another host or path has tossed in comes after it.
    """
    cookies: dict[str, str] = {}
    # RFC 9113 §8.2.3: HTTP/2 may split the field; it is joined before it is read.
    for name, value in parse_cookies("; ".join(headers)):
        if name not in cookies:
            cookies[name] = value
    return cookies


def format_cookie(
    name: str,
    value: str = "",
    *,
    max_age: int | timedelta | None = None,
    expires: datetime | float | str | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | None = "lax",
    partitioned: bool = False,
    now: float | None = None,
) -> bytes:
    """Return the value of a Set-Cookie field (RFC 6265bis §4.1).

    Args:
        name: a token.
        value: text without semicolon and control characters. Spaces, commas, quotes and backslashes put it
            between double quotes, which `parse_cookies` drops; text beyond ASCII is percent-encoded, for
            ``decodeURIComponent`` or `urllib.parse.unquote` to read.
        max_age: seconds to live, or a timedelta; 0 or less deletes the cookie.
        expires: when it ends: a datetime (naive means UTC), Unix time, or an HTTP date.
        path: begins with a slash; None leaves it to the user agent.
        domain: the host and its subdomains; None means this host only.
        secure: only over https.
        httponly: not visible to scripts.
        samesite: ``lax``, ``strict``, ``none`` in any case, or None to leave it out.
        partitioned: a jar of its own under each top-level site (CHIPS).
        now: Unix time; with it ``max_age`` is also written as Expires, for old user agents.

    Raises:
        TypeError: a part is no text.
        ValueError: an invalid part; attributes at odds with each other or with the name's prefix; more than
            4096 bytes.
    """
    _check_texts(name=name, value=value, path=path, domain=domain, samesite=samesite)
    pieces = [f"{_name(name)}={_value(name, value)}", *_lifetime(max_age, expires, now)]
    if path is not None:
        pieces.append(f"Path={_path(path)}")
    if domain:
        pieces.append(f"Domain={_domain(domain)}")
    site = _samesite(samesite)
    _check_rules(name, path=path, domain=domain, secure=secure, site=site, partitioned=partitioned)
    flags = (
        (secure, "Secure"),
        (httponly, "HttpOnly"),
        (site, f"SameSite={site}"),
        (partitioned, "Partitioned"),
    )
    pieces += [text for present, text in flags if present]
    cookie = "; ".join(pieces).encode("ascii")
    if len(cookie) > MAX_COOKIE:
        raise ValueError(
            f"cookie {name!r:.60} has {len(cookie)} bytes; browsers drop cookies over {MAX_COOKIE}"
        )
    return cookie


def _check_texts(**parts: object) -> None:
    for part, given in parts.items():
        if not isinstance(given, str | None):
            raise TypeError(f"the {part} of a cookie is text, not {given!r:.60}")


def cookie_field(cookies: Mapping[str, str]) -> str:
    """Return what a client sends in its Cookie field (RFC 6265bis §4.2.1).

    Raises:
        ValueError: a name that is not a token; a value with a semicolon or a control character.
    """
    return "; ".join(f"{_name(name)}={_value(name, value)}" for name, value in cookies.items())


def _name(name: str) -> str:
    if not is_token(name):
        raise ValueError(
            f"cookie name {name!r:.60} is not a token; use letters, digits, hyphens and underscores"
        )
    return name


def _value(name: str, value: str) -> str:
    if ";" in value or has_control(value):
        raise ValueError(
            f"cookie {name!r}: a value has no semicolon and no control characters; percent-encode it"
        )
    if not value.strip(_OCTETS):
        return value
    return f'"{value}"' if value.isascii() else quote(value, safe=_SAFE)


def _lifetime(
    max_age: int | timedelta | None, expires: datetime | float | str | None, now: float | None
) -> list[str]:
    pieces = []
    if max_age is not None:
        seconds = _seconds(max_age)
        pieces.append(f"Max-Age={seconds}")
        if expires is None and (now is not None or not seconds):
            # RFC 6265bis §5.5: Max-Age wins where it is known; the epoch deletes where it is not.
            expires = (now or 0) + seconds if seconds else 0
    if isinstance(expires, str):
        expires = _moment(expires, now)
    if expires is not None:
        pieces.append(f"Expires={format_date(expires)}")
    return pieces


def _seconds(max_age: int | timedelta) -> int:
    seconds = int(max_age.total_seconds() if isinstance(max_age, timedelta) else max_age)
    if seconds > MAX_AGE:
        raise ValueError(f"max_age is at most {MAX_AGE} seconds; browsers cap it at 400 days")
    return max(seconds, 0)


def _moment(expires: str, now: float | None) -> datetime:
    moment = parse_date(expires, now=now)
    if moment is None:
        raise ValueError(f"expires={expires!r:.60} is not an HTTP date; give a datetime or Unix time")
    return moment


def _path(path: str) -> str:
    if not path.startswith("/") or ";" in path or has_control(path):
        raise ValueError(f"cookie path {path!r:.60} is refused; it begins with a slash and has no semicolon")
    return quote(path, safe="/%~!$&'()*+,=:@")


def _domain(domain: str) -> str:
    if domain.strip(_DOMAIN):
        raise ValueError(f"cookie domain {domain!r:.60} is not a host name in ASCII")
    return domain


def _samesite(samesite: str | None) -> str:
    if samesite is None:
        return ""
    try:
        return _SAMESITE[samesite.lower()]
    except KeyError:
        raise ValueError(f"samesite={samesite!r:.60} is none of lax, strict, none") from None


def _check_rules(
    name: str, *, path: str | None, domain: str | None, secure: bool, site: str, partitioned: bool
) -> None:
    # RFC 6265bis §4.1.3, §5.7: a user agent would drop the cookie without a word.
    prefix = name.lower()
    host = prefix.startswith("__host-")
    needs_secure = {
        "SameSite=None": site == "None",
        "Partitioned": partitioned,
        "the prefix __Secure-": prefix.startswith("__secure-"),
        "the prefix __Host-": host,
    }
    for what, present in needs_secure.items():
        if present and not secure:
            raise ValueError(f"cookie {name!r}: {what} needs secure=True")
    if host and (path != "/" or domain):
        raise ValueError(f"cookie {name!r}: the prefix __Host- needs path='/' and no domain")
