"""Opaque tokens and API keys: only their digests are kept, so who reads the store has none of them."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import time
from abc import abstractmethod
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from ..concurrency import is_async
from ..errors import ConfigError
from ..http.authorization import Challenge
from ..http.exceptions import AuthenticationFailed, TokenExpired
from ..http.parameters import is_token
from ..http.request import Request
from .identity import Authentication, Found, credentials_in, sole_field
from .users import Maybe, settled

__all__ = [
    "APIKeyAuthentication",
    "KeptToken",
    "MemoryTokens",
    "TokenAuthentication",
    "TokenSource",
    "digest_of",
    "new_token",
]

#: SECURITY: more is not looked at.
_MOST_BYTES = 1024
#: How many fields are remembered, in this process alone, with the digests of their tokens.
_MOST_DIGESTS = 1024
_REFUSED = "The token is not known."


@dataclasses.dataclass(frozen=True, slots=True)
class KeptToken:
    """What is kept of a token.

    Args:
        user: whose it is.
        expires: in seconds since the epoch; None for never.
        scopes: what it is good for.
    """

    user: Any
    expires: float | None = None
    scopes: frozenset[str] = frozenset()


class TokenSource(Protocol):
    """What knows tokens by their digests; the method may be ``async def``, or not."""

    def find(self, digest: str, /) -> Maybe[KeptToken]:
        """Return what is kept of the token with this digest; None where it is not known, or no more."""


def new_token() -> tuple[str, str]:
    """Return a token of 256 random bits, to be shown once, and its digest, to be kept."""
    token = secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """Return the digest of a token: SHA-256, in hexadecimal. No salt and no slow hash: what is random cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


class MemoryTokens:
    """Tokens that are known as long as this process runs."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptToken] = {}

    def issue(self, user: Any, *, expires: float | None = None, scopes: frozenset[str] = frozenset()) -> str:
        """Make a token for a user, and return it: it is kept nowhere.

        Args:
            user: whose it is.
            expires: in seconds since the epoch.
            scopes: what it is good for.
        """
        token, digest = new_token()
        self._kept[digest] = KeptToken(user, expires, scopes)
        return token

    def put(self, digest: str, kept: KeptToken) -> None:
        """Know a token by its digest."""
        self._kept[digest] = kept

    def revoke(self, token: str) -> None:
        """Let a token be good no more."""
        self._kept.pop(digest_of(token), None)

    def find(self, digest: str, /) -> KeptToken | None:
        """Return what is kept of the token with this digest."""
        # SECURITY: how long it takes tells of digests, and not of tokens.
        return self._kept.get(digest)


class _ByDigest(Authentication):
    """Looks a secret up by its digest."""

    kind: str
    #: Where the secret stands, and how a client is told of that.
    _field: bytes
    _header: str

    def __init__(self, tokens: TokenSource, realm: str | None) -> None:
        self._tokens = tokens
        #: PERF(bench: inproc_token): the digests of fields that were good. Whether one still is, is asked each time.
        self._digests: dict[bytes, str] = {}
        self._waits = is_async(tokens.find)
        self._told = {} if realm is None else {"realm": realm}

    @property
    def waits(self) -> bool:
        """Whether the source has to be awaited."""
        return self._waits

    def must_wait(self, request: Request) -> bool:
        """Tell whether the field is there."""
        return request.header(self._field) is not None

    @abstractmethod
    def _secret(self, field: bytes) -> str | None:
        """Return the secret in a field; None where it has none of this kind."""

    def authenticate(self, request: Request) -> Found | Awaitable[Found]:
        """Look up whose the token is."""
        field = sole_field(request, self._field, self._header)
        if field is None:
            return None
        digest = self._digests.get(field) or self._digest(field)
        if digest is None:
            return None
        kept = self._tokens.find(digest)
        if isinstance(kept, KeptToken) or kept is None:
            return self._identity(kept, field, digest)
        return self._late(kept, field, digest)

    def _digest(self, field: bytes) -> str | None:
        secret = self._secret(field)
        if secret is None:
            return None
        if len(secret) > _MOST_BYTES:
            raise AuthenticationFailed(_REFUSED)
        return digest_of(secret)

    async def _late(self, pending: Awaitable[KeptToken | None], field: bytes, digest: str) -> Found:
        return self._identity(await settled(pending), field, digest)

    def _identity(self, kept: KeptToken | None, field: bytes, digest: str) -> Found:
        if kept is None:
            self._digests.pop(field, None)
            raise AuthenticationFailed(_REFUSED)
        if kept.expires is not None and kept.expires <= time.time():
            raise TokenExpired
        user = kept.user
        if not getattr(user, "is_active", True):  # PERF(bench: inproc_token): is_active(), written out
            raise AuthenticationFailed(_REFUSED)
        if field not in self._digests:
            self._remember(field, digest)
        return user, {"type": self.kind, "scopes": kept.scopes}

    def _remember(self, field: bytes, digest: str) -> None:
        # SECURITY: of good tokens only, so that nobody fills it, or drives others out, with what is none.
        if len(self._digests) >= _MOST_DIGESTS:
            self._digests.clear()
        self._digests[field] = digest


class TokenAuthentication(_ByDigest):
    """Opaque tokens: ``Authorization: Bearer <token>`` (RFC 6750), or under another scheme.

    Args:
        tokens: what knows them.
        scheme: in any case.
        realm: what they are for.

    Raises:
        ConfigError: a scheme that is no word.
    """

    name = "token"
    kind = "token"
    _field = b"authorization"
    _header = "Authorization"

    def __init__(self, tokens: TokenSource, *, scheme: str = "Bearer", realm: str | None = None) -> None:
        super().__init__(tokens, realm)
        if not is_token(scheme):
            raise ConfigError(f"scheme={scheme!r} is no scheme; write a word, as 'Bearer'")
        self._title, self._scheme = scheme, scheme.lower()

    def _secret(self, field: bytes) -> str | None:
        return credentials_in(field, self._scheme)

    def challenge(self) -> Challenge:
        """Return the challenge of the scheme."""
        return Challenge(self._title, self._told)

    def scheme(self) -> Mapping[str, Any]:
        """Return the scheme ``http``."""
        return {"type": "http", "scheme": self._scheme}


class APIKeyAuthentication(_ByDigest):
    """API keys in a field of their own; never in the query, which stands in logs (RFC 9700 §2.6).

    Args:
        keys: what knows them.
        header: the field.
        realm: what they are for.

    Raises:
        ConfigError: a field name that is none.
    """

    name = "apikey"
    kind = "apikey"

    def __init__(self, keys: TokenSource, *, header: str = "X-API-Key", realm: str | None = None) -> None:
        super().__init__(keys, realm)
        if not is_token(header):
            raise ConfigError(f"header={header!r} is no field; write a name, as 'X-API-Key'")
        self._header, self._field = header, header.lower().encode()
        self.vary = () if self._field == b"authorization" else (header,)

    def _secret(self, field: bytes) -> str | None:
        return field.decode("latin-1")

    def challenge(self) -> Challenge:
        """Return a challenge that names the field."""
        return Challenge("ApiKey", {**self._told, "header": self._header})

    def scheme(self) -> Mapping[str, Any]:
        """Return the scheme ``apiKey``."""
        return {"type": "apiKey", "in": "header", "name": self._header}
