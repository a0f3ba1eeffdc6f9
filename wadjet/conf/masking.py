"""Masking: secrets are shown to nobody, neither in a log nor on a page. The one list of the names that they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any
from urllib.parse import unquote

__all__ = ["MASK", "PARTS", "hidden", "is_secret", "is_sensitive", "masked"]

MASK = "***"
#: What the name of a secret has in it; the underscore is any separator, or none.
PARTS = (
    *("access_key", "api_key", "authorization", "bearer", "card_number", "credential", "cvv", "iban"),
    *("passcode", "passphrase", "passwd", "password", "private_key", "pwd", "secret"),
    *("session_id", "session_key", "signature", "signing_key", "token"),
)
_PART = re.compile("|".join(part.replace("_", "") for part in PARTS))
#: The same, where it is a word of the name.
_WORDS = frozenset({"cvc", "dsn", "otp", "pass", "pin", "pw", "salt", "sid", "ssn"})
_KEYS = frozenset({"key", "keys"})
_SEPARATORS = re.compile(r"[_\-. ]+")
#: What has a secret in a request; settings of such names say how: ``CSRF_COOKIE_NAME``, ``JWT_LEEWAY``.
_CARRIER = re.compile("cookie|csrf|jwt|xauth|xsrf|^auth$")
#: ``stripe_key`` and ``stripeKey``, but neither ``key``, which is any loop's, nor ``monkey``.
_KEY = re.compile(r"[_\-. ][Kk][Ee][Yy][Ss]?$|[a-z]Keys?$")
_LONGEST_NAME = 200
_HARMLESS = (NoneType, bool, int, float)
#: RFC 3986 §3.2.1: the password of an address; the user may be left out.
_PASSWORD = re.compile(r"(://[^/?#@:\s]*:)([^/?#\s]*)@")


def is_sensitive(name: str) -> bool:
    """Tell whether a setting of this name, or a key within one, is a secret: ``SECRET_KEY``, ``db_password``."""
    return _is_named(name) or not _KEYS.isdisjoint(_words(name))


def is_secret(name: str) -> bool:
    """Tell whether what a request or a variable of this name holds is nobody's business: ``Cookie``, ``csrf_token``."""
    short = name[:_LONGEST_NAME]
    return _is_named(short) or _CARRIER.search(_plain(short)) is not None or _KEY.search(short) is not None


def _is_named(name: str) -> bool:
    return _PART.search(_plain(name)) is not None or not _WORDS.isdisjoint(_words(name))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _words(name: str) -> list[str]:
    return _SEPARATORS.split(name.lower())


def masked(name: str, value: object, *, is_secret: bool = False) -> object:
    """Return what may be shown of a value: stars for secrets and for passwords in addresses.

    Args:
        name: of the setting, the variable or the key.
        value: numbers, None and what is empty give nothing away.
        is_secret: it is one, whatever its name.
    """
    hides = is_secret or _says_so(name, value)
    if isinstance(value, Mapping):
        return {key: masked(str(key), each, is_secret=hides) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        items = [masked(name, each, is_secret=hides) for each in value]
        return items if isinstance(value, list) else tuple(items)
    if hides and value != "" and not isinstance(value, _HARMLESS):
        return MASK
    return _PASSWORD.sub(rf"\1{MASK}@", value) if isinstance(value, str) else value


def _says_so(name: str, value: object) -> bool:
    """Tell whether a name says that its value is a secret; or the value, which is JSON that nobody could read."""
    is_unread = isinstance(value, str) and value.lstrip().startswith(("{", "["))
    return is_sensitive(name) or (is_unread and is_sensitive(str(value)))


def hidden(value: Any, shown: Any) -> Iterator[str]:
    """Yield what is kept back of a value.

    Args:
        value: as it is.
        shown: what :func:`masked` has made of it: stars, or the same shape.
    """
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from hidden(each, shown[key])
    elif isinstance(value, (tuple, list)):
        for pair in zip(value, shown, strict=True):
            yield from hidden(*pair)
    elif isinstance(value, str) and value != shown:
        yield value
        if shown != MASK:
            passwords = [password for _, password in _PASSWORD.findall(value)]
            yield from (*passwords, *map(unquote, passwords))
