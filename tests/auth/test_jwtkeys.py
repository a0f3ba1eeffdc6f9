"""Keys: each is for one algorithm, long enough for it, and shows itself nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wadjet.auth import JWTKey, JWTs
from wadjet.auth.jwtkeys import by_kid, derived_keys
from wadjet.errors import ConfigError, MissingExtra

P256 = ec.generate_private_key(ec.SECP256R1())
SMALL = rsa.generate_private_key(65537, 1024)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param(b"secret", "HS256", id="JWT-70 weak secret is refused at construction"),
        pytest.param(b"", "HS256", id="JWT-70 empty secret"),
        (b"x" * 31, "HS256"),
        (b"x" * 47, "HS384"),
        (b"x" * 63, "HS512"),
        pytest.param(SMALL, "RS256", id="RSA of 1024 bits"),
        pytest.param(P256, "ES384", id="another curve"),
        pytest.param(P256, "RS256", id="another kind"),
        pytest.param(P256, "EdDSA", id="no Edwards curve"),
        pytest.param(b"no pem at all", "RS256", id="no PEM"),
        pytest.param(None, "HS256", id="nothing"),
        pytest.param(
            P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "HS256",
            id="a public key as a secret",
        ),
    ],
)
def test_a_key_that_is_not_for_its_algorithm_is_refused(key: Any, algorithm: str) -> None:
    with pytest.raises(ConfigError, match="cannot be used for"):
        JWTKey(key, algorithm)


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS1", "PS256", "HS256 "])
def test_an_algorithm_that_is_not_ours_is_refused(algorithm: str) -> None:
    with pytest.raises(ConfigError, match="is not one of"):
        JWTKey(b"x" * 64, algorithm)


def test_a_key_shows_itself_nowhere() -> None:
    key = JWTKey(b"0123456789abcdef0123456789abcdef")
    assert repr(key) == f"<JWTKey {key.kid} HS256>"
    assert key.kid not in b"0123456789abcdef0123456789abcdef".hex()


def test_keys_go_by_a_name_each() -> None:
    one, two = JWTKey(b"x" * 32, kid="a"), JWTKey(b"y" * 32, kid="a")
    with pytest.raises(ConfigError, match="two keys go by kid='a'"):
        by_kid([one, two])
    with pytest.raises(ConfigError, match="no key"):
        JWTs([], audience="us")


def test_each_secret_makes_a_key_of_its_own() -> None:
    first, second = derived_keys(("one", "two"))
    assert first.kid != second.kid
    assert derived_keys("one")[0].kid == first.kid
    assert derived_keys("one", "HS512")[0].kid != first.kid


def test_the_extra_is_named_where_cryptography_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import jwt

    def missing(_: str) -> Any:
        raise NotImplementedError

    monkeypatch.setattr(jwt, "get_algorithm_by_name", missing)
    with pytest.raises(MissingExtra, match=r'pip install "wadjet\[auth\]"'):
        JWTKey(b"pem", "RS256")
