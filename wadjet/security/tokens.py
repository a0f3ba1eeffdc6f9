"""CSRF tokens as arithmetic: a signed cookie, and tokens that match it and nothing else. Chance is given, not taken."""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from .signing import keys_for

__all__ = ["LENGTH", "SALT_BYTES", "CsrfTokens"]

#: How many bytes of chance a cookie and a token each hold.
SALT_BYTES = 16
#: Characters of a cookie or a token: base64 of the salt and of an HMAC-SHA256.
LENGTH = 64


class CsrfTokens:
    """Makes and checks the values of a double submit.

    The cookie is signed, so that nobody makes one up, and bound to the session, so that nobody brings their own. A token is
    another signature, of the cookie and a salt: it differs each time it is shown, so that compression gives nothing of it away
    (CVE-2013-3587), and it shows nothing of the cookie.

    Args:
        secrets: see :func:`~wadjet.security.signing.keys_for`.
    """

    __slots__ = ("_cookie_keys", "_token_keys")

    def __init__(self, secrets: str | Sequence[str]) -> None:
        self._cookie_keys = keys_for("wadjet.csrf.cookie", secrets)
        self._token_keys = keys_for("wadjet.csrf.token", secrets)

    def cookie(self, session: str, salt: bytes) -> str:
        """Return a new cookie.

        Args:
            session: what tells the client's session from others; empty where there is none.
            salt: 16 random bytes.
        """
        return _signed(self._cookie_keys[0], salt, session)

    def is_cookie(self, value: str, session: str) -> bool:
        """Tell whether a cookie was made here, for this session."""
        return _is_signed(self._cookie_keys, value, session)

    def token(self, cookie: str, salt: bytes) -> str:
        """Return a token for a cookie.

        Args:
            cookie: of the client.
            salt: 16 random bytes.
        """
        return _signed(self._token_keys[0], salt, cookie)

    def matches(self, token: str, cookie: str) -> bool:
        """Tell whether a token belongs to a cookie; the cookie itself does, for scripts that read it."""
        if len(token) != LENGTH or not token.isascii():
            return False
        return hmac.compare_digest(token.encode(), cookie.encode()) or _is_signed(
            self._token_keys, token, cookie
        )


def _signed(key: bytes, salt: bytes, text: str) -> str:
    return urlsafe_b64encode(salt + hmac.digest(key, salt + text.encode(), "sha256")).decode()


def _is_signed(keys: Sequence[bytes], value: str, text: str) -> bool:
    # SECURITY: compare_digest and the decoder raise for text beyond ASCII.
    if len(value) != LENGTH or not value.isascii():
        return False
    try:
        salt = urlsafe_b64decode(value)[:SALT_BYTES]
    except binascii.Error:
        return False
    return any(hmac.compare_digest(value.encode(), _signed(key, salt, text).encode()) for key in keys)
