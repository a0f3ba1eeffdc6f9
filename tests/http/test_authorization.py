from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import TOKENS, steps
from wadjet.http.authorization import (
    Authorization,
    Challenge,
    parse_authorization,
    parse_challenges,
    write_challenges,
)
from wadjet.http.response import Response

DIGEST = {
    "username": "Mufasa",
    "realm": "http-auth@example.org",
    "uri": "/dir/index.html",
    "algorithm": "MD5",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "nc": "00000001",
    "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    "qop": "auth",
    "response": "8ca523f5e9506fed4657c9700eebdbec",
    "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
}


@pytest.mark.parametrize(
    ("made", "field"),
    [
        pytest.param(
            Authorization.basic("Aladdin", "open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            id="RFC 7617 §2",
        ),
        pytest.param(Authorization.basic("test", "123£"), "Basic dGVzdDoxMjPCow==", id="RFC 7617 §2.1"),
        pytest.param(
            Authorization("Bearer", "mF_9.B5f-4.1JqM"), "Bearer mF_9.B5f-4.1JqM", id="RFC 6750 §2.1"
        ),
        pytest.param(
            Authorization("Digest", DIGEST),
            'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, '
            'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
            'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
            'response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
            id="RFC 7616 §3.9.1",
        ),
        pytest.param(Authorization("Negotiate"), "Negotiate", id="a scheme alone"),
    ],
)
def test_credentials_are_written_as_they_are_read(made: Authorization, field: str) -> None:
    assert str(made) == field
    assert parse_authorization(field) == made
    assert hash(parse_authorization(field)) == hash(made)


def test_whom_basic_names_is_read() -> None:
    read = parse_authorization("BASIC  QWxhZGRpbjpvcGVuOnNlc2FtZQ==")
    assert read is not None
    assert (read.username, read.password) == ("Aladdin", "open:sesame")
    assert read.bearer is None
    assert read.uses("basic")


def test_latin_1_is_read_where_it_is_not_utf_8() -> None:
    read = Authorization("Basic", b64encode("test:123£".encode("latin-1")).decode())
    assert read.password == "123£"


@pytest.mark.parametrize("token", ["x", "bm9jb2xvbg==", "YTpiAA==", "____", "-"])
def test_basic_that_says_nothing_sensible_names_nobody(token: str) -> None:
    read = parse_authorization(f"Basic {token}")
    assert read is not None
    assert read.username is None
    assert read.password is None


def test_other_schemes_have_what_they_have() -> None:
    bearer = Authorization("bearer", "abc")
    assert bearer.bearer == bearer.token == "abc"
    assert bearer.username is None
    assert bearer.password is None
    assert Authorization("Digest", DIGEST).username == "Mufasa"
    assert list(bearer) == ["bearer", "abc"]
    assert list(Authorization("X", a="b")) == ["X", {"a": "b"}]
    assert Authorization("Bearer", "abc") == bearer
    assert Authorization("Bearer", "abd") != bearer
    assert Authorization("Basic", "abc") != Challenge("Basic", "abc")


def test_a_repr_tells_no_secret() -> None:
    assert repr(Authorization("Bearer", "abc")) == "<Authorization Bearer>"


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        ",",
        "Bearer a b",
        "Bearer a:b",
        "Bearer é",
        "Bearer a, b=c",
        "Bearer a, Basic b",
        "a=b",
        'Digest a="b',
        "Digest a=b, a=c",
        "Digest a=b, A=c",
        'Digest a="b\x00"',
        "Digest a=b c=d",
        "Digest a=b, c",
        "()",
        'Digest a="b"c',
    ],
)
def test_what_breaks_the_grammar_is_none(field: str | None) -> None:
    assert parse_authorization(field) is None


@pytest.mark.parametrize(
    ("field", "challenges"),
    [
        pytest.param(
            'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
            [
                Challenge("Basic", realm="simple"),
                Challenge("Newauth", realm="apps", type="1", title='Login to "apps"'),
            ],
            id="RFC 9110 §11.6.1",
        ),
        pytest.param(
            'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf"',
            [
                Challenge(
                    "digest",
                    {
                        "realm": "http-auth@example.org",
                        "qop": "auth, auth-int",
                        "algorithm": "SHA-256",
                        "nonce": "7ypf",
                    },
                )
            ],
            id="RFC 7616 §3.9.1",
        ),
        pytest.param(
            'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
            [
                Challenge(
                    "Bearer",
                    realm="example",
                    error="invalid_token",
                    error_description="The access token expired",
                )
            ],
            id="RFC 6750 §3",
        ),
        pytest.param("Negotiate, NTLM", [Challenge("Negotiate"), Challenge("NTLM")], id="without parameters"),
        pytest.param(
            "Negotiate abc==, ,X a = b", [Challenge("Negotiate", "abc=="), Challenge("X", a="b")], id="both"
        ),
        pytest.param(None, [], id="absent"),
        pytest.param("a=b", [], id="malformed"),
    ],
)
def test_challenges_are_read(field: str | None, challenges: list[Challenge]) -> None:
    assert parse_challenges(field) == challenges
    assert parse_challenges(", ".join(map(str, challenges))) == challenges


def test_a_challenge_quotes_what_clients_of_old_want_quoted() -> None:
    made = Challenge("Digest", realm="a", nonce="b", algorithm="MD5", stale="true")
    assert str(made) == 'Digest realm="a", nonce="b", algorithm=MD5, stale=true'
    assert made.realm == "a"
    assert Challenge("X").realm is None


@pytest.mark.parametrize(
    ("scheme", "parameters"),
    [
        ("", None),
        ("a b", None),
        ("a\r\n", None),
        ("Bearer", "a b"),
        ("Bearer", ""),
        ("Bearer", "a\r\nX-Evil: 1"),
        ("X", {"a b": "c"}),
        ("X", {"a": "b\r\nX-Evil: 1"}),
    ],
)
def test_what_cannot_be_sent_is_refused(scheme: str, parameters: str | dict[str, str] | None) -> None:
    with pytest.raises(ValueError):
        Challenge(scheme, parameters)


def test_a_token_has_no_parameters_beside_it() -> None:
    with pytest.raises(ValueError, match="either parameters or one token"):
        Challenge("Basic", "abc", realm="x")


@pytest.mark.parametrize("user", [("a:b", "c"), ("a\n", "b"), ("a", "b\x00")])
def test_basic_cannot_say_everything(user: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="without colons"):
        Authorization.basic(*user)


@pytest.mark.parametrize("value", ["", [], "a=b", 'Basic realm="x'])
def test_what_is_no_challenge_is_not_written(value: str | list[Challenge]) -> None:
    with pytest.raises(ValueError, match="is no challenge"):
        write_challenges(value)


def test_challenges_on_several_lines_are_read() -> None:
    """webob 14.2.19: it has one."""
    response = Response(
        "x", 401, headers=[("www-authenticate", "Negotiate"), ("www-authenticate", "Basic realm=a")]
    )
    assert response.www_authenticate == (Challenge("Negotiate"), Challenge("Basic", realm="a"))
    response.www_authenticate = None
    assert "www-authenticate" not in response.headers


SAYABLE = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]))


@given(TOKENS, st.dictionaries(TOKENS.map(str.lower), SAYABLE))
def test_what_is_written_is_read_back(scheme: str, parameters: dict[str, str]) -> None:
    made = Challenge(scheme, parameters)
    assert parse_challenges(str(made)) == [made]
    credentials = Authorization(scheme, parameters)
    assert parse_authorization(str(credentials)) == credentials


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=":")), st.text("abc:é"))
def test_users_are_read_back(username: str, password: str) -> None:
    made = Authorization.basic(username, password)
    assert (made.username, made.password) == (username, password)


@given(st.one_of(st.text(), st.text(st.sampled_from('Basic a=1,"\\ \t/'))))
def test_reading_never_raises(field: str) -> None:
    parse_challenges(field)
    if (read := parse_authorization(field)) is not None:
        assert read.username is None or isinstance(read.username, str)


@pytest.mark.parametrize("hostile", [",", "a,", 'a="', 'a="\\', " a", " ,a=b", ", A b", "\\"], ids=repr)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    parse_challenges('x a="y"')
    assert (
        steps(parse_challenges, "X a=b" + hostile * 400)
        <= 2.1 * steps(parse_challenges, "X a=b" + hostile * 200) + 20
    )
