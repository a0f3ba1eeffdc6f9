"""Keys for each purpose, made of the application's secret; and what is signed with them for a client to keep."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

__all__ = ["Seal", "keys_for"]

_DIGEST_BYTES = 32


def keys_for(purpose: str, secrets: str | Sequence[str]) -> tuple[bytes, ...]:
    """Return a key for each secret: what was signed for one purpose says nothing to another.

    Args:
        purpose: what is signed.
        secrets: one, or several: the first signs, all verify, so that a new one can take the place of an old one.
    """
    given = (secrets,) if isinstance(secrets, str) else tuple(secrets)
    return tuple(hmac.digest(secret.encode(), purpose.encode(), "sha256") for secret in given if secret)


class Seal:
    """Signs bytes that a client keeps (HMAC-SHA256). It cannot change them; it can read them.

    Args:
        purpose: what is signed.
        secrets: see :func:`keys_for`; one at least.
    """

    __slots__ = ("_keys",)

    def __init__(self, purpose: str, secrets: str | Sequence[str]) -> None:
        self._keys = keys_for(purpose, secrets)

    def seal(self, data: bytes) -> str:
        """Return bytes and their signature as text of letters, digits, hyphens and underscores."""
        return _text(hmac.digest(self._keys[0], data, "sha256") + data)

    def open(self, text: str) -> bytes | None:
        """Return the bytes of a text; None where it was not sealed here, for this."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError:  # beyond ASCII, or no base64
            return None
        # SECURITY: the decoder passes over what is no base64, so that many texts would stand for the same bytes.
        if _text(sealed) != text:
            return None
        digest, data = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
        is_ours = any(hmac.compare_digest(digest, hmac.digest(key, data, "sha256")) for key in self._keys)
        return data if is_ours else None

    @staticmethod
    def length(size: int) -> int:
        """Return how long the text of so many bytes is."""
        return -(-(size + _DIGEST_BYTES) * 4 // 3)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
