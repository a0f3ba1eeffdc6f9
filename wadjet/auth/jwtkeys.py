"""Keys of JSON Web Tokens: each is good for one algorithm, and goes by its ``kid``."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import ConfigError, MissingExtra
from ..security.signing import keys_for

__all__ = ["ALGORITHMS", "JWTKey", "by_kid", "derived_keys", "library"]

#: RFC 7518 §3.1 and RFC 8037; ``none`` is not one of them.
ALGORITHMS = frozenset(
    {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"}
)


def library() -> Any:
    """Return PyJWT.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import jwt  # an extra: loaded when it is used
    except ImportError as missing:
        raise MissingExtra('JSON Web Tokens need PyJWT: pip install "wadjet[auth]"') from missing
    return jwt


@dataclasses.dataclass(frozen=True, repr=False)
class JWTKey:
    """A key.

    Args:
        key: a secret of bytes for ``HS…``; else a private or public key, in PEM or as ``cryptography`` has it. A public one
            verifies and does not sign.
        algorithm: the one that it is good for. SECURITY: what a token says of its algorithm chooses nothing (RFC 8725 §3.1).
        kid: what tokens call it; made of the key unless given.

    Raises:
        ConfigError: the algorithm is none of ours, or the key is not for it, or too short for it.
        MissingExtra: PyJWT is not installed, or cryptography where the algorithm needs it.
    """

    key: Any
    algorithm: str = "HS256"
    kid: str = ""
    signing: Any = dataclasses.field(init=False)
    verifying: Any = dataclasses.field(init=False)
    #: PyJWT's algorithm.
    rule: Any = dataclasses.field(init=False, compare=False)

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ConfigError(f"algorithm={self.algorithm!r} is not one of {', '.join(sorted(ALGORITHMS))}")
        for name, value in zip(("rule", "signing", "verifying"), self._halves(), strict=True):
            object.__setattr__(self, name, value)
        if not self.kid:
            object.__setattr__(self, "kid", self._name())

    def _halves(self) -> tuple[Any, Any, Any]:
        """Return the algorithm, and the key as that signs and verifies with it; None for what it cannot do."""
        jwt = library()
        try:
            rule = jwt.get_algorithm_by_name(self.algorithm)
        except NotImplementedError as missing:
            raise MissingExtra(
                f'{self.algorithm} needs cryptography: pip install "wadjet[auth]"'
            ) from missing
        try:
            prepared = rule.prepare_key(self.key)
            reason = rule.check_key_length(prepared)
        except (jwt.InvalidKeyError, TypeError, ValueError) as error:
            reason = str(error)
        if reason:  # RFC 7518 §3.2, §3.3
            raise ConfigError(f"this key cannot be used for {self.algorithm}: {reason}")
        if self.algorithm.startswith("HS"):
            return rule, prepared, prepared
        if hasattr(prepared, "public_key"):
            return rule, prepared, prepared.public_key()
        return rule, None, prepared

    def _name(self) -> str:
        if self.algorithm.startswith("HS"):
            # SECURITY: it is sent with every token; it tells nothing of the secret.
            text = keys_for("wadjet.auth.kid", self.verifying.hex())[0]
        else:
            from cryptography.hazmat.primitives import serialization  # an extra: loaded when it is used

            text = self.verifying.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        return hashlib.sha256(text).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<JWTKey {self.kid} {self.algorithm}>"  # SECURITY: the key stays out of logs


def derived_keys(secret: str | Sequence[str], algorithm: str = "HS256") -> list[JWTKey]:
    """Return a key for each ``SECRET_KEY``: the first one signs, all verify.

    Args:
        secret: one, or several.
        algorithm: one of ``HS…``.

    Raises:
        ConfigError: there is none, or the algorithm needs keys that are no secrets.
    """
    keys = keys_for("wadjet.auth.jwt", secret)
    if not keys:
        raise ConfigError(
            "JSON Web Tokens are signed, and there is no SECRET_KEY; set WADJET_SECRET_KEY to what "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints"
        )
    if not algorithm.startswith("HS"):
        raise ConfigError(
            f"JWT_ALGORITHM={algorithm!r} needs a key of its own; give "
            f"JWTAuthentication(JWTs([JWTKey(pem, {algorithm!r})], audience=...)) instead of the class"
        )
    # RFC 7518 §3.2: the key is as long as the hash at least.
    return [JWTKey(hmac.digest(key, algorithm.encode(), "sha512"), algorithm) for key in keys]


def by_kid(keys: Iterable[JWTKey]) -> dict[str, JWTKey]:
    """Return keys by what tokens call them.

    Raises:
        ConfigError: two go by one name, or there is none.
    """
    found: dict[str, JWTKey] = {}
    for key in keys:
        if key.kid in found:
            raise ConfigError(f"two keys go by kid={key.kid!r}; give each its own")
        found[key.kid] = key
    if not found:
        raise ConfigError("there is no key for JSON Web Tokens; give one JWTKey at least")
    return found
