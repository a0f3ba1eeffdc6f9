"""Keys for each purpose, made of the application's secret."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

__all__ = ["keys_for"]


def keys_for(purpose: str, secrets: str | Sequence[str]) -> tuple[bytes, ...]:
    """Return a key for each secret: what was signed for one purpose says nothing to another.

    Args:
        purpose: what is signed.
        secrets: one, or several: the first signs, all verify, so that a new one can take the place of an old one.
    """
    given = (secrets,) if isinstance(secrets, str) else tuple(secrets)
    return tuple(hmac.digest(secret.encode(), purpose.encode(), "sha256") for secret in given if secret)
