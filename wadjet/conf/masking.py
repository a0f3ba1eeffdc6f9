"""Masking: secrets are shown to nobody, neither in a log nor on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import NoneType

__all__ = ["MASK", "is_sensitive", "masked"]

MASK = "***"
#: What a name says that belongs to a secret.
_SENSITIVE = re.compile(
    r"SECRET|PASSW|PASSPHRASE|TOKEN|CREDENTIAL|PRIVATE|SIGNATURE|SESSIONID|AUTHORIZATION|COOKIE_VALUE|(?:^|[_-])(?:API)?KEYS?(?:[_-]|$)|(?:^|[_-])(?:DSN|PIN|OTP|SALT|PWD)(?:[_-]|$)",
    re.IGNORECASE,
)
_HARMLESS = (NoneType, bool, int, float)
#: RFC 3986 §3.2.1: the password of an address; the user may be left out.
_PASSWORD = re.compile(r"(://[^/?#@:\s]*:)[^/?#\s]*@")


def is_sensitive(name: str) -> bool:
    """Tell whether a name says that its value is a secret: ``SECRET_KEY``, ``db_password``."""
    return _SENSITIVE.search(name) is not None


def masked(name: str, value: object, *, is_secret: bool = False) -> object:
    """Return what may be shown of a value: stars for secrets and for passwords in addresses.

    Args:
        name: of the setting, the variable or the key.
        value: numbers, None and what is empty give nothing away.
        is_secret: it is one, whatever its name.
    """
    hides = is_secret or is_sensitive(name)
    if isinstance(value, Mapping):
        return {key: masked(str(key), each, is_secret=hides) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        items = [masked(name, each, is_secret=hides) for each in value]
        return items if isinstance(value, list) else tuple(items)
    if hides and value != "" and not isinstance(value, _HARMLESS):
        return MASK
    return _PASSWORD.sub(rf"\1{MASK}@", value) if isinstance(value, str) else value
