"""JSON Web Tokens: what is made here is read here, and nothing else is."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.driving import exchange, run
from wadjet import Request, Settings, Wadjet
from wadjet.auth import (
    ClaimsUser,
    IsAuthenticated,
    JWTAuthentication,
    JWTKey,
    JWTs,
    MemoryRevoked,
    MemoryUser,
    MemoryUsers,
)
from wadjet.errors import ConfigError, MissingExtra
from wadjet.http.exceptions import AuthenticationFailed, TokenExpired
from wadjet.middleware import AuthenticationMiddleware

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 2_000_000_000.0
KEY = JWTKey(SECRET, kid="one")


def make(**options: Any) -> JWTs:
    options = {"audience": "shop", "clock": lambda: NOW, **options}
    return JWTs(options.pop("keys", [KEY]), **options)


TOKENS = make(issuer="us")


def segment(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


CLAIMS: dict[str, Any] = {"sub": "7", "aud": "shop", "iss": "us", "exp": NOW + 60, "jti": "j"}
HEADER: dict[str, Any] = {"alg": "HS256", "typ": "JWT", "kid": "one"}


def signed(
    claims: Any = CLAIMS, header: dict[str, Any] = HEADER, key: bytes = SECRET, digest: str = "sha256"
) -> str:
    """Sign by hand, whatever is to be signed."""
    import hmac

    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{segment(hmac.digest(key, text.encode(), digest))}"


def unsigned(alg: str, signature: str = "") -> str:
    return f"{segment({**HEADER, 'alg': alg})}.{segment(CLAIMS)}.{signature}"


def with_exp(value: Any) -> str:
    return signed({**CLAIMS, "exp": value})


def other_payload() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{segment({**CLAIMS, 'sub': '1'})}.{signature}"


#: The group `jwt` of the catalogue: what has to be refused with 401.
REFUSED: dict[str, str] = {
    "JWT-03 alg none unsigned": unsigned("none"),
    "JWT-04 alg none with a signature": unsigned("none", signed().rpartition(".")[2]),
    "JWT-05 alg None unsigned": unsigned("None"),
    "JWT-08 alg NONE with a signature": unsigned("NONE", "c2ln"),
    "JWT-11 alg empty unsigned": unsigned(""),
    "JWT-13 no alg": signed(header={"typ": "JWT", "kid": "one"}),
    "JWT-16 wrong key": signed(key=SECRET[::-1]),
    "JWT-17 empty key": signed(key=b""),
    "JWT-18 no signature": signed().rpartition(".")[0] + ".",
    "JWT-20 signature of another payload": other_payload(),
    "JWT-21 expired": with_exp(NOW - 1),
    "JWT-23 not yet valid": signed({**CLAIMS, "nbf": NOW + 60}),
    "JWT-27 no audience": signed({key: value for key, value in CLAIMS.items() if key != "aud"}),
    "JWT-30 exp empty": with_exp(""),
    "JWT-31 exp None": with_exp(None),
    "JWT-34 exp True": with_exp(True),
    "JWT-35 exp 1e999 as text": with_exp("1e999"),
    "JWT-36 exp -1": with_exp(-1),
    "JWT-38 exp NaN": with_exp(float("nan")),
    "JWT-40 unknown critical header": signed(header={**HEADER, "crit": ["exp-2"], "exp-2": 1}),
    "JWT-41 b64 false": signed(header={**HEADER, "b64": False, "crit": ["b64"]}),
    "JWT-45 kid as SQL": signed(header={**HEADER, "kid": "one' UNION SELECT 'x"}),
    "JWT-46 empty": "",
    "JWT-47 one part": "abc",
    "JWT-50 dots": "..",
    "JWT-51 not base64": "%%%.%%%.%%%",
    "JWT-52 header not JSON": f"{segment(b'not json')}.{segment(CLAIMS)}.c2ln",
    "JWT-55 non-ASCII bytes": "\xff\xfe.\xff.\xff",
    "JWT-57 JWE-like": ".".join([segment(HEADER)] * 5),
    "JWT-58 space inside": signed().replace(".", ". ", 1),
    "JWT-59 padded base64": ".".join(f"{part}==" for part in signed().split(".")),
    "exp missing": signed({key: value for key, value in CLAIMS.items() if key != "exp"}),
    "exp infinite": with_exp(float("inf")),
    "nbf no number": signed({**CLAIMS, "nbf": "soon"}),
    "audience of another": signed({**CLAIMS, "aud": "other"}),
    "audience list without ours": signed({**CLAIMS, "aud": ["other"]}),
    "audience a part of ours": signed({**CLAIMS, "aud": "sho"}),
    "issuer of another": signed({**CLAIMS, "iss": "them"}),
    "no issuer": signed({key: value for key, value in CLAIMS.items() if key != "iss"}),
    "no subject": signed({key: value for key, value in CLAIMS.items() if key != "sub"}),
    "subject no text": signed({**CLAIMS, "sub": 7}),
    "jti no text": signed({**CLAIMS, "jti": 7}),
    "claims no object": signed(["sub"]),
    "claims no JSON": signed(b"{"),
    "claims nested without end": signed(b"[" * 3000),
    "header nested without end": f"{segment(b'[' * 3000)}.{segment(CLAIMS)}.c2ln",
    "header no object": f"{segment(['alg'])}.{segment(CLAIMS)}.c2ln",
    "kid no text": signed(header={**HEADER, "kid": ["one"]}),
    "kid of a file": signed(header={**HEADER, "kid": "/dev/null"}, key=b""),
    "another length of HMAC": signed(header={**HEADER, "alg": "HS512"}, digest="sha512"),
    "a token that renews": signed({**CLAIMS, "token_use": "refresh"}),
    "longer than any": "a" * 9000 + ".b.c",
    "critical but empty": signed(header={**HEADER, "crit": []}),
}


def application(tokens: JWTs = TOKENS, **options: Any) -> Wadjet:
    backend = JWTAuthentication(tokens, **options)
    app = Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [backend]})])

    @app.get("/jwt/me", permission_classes=[IsAuthenticated])
    async def me(request: Request) -> Any:
        return {"id": request.user.id, "type": request.auth["type"], "sub": request.auth["claims"]["sub"]}

    return app


APP = application()


@pytest.mark.parametrize("case", REFUSED)
def test_a_token_that_is_not_good_is_refused(case: str) -> None:
    sent = run(APP, "GET", "/jwt/me", headers=[("authorization", f"Bearer {REFUSED[case]}")])
    assert sent.status == 401, case
    assert sent.field(b"www-authenticate") == b'Bearer error="invalid_token"'


GOOD = {
    "made by hand": signed(),
    "JWT-25 audience list with ours": signed({**CLAIMS, "aud": ["other", "shop"]}),
    "JWT-62 duplicate claims, the last one": signed(
        json.dumps(CLAIMS).replace('{"sub": "7"', '{"sub": "1", "sub": "7"').encode()
    ),
    "exp with a fraction": with_exp(NOW + 0.5),
    "exp far beyond any clock": with_exp(10**30),
    "without kid, of the only key": signed(header={"alg": "HS256"}),
    "begins now": signed({**CLAIMS, "nbf": NOW}),
    "made here": TOKENS.issue("7"),
}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"], ids=lambda scheme: f"JWT-02 {scheme}")
@pytest.mark.parametrize("case", GOOD)
def test_a_good_token_says_who_is_asking(case: str, scheme: str) -> None:
    sent = run(APP, "GET", "/jwt/me", headers=[("authorization", f"{scheme} {GOOD[case]}")])
    assert (sent.status, sent.body) == (200, b'{"id":"7","type":"jwt","sub":"7"}'), case


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        pytest.param("/jwt/me", [], id="JWT-63 no credentials"),
        pytest.param("/jwt/me", [("authorization", "Basic \xff\xff")], id="JWT-65 broken Basic credentials"),
        pytest.param("/jwt/me", [("authorization", "Bearer")], id="JWT-66 scheme only"),
        pytest.param("/jwt/me", [("authorization", "")], id="JWT-67 empty Authorization"),
        pytest.param(f"/jwt/me?access_token={signed()}", [], id="JWT-68 token in the query is not taken"),
        pytest.param(
            "/jwt/me",
            [("authorization", "Bearer bad"), ("authorization", f"Bearer {signed()}")],
            id="JWT-69 two Authorization headers",
        ),
        pytest.param(
            "/jwt/me",
            [("authorization", f"Bearer {signed()}"), ("authorization", f"Bearer {signed()}")],
            id="JWT-69 the same twice",
        ),
    ],
)
def test_what_shows_no_token_is_refused_with_a_challenge(target: str, fields: list[tuple[str, str]]) -> None:
    sent = run(APP, "GET", target, headers=fields)
    assert sent.status == 401
    assert (sent.field(b"www-authenticate") or b"").startswith(b"Bearer")


def test_a_token_signed_with_the_public_half_of_a_key_is_refused() -> None:
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    tokens = make(keys=[JWTKey(private, "RS256", "one")])
    with pytest.raises(AuthenticationFailed):
        tokens.read(signed(key=public))
    with pytest.raises(AuthenticationFailed):
        tokens.read(signed(header={**HEADER, "alg": "RS256"}, key=public))


ASYMMETRIC: dict[str, Callable[[], Any]] = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "RS384": lambda: rsa.generate_private_key(65537, 2048),
    "RS512": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_the_private_half_signs_and_the_public_half_verifies(algorithm: str) -> None:
    private = ASYMMETRIC[algorithm]()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signs, verifies = JWTKey(pem, algorithm), JWTKey(public, algorithm)
    assert signs.kid == verifies.kid
    token = make(keys=[signs]).issue("7")
    reader = make(keys=[verifies])
    assert reader.read(token)["sub"] == "7"
    with pytest.raises(ValueError, match="cannot sign"):
        reader.issue("7")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_secret_signs_and_verifies(algorithm: str) -> None:
    tokens = make(keys=[JWTKey(b"x" * 64, algorithm)])
    assert tokens.read(tokens.issue("7"))["sub"] == "7"


def test_jwt_72_an_old_key_verifies_and_the_new_one_signs() -> None:
    old, new = JWTKey(SECRET), JWTKey(SECRET[::-1])
    before, after = make(keys=[old]), make(keys=[new, old])
    assert after.read(before.issue("7"))["sub"] == "7"
    with pytest.raises(AuthenticationFailed):
        before.read(after.issue("7"))
    # Without a kid there is doubt about the key.
    with pytest.raises(AuthenticationFailed):
        after.read(signed({**CLAIMS}, {"alg": "HS256"}))


def test_headers_are_remembered_that_were_signed_and_not_too_many() -> None:
    tokens = make(issuer="us")
    for case in REFUSED.values():
        with pytest.raises(AuthenticationFailed):
            tokens.read(case)
    known = len(tokens._headers)
    for number in range(100):
        assert tokens.read(signed(header={**HEADER, "cty": str(number)}))
    assert len(tokens._headers) == 64
    assert known < 5
    again = signed(header={**HEADER, "cty": "1"}, key=SECRET[::-1])
    with pytest.raises(AuthenticationFailed):
        tokens.read(again)


@pytest.mark.parametrize("algorithm", [*ASYMMETRIC, "HS256"])
def test_a_header_that_is_known_makes_no_other_token_good(algorithm: str) -> None:
    key = JWTKey(ASYMMETRIC[algorithm]() if algorithm in ASYMMETRIC else SECRET, algorithm)
    known = make(keys=[key])
    token = known.issue("7")
    assert known.read(token) == known.read(token)
    assert known._headers
    head, _, rest = token.partition(".")
    said, _, signature = rest.partition(".")
    others = [f"{head}.{said}.{signature[:cut]}" for cut in (1, 2, 3, -1, -2)]
    others += [f"{head}.{said}.{signature[:-1]}{last}" for last in "ABQgwx-_"]
    others += [f"{head}.{said[:-1]}{last}.{signature}" for last in "ABQgwx-_"]
    others += [f"{head}.{segment(CLAIMS)}.{signature}", f"{head}.{said}.{signature}AA", f"{head}.{said}.AAAA"]
    for other in others:
        assert _outcome(known, other) == _outcome(make(keys=[key]), other), other
        assert (_outcome(known, other) is None) is (other != token)


def _outcome(tokens: JWTs, token: str) -> Any:
    try:
        return tokens.read(token)
    except AuthenticationFailed:
        return None


def test_a_kid_chooses_the_algorithm_too() -> None:
    both = make(keys=[JWTKey(SECRET, kid="one"), JWTKey(b"y" * 64, "HS512", "two")])
    with pytest.raises(AuthenticationFailed):
        both.read(signed(header={"alg": "HS512", "kid": "one"}, digest="sha512"))


def test_the_leeway_bridges_clocks_that_differ() -> None:
    tokens = make(leeway=10)
    assert tokens.read(with_exp(NOW - 9))
    assert tokens.read(signed({**CLAIMS, "nbf": NOW + 9}))
    with pytest.raises(TokenExpired):
        tokens.read(with_exp(NOW - 10))


def test_a_token_says_what_it_was_told_and_nothing_can_be_put_in_its_place() -> None:
    claims = TOKENS.read(TOKENS.issue("7", lifetime=timedelta(seconds=5), roles=["editor"]))
    assert claims["roles"] == ["editor"]
    assert claims["exp"] - claims["iat"] == 5
    with pytest.raises(ValueError, match="'exp' is made here"):
        TOKENS.issue("7", exp=1)


def test_a_pair_has_one_token_for_requests_and_one_for_new_ones() -> None:
    access, refresh = TOKENS.pair("7")
    assert TOKENS.read(access)["sub"] == TOKENS.read(refresh, "refresh")["sub"]
    with pytest.raises(AuthenticationFailed):
        TOKENS.read(access, "refresh")
    with pytest.raises(AuthenticationFailed):
        TOKENS.read(refresh)


def test_a_token_renews_once_where_tokens_are_revoked() -> None:
    tokens = make(revoked=MemoryRevoked())
    _, refresh = tokens.pair("7")
    access, again = asyncio.run(tokens.renew(refresh, roles=["editor"]))
    assert tokens.read(access)["roles"] == ["editor"]
    with pytest.raises(AuthenticationFailed):
        asyncio.run(tokens.renew(refresh))
    assert asyncio.run(tokens.renew(again))


def test_a_token_renews_as_often_as_anybody_likes_where_none_are_revoked() -> None:
    _, refresh = TOKENS.pair("7")
    assert asyncio.run(TOKENS.renew(refresh))
    assert asyncio.run(TOKENS.renew(refresh))


def test_jwt_73_a_revoked_token_is_refused() -> None:
    tokens = make(revoked=MemoryRevoked(lambda: NOW))
    app = application(tokens)
    token = tokens.issue("7")
    fields = [("authorization", f"Bearer {token}")]
    assert run(app, "GET", "/jwt/me", headers=fields).status == 200
    asyncio.run(tokens.revoke(token))
    asyncio.run(tokens.revoke("no token at all"))
    assert run(app, "GET", "/jwt/me", headers=fields).status == 401
    with pytest.raises(AuthenticationFailed):
        asyncio.run(tokens.check_revoked(tokens.read(token)))


def test_a_token_without_jti_is_revoked_by_all_that_it_says() -> None:
    tokens = make(revoked=MemoryRevoked(lambda: NOW))
    bare = signed({"sub": "7", "aud": "shop", "exp": NOW + 60})
    asyncio.run(tokens.revoke(bare))
    with pytest.raises(AuthenticationFailed):
        asyncio.run(tokens.check_revoked(tokens.read(bare)))
    asyncio.run(tokens.check_revoked(tokens.read(signed({"sub": "8", "aud": "shop", "exp": NOW + 60}))))


def test_nothing_is_revoked_where_nothing_would_know() -> None:
    with pytest.raises(ValueError, match="MemoryRevoked"):
        asyncio.run(TOKENS.revoke(TOKENS.issue("7")))
    asyncio.run(TOKENS.check_revoked(CLAIMS))


class SlowUsers:
    """Users that have to be waited for."""

    def __init__(self, *users: MemoryUser) -> None:
        self._users = MemoryUsers(users)

    async def by_id(self, identifier: str, /) -> MemoryUser | None:
        await asyncio.sleep(0)
        return self._users.by_id(identifier)

    async def by_name(self, name: str, /) -> MemoryUser | None:
        return self._users.by_name(name)

    async def keep_password(self, user: Any, kept: str, /) -> None:
        raise AssertionError


class SlowRevoked(MemoryRevoked):
    async def has(self, identifier: str, /) -> bool:  # type: ignore[override]  # either is a Revoked
        await asyncio.sleep(0)
        return super().has(identifier)


@pytest.mark.parametrize("revoked", [None, MemoryRevoked(), SlowRevoked()])
@pytest.mark.parametrize("kind", [MemoryUsers, SlowUsers])
def test_the_user_is_looked_up_and_has_to_be_there_and_active(kind: Any, revoked: Any) -> None:
    given = [MemoryUser(7, "ann"), MemoryUser(8, "bob", is_active=False)]
    users = kind(given) if kind is MemoryUsers else kind(*given)
    app = application(make(revoked=revoked), users=users)
    found = {
        subject: run(
            app, "GET", "/jwt/me", headers=[("authorization", f"Bearer {make().issue(subject)}")]
        ).status
        for subject in ("7", "8", "9")
    }
    assert found == {"7": 200, "8": 401, "9": 401}


def test_a_user_may_be_what_a_token_says() -> None:
    user = ClaimsUser({"sub": "7", "roles": ["editor", 1], "permissions": ["book.edit"]})
    assert (user.id, user.is_authenticated) == ("7", True)
    assert user.roles == {"editor"}
    assert user.has_perm("book.edit")
    assert not ClaimsUser({"sub": "7", "permissions": "book.edit"}).has_perm("book")
    assert repr(user) == "<ClaimsUser 7>"


def test_a_class_is_made_of_settings_and_a_new_secret_takes_the_place_of_an_old_one() -> None:
    old = Settings(SECRET_KEY="old" * 20, JWT_AUDIENCE="us", JWT_ISSUER="we", JWT_ACCESS_TOKEN_EXPIRE=60)
    new = Settings(SECRET_KEY=("new" * 20, "old" * 20), JWT_AUDIENCE="us", JWT_ISSUER="we")
    token = JWTs.of(old).issue("7")
    claims = JWTs.of(new).read(token)
    assert (claims["aud"], claims["iss"], claims["exp"] - claims["iat"]) == ("us", "we", 60)
    assert JWTAuthentication.of(new, None).tokens.read(token) == claims


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_keys_made_of_the_secret_are_long_enough(algorithm: str) -> None:
    tokens = JWTs.of(Settings(SECRET_KEY="s" * 50, JWT_ALGORITHM=algorithm))
    assert tokens.read(tokens.issue("7"))


def test_settings_that_make_no_tokens_are_refused() -> None:
    with pytest.raises(ConfigError, match="no SECRET_KEY"):
        JWTs.of(Settings())
    with pytest.raises(ConfigError, match="needs a key of its own"):
        JWTs.of(Settings(SECRET_KEY="s" * 50, JWT_ALGORITHM="RS256"))


def test_a_realm_stands_in_the_challenge() -> None:
    sent = run(application(realm="shop"), "GET", "/jwt/me")
    assert sent.field(b"www-authenticate") == b'Bearer realm="shop"'


@given(st.text(st.characters(codec="latin-1"), max_size=60) | st.sampled_from(list(REFUSED.values())))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(AuthenticationFailed):
        TOKENS.read(text)


def test_what_another_library_signs_is_read_here_and_the_other_way_round() -> None:
    theirs = pyjwt.encode(CLAIMS, SECRET, "HS256", {"kid": "one"})
    assert TOKENS.read(theirs) == CLAIMS
    ours = make(clock=time.time).issue("7")
    assert pyjwt.decode(ours, SECRET, ["HS256"], audience="shop")["sub"] == "7"


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jwt", None)
    with pytest.raises(MissingExtra, match=r'pip install "wadjet\[auth\]"'):
        JWTKey(SECRET)


def test_many_requests_at_once_are_each_their_own() -> None:
    app = application(make(), users=SlowUsers(MemoryUser(1, "a"), MemoryUser(2, "b")))

    async def ask() -> list[bytes]:
        tokens = [make().issue(str(1 + place % 2)) for place in range(8)]
        answers = [exchange(app, "GET", "/jwt/me", [("authorization", f"Bearer {one}")]) for one in tokens]
        return [sent.body for sent in await asyncio.gather(*answers)]

    found = asyncio.run(ask())
    assert [b'"id":1' in body for body in found] == [True, False] * 4
