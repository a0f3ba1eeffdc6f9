"""JSON Web Tokens (RFC 7519, RFC 8725): made, read, renewed, revoked. PyJWT checks signatures; what they say is checked here."""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Self, TypeAlias

from ..concurrency import is_async
from ..conf.settings import Settings
from ..http.authorization import Challenge
from ..http.exceptions import AuthenticationFailed, TokenExpired
from ..http.request import Request
from ..media.json import dumps, loads
from .accounts import Accounts
from .identity import Authentication, Found, Identity, credentials
from .jwtkeys import JWTKey, by_kid, derived_keys, library
from .revoked import Revoked
from .users import UserSource, is_active, settled

__all__ = ["Claims", "ClaimsUser", "JWTAuthentication", "JWTs"]

Claims: TypeAlias = dict[str, Any]

#: SECURITY: more is not looked at; it would not fit into most servers' fields either.
_MOST_BYTES = 8192
#: RFC 7515 §7.1: three parts of base64url without padding.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
#: How many headers are remembered; each key of ours has one.
_MOST_HEADERS = 64
_ACCESS, _REFRESH = "access", "refresh"
_REFUSED = "The token is not valid."


class JWTs:
    """Makes and reads tokens of one issuer for one audience.

    Args:
        keys: the first signs, all verify, each by its ``kid``; so a new one can take the place of an old one.
        audience: whom the tokens are for; a token for somebody else, or for nobody, is refused (RFC 8725 §3.9).
        issuer: who makes them; a token of somebody else is refused. None asks for none.
        leeway: seconds by which clocks may differ.
        access_lifetime: of what is sent with requests.
        refresh_lifetime: of what only makes new ones.
        revoked: what knows of tokens that are good no more; None where none are revoked.
        clock: gives seconds since the epoch.

    Raises:
        ConfigError: no key, or two by one name.
    """

    def __init__(
        self,
        keys: Iterable[JWTKey],
        *,
        audience: str,
        issuer: str | None = None,
        leeway: float = 0,
        access_lifetime: timedelta = timedelta(minutes=30),
        refresh_lifetime: timedelta = timedelta(days=7),
        revoked: Revoked | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = by_kid(keys)
        self._signing = next(iter(self._keys.values()))
        self._audience, self._issuer, self._leeway = audience, issuer, leeway
        self._lifetimes = {_ACCESS: access_lifetime, _REFRESH: refresh_lifetime}
        self.revoked = revoked
        self._clock = clock
        self._jws = library().PyJWS(algorithms=sorted({key.algorithm for key in self._keys.values()}))
        self._mistakes = library().PyJWTError
        #: The key of each header that was signed with it.
        self._headers: dict[str, JWTKey] = {}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Make one of the settings ``JWT_…``, with keys made of ``SECRET_KEY``.

        Raises:
            ConfigError: there is no secret, or an algorithm whose keys are no secrets.
        """
        return cls(
            derived_keys(settings.SECRET_KEY, settings.JWT_ALGORITHM),
            audience=settings.JWT_AUDIENCE,
            issuer=settings.JWT_ISSUER,
            leeway=settings.JWT_LEEWAY,
            access_lifetime=timedelta(seconds=settings.JWT_ACCESS_TOKEN_EXPIRE),
            refresh_lifetime=timedelta(seconds=settings.JWT_REFRESH_TOKEN_EXPIRE),
        )

    # -- making -------------------------------------------------------------------------------------------------------------

    def issue(self, subject: str, *, lifetime: timedelta | None = None, **claims: Any) -> str:
        """Return a token that is sent with requests.

        Args:
            subject: who it speaks of, as ``user.id``; it becomes text.
            lifetime: instead of the usual one.
            **claims: what else it says. Whoever holds it can read that.

        Raises:
            ValueError: a claim that is made here, or the first key cannot sign.
        """
        return self._issued(_ACCESS, subject, lifetime, claims)

    def pair(self, subject: str, **claims: Any) -> tuple[str, str]:
        """Return a token that is sent with requests, and one that makes new ones."""
        return self._issued(_ACCESS, subject, None, claims), self._issued(_REFRESH, subject, None, claims)

    def _issued(self, use: str, subject: object, lifetime: timedelta | None, claims: Claims) -> str:
        now = int(self._clock())
        seconds = (self._lifetimes[use] if lifetime is None else lifetime).total_seconds()
        own: Claims = {
            "sub": str(subject),
            "aud": self._audience,
            "iat": now,
            "exp": now + math.ceil(seconds),
            "jti": secrets.token_urlsafe(16),
            "token_use": use,
        }
        if self._issuer is not None:
            own["iss"] = self._issuer
        taken = sorted(own.keys() & claims.keys())
        if taken or self._signing.signing is None:
            raise ValueError(
                f"the claim {taken[0]!r} is made here"
                if taken
                else f"{self._signing!r} cannot sign: it is the public half"
            )
        signed: str = self._jws.encode(
            dumps({**claims, **own}),
            self._signing.signing,
            self._signing.algorithm,
            {"kid": self._signing.kid},
        )
        return signed

    # -- reading ------------------------------------------------------------------------------------------------------------

    def read(self, token: str, use: str = _ACCESS) -> Claims:
        """Return what a token says, if it is one of these, now. Whether it is revoked is not asked.

        Args:
            token: as it was sent.
            use: ``access``, or ``refresh``: one is not good for the other.

        Raises:
            AuthenticationFailed: it is not good.
            TokenExpired: it was.
        """
        claims = self._verified(token)
        now = self._clock()
        ends, begins = _moment(claims, "exp"), _moment(claims, "nbf")
        is_known = isinstance(claims.get("sub"), str) and isinstance(claims.get("jti", ""), str)
        if (
            ends is None
            or not is_known
            or claims.get("token_use", _ACCESS) != use
            or not self._is_ours(claims)
        ):
            raise AuthenticationFailed(_REFUSED)
        if begins is not None and begins > now + self._leeway:
            raise AuthenticationFailed(_REFUSED)
        if ends <= now - self._leeway:
            raise TokenExpired
        return claims

    def _is_ours(self, claims: Claims) -> bool:
        """Tell whether it is of this issuer, for this audience."""
        audience = claims.get("aud")
        is_for_us = self._audience in (audience if isinstance(audience, list) else [audience])
        return is_for_us and self._issuer in (None, claims.get("iss"))

    def _verified(self, token: str) -> Claims:
        """Return what a token says, if its signature is good."""
        if len(token) > _MOST_BYTES or not _COMPACT.fullmatch(token):
            raise AuthenticationFailed(_REFUSED)
        header = token.partition(".")[0]
        try:
            # PERF(bench: inproc_stack_jwt): the tokens of one key have one header, so it is read once.
            key = self._headers.get(header)
            if key is not None:
                claims = loads(_signed(token, key))
            else:
                key = self._key(self._jws.get_unverified_header(token))
                claims = loads(self._jws.decode_complete(token, key.verifying, [key.algorithm])["payload"])
        except (self._mistakes, ValueError, RecursionError) as error:  # PyJWT before 2.14 reads any nesting
            raise AuthenticationFailed(_REFUSED) from error
        if not isinstance(claims, dict):
            raise AuthenticationFailed(_REFUSED)
        if len(self._headers) < _MOST_HEADERS:
            self._headers[header] = key  # signed, so nobody else fills it
        return claims

    def _key(self, header: Mapping[str, Any]) -> JWTKey:
        # RFC 7515 §4.1.11: what has to be understood and is not.
        if "crit" in header or "b64" in header:
            raise AuthenticationFailed(_REFUSED)
        # SECURITY: a name is looked up among ours, and nowhere else (RFC 8725 §3.10).
        kid = header.get("kid")
        found = self._keys.get(kid) if isinstance(kid, str) else None
        if kid is None and len(self._keys) == 1:
            found = self._signing  # RFC 7515 §4.1.4: it may be missing, where there is no doubt
        if found is None:
            raise AuthenticationFailed(_REFUSED)
        return found

    # -- renewing and revoking ----------------------------------------------------------------------------------------------

    async def check_revoked(self, claims: Claims) -> None:
        """Refuse what a token says if it is revoked.

        Raises:
            AuthenticationFailed: it is.
        """
        if self.revoked is not None and await settled(self.revoked.has(_identifier(claims))):
            raise AuthenticationFailed(_REFUSED)

    async def renew(self, token: str, **claims: Any) -> tuple[str, str]:
        """Return a new pair for a token that makes new ones; it is good once, where tokens are revoked.

        Args:
            token: the second of a pair.
            **claims: what the new ones say.

        Raises:
            AuthenticationFailed: it is not good, or was used before.
            TokenExpired: it was good.
        """
        said = self.read(token, _REFRESH)
        if self.revoked is not None and not await self._revoke(said):
            raise AuthenticationFailed(_REFUSED)
        return self.pair(said["sub"], **claims)

    async def revoke(self, token: str, use: str = _ACCESS) -> None:
        """Let a token be good no more; one that is no good changes nothing.

        Raises:
            ValueError: there is nothing that knows of revoked tokens.
        """
        if self.revoked is None:
            raise ValueError(
                "no token can be revoked: give JWTs(revoked=MemoryRevoked()), or StoreRevoked(store)"
            )
        try:
            claims = self.read(token, use)
        except AuthenticationFailed:
            return
        await self._revoke(claims)

    async def _revoke(self, claims: Claims) -> bool:
        assert self.revoked is not None
        until = claims["exp"] + self._leeway
        return bool(await settled(self.revoked.add(_identifier(claims), until)))


def _signed(token: str, key: JWTKey) -> bytes:
    """Return what a token of a header that is known says, if its signature is good: what PyJWT does of such a token.

    Raises:
        ValueError: it is not (RFC 7515 §5.2).
    """
    signed, _, signature = token.encode().rpartition(b".")
    if not key.rule.verify(signed, key.verifying, _decoded(signature)):
        raise ValueError("the signature is another one")
    return _decoded(signed.partition(b".")[2])


def _decoded(part: bytes) -> bytes:
    """Return what stands in base64url; ValueError where the same could be written in another way."""
    decoded = urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    if urlsafe_b64encode(decoded).rstrip(b"=") != part:
        raise ValueError("bits that mean nothing are set")
    return decoded


class ClaimsUser:
    """A user that is known by nothing but a token.

    Args:
        claims: what the token says.
    """

    __slots__ = ("claims", "id")
    is_authenticated = True

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.id: str = claims["sub"]

    @property
    def roles(self) -> frozenset[str]:
        """What the claim ``roles`` lists."""
        return frozenset(each for each in _listed(self.claims.get("roles")) if isinstance(each, str))

    def has_perm(self, name: str) -> bool:
        """Tell whether the claim ``permissions`` lists a permission."""
        return name in _listed(self.claims.get("permissions"))

    def __repr__(self) -> str:
        return f"<ClaimsUser {self.id}>"


class JWTAuthentication(Authentication):
    """JSON Web Tokens: ``Authorization: Bearer <token>`` (RFC 6750).

    Args:
        tokens: reads them.
        users: knows the users; without it a user is what the token says, a :class:`ClaimsUser`.
        realm: what the tokens are for.
    """

    name = "jwt"

    def __init__(self, tokens: JWTs, users: UserSource | None = None, *, realm: str | None = None) -> None:
        self.tokens = tokens
        self._users = users
        self._realm = realm
        asks_store = tokens.revoked is not None and is_async(tokens.revoked.has)
        self._waits = asks_store or (users is not None and is_async(users.by_id))

    @classmethod
    def of(cls, settings: Settings, accounts: Accounts | None) -> Self:
        """Make one of the settings; see :meth:`JWTs.of`."""
        return cls(JWTs.of(settings), None if accounts is None else accounts.users)

    @property
    def waits(self) -> bool:
        """Whether users, or revoked tokens, have to be waited for."""
        return self._waits

    def must_wait(self, request: Request) -> bool:
        """Tell whether there is an Authorization field."""
        return request.header(b"authorization") is not None

    def authenticate(self, request: Request) -> Found | Awaitable[Found]:
        """Read the token."""
        token = credentials(request, "bearer")
        if token is None:
            return None
        claims = self.tokens.read(token)
        if self._waits:
            return self._late(claims)
        revoked, users = self.tokens.revoked, self._users
        if revoked is not None and revoked.has(_identifier(claims)):
            raise AuthenticationFailed(_REFUSED)
        return _identity(claims, ClaimsUser(claims) if users is None else users.by_id(claims["sub"]))

    async def _late(self, claims: Claims) -> Identity:
        await self.tokens.check_revoked(claims)
        users = self._users
        return _identity(
            claims, ClaimsUser(claims) if users is None else await settled(users.by_id(claims["sub"]))
        )

    def challenge(self) -> Challenge:
        """Return the challenge of bearer tokens."""
        return Challenge("Bearer", {} if self._realm is None else {"realm": self._realm})

    def scheme(self) -> Mapping[str, Any]:
        """Return the scheme ``http``."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def _identity(claims: Claims, user: Any) -> Identity:
    if user is None or not is_active(user):
        raise AuthenticationFailed(_REFUSED)
    return Identity(user, {"type": "jwt", "claims": claims})


def _moment(claims: Claims, name: str) -> float | None:
    """Return a claim that is a moment; None where it is missing.

    Raises:
        AuthenticationFailed: it is no finite number (RFC 7519 §2).
    """
    value: Any = claims.get(name)
    if value is None and name not in claims:
        return None
    if type(value) not in {int, float} or not math.isfinite(value):
        raise AuthenticationFailed(_REFUSED)
    found: float = value
    return found


def _identifier(claims: Claims) -> str:
    """Return what a token is revoked by: its ``jti``, or all that it says."""
    given: str | None = claims.get("jti")
    return given or hashlib.sha256(dumps(claims)).hexdigest()


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
