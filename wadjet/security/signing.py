"""Keys for each purpose, made of the application's secret; and what is signed with them for a client to keep."""

from __future__ import annotations

import hmac
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence

__all__ = ["Seal", "keys_for"]

_DIGEST_BYTES = 32
#: RFC 4648 §5, and back.
_URL_SAFE, _STANDARD = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
#: The most that can be missing; what is too much of it is passed over.
_PADDING = b"=="


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

    __slots__ = ("_keyed",)

    def __init__(self, purpose: str, secrets: str | Sequence[str]) -> None:
        #: HMACs of nothing yet.
        self._keyed = [hmac.new(key, digestmod="sha256") for key in keys_for(purpose, secrets)]

    def seal(self, data: bytes) -> str:
        """Return bytes and their signature as text of letters, digits, hyphens and underscores."""
        return _text(_digest(self._keyed[0], data) + data)

    def open(self, text: str) -> bytes | None:
        """Return the bytes of a text; None where it was not sealed here, for this."""
        try:
            sealed = a2b_base64(text.encode("ascii").translate(_STANDARD) + _PADDING)
        except ValueError:  # beyond ASCII, or no base64
            return None
        # SECURITY: the decoder passes over what is no base64, so that many texts would stand for the same bytes.
        if _text(sealed) != text:
            return None
        digest, data = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
        for keyed in self._keyed:
            if hmac.compare_digest(digest, _digest(keyed, data)):
                return data
        return None

    @staticmethod
    def length(size: int) -> int:
        """Return how long the text of so many bytes is."""
        return -(-(size + _DIGEST_BYTES) * 4 // 3)


def _digest(keyed: hmac.HMAC, data: bytes) -> bytes:
    # A copy has its key already, which takes as long as to digest what a cookie holds.
    copy = keyed.copy()
    copy.update(data)
    return copy.digest()


def _text(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_URL_SAFE, _PADDING).decode()
