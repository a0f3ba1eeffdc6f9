from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import steps
from wadjet.http.cookies import cookies_of, format_cookie, parse_cookies

NOW = 1767225600.0


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        pytest.param("a=1; b=2", [("a", "1"), ("b", "2")], id="CK-01"),
        pytest.param("a=b=c", [("a", "b=c")], id="CK-02"),
        pytest.param("a=; b=2", [("a", ""), ("b", "2")], id="CK-03"),
        pytest.param("A=1; a=2", [("A", "1"), ("a", "2")], id="CK-05"),
        pytest.param("=__Host-t=bad; __Host-t=good", [("__Host-t", "good")], id="CK-08"),
        pytest.param("=__Host-t=bad", [], id="CK-09"),
        pytest.param("â\x80\x82__Host-t=bad", [("â\x80\x82__Host-t", "bad")], id="CK-12"),
        pytest.param("\xa0__Host-t=bad", [("\xa0__Host-t", "bad")], id="CK-12 NBSP"),
        pytest.param(
            '$Version=1; a="x; b=evil; c=y"; d=1',
            [("$Version", "1"), ("a", '"x'), ("b", "evil"), ("c", 'y"'), ("d", "1")],
            id="CK-14",
        ),
        pytest.param("a[]=1; b c=2; d=4", [("a[]", "1"), ("b c", "2"), ("d", "4")], id="CK-16"),
        pytest.param("@@@; =; ;;; d=4", [("d", "4")], id="CK-17"),
        pytest.param('a="\\073 admin=1"; b=2', [("a", "\\073 admin=1"), ("b", "2")], id="CK-23"),
        pytest.param(";" * 14_000, [], id="CK-24"),
        pytest.param("csrftoken=A; csrftoken=B", [("csrftoken", "A"), ("csrftoken", "B")], id="CK-53"),
        ('a="b c"', [("a", "b c")]),
        ('a="', [("a", '"')]),
        ('a=""', [("a", "")]),
        ("a=%41,b", [("a", "%41,b")]),
        ("a=1;b=2;\tc=3 ", [("a", "1"), ("b", "2"), ("c", "3")]),
        (" a = 1 ", [("a", "1")]),
        ("novalue; a=1", [("a", "1")]),
        ("", []),
    ],
)
def test_a_cookie_field_is_split_into_pairs(header: str, pairs: list[tuple[str, str]]) -> None:
    assert parse_cookies(header) == pairs


def test_the_number_of_cookies_is_limited() -> None:
    """CK-20."""
    assert len(parse_cookies("a=1; " * 180)) == 180
    with pytest.raises(ValueError, match="more than 180 cookies"):
        parse_cookies("a=1; " * 181)


def test_the_length_of_the_cookies_is_limited() -> None:
    assert parse_cookies("a=" + "x" * (16 * 1024 - 2))
    with pytest.raises(ValueError, match="more than 16384 bytes"):
        parse_cookies("a=" + "x" * (16 * 1024 - 1))


@pytest.mark.parametrize("filling", [pytest.param("\\", id="CK-21"), pytest.param("\\073", id="CK-22")])
def test_backslashes_are_left_alone(filling: str) -> None:
    value = filling * (14_000 // len(filling))
    assert parse_cookies(f'a="{value}"') == [("a", value)]


def test_of_two_cookies_with_one_name_the_first_counts() -> None:
    """CK-53."""
    assert cookies_of(["csrftoken=A; csrftoken=B"]) == {"csrftoken": "A"}
    assert cookies_of(["a=1; b=2", "a=3; c=4"]) == {"a": "1", "b": "2", "c": "4"}
    assert cookies_of([]) == {}


def test_several_fields_share_one_limit() -> None:
    with pytest.raises(ValueError, match="more than 180"):
        cookies_of(["a=1; " * 100] * 2)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "a=b; Path=/; SameSite=Lax"),
        ({"path": None, "samesite": None}, "a=b"),
        ({"max_age": 60}, "a=b; Max-Age=60; Path=/; SameSite=Lax"),
        (
            {"max_age": timedelta(days=1), "now": NOW},
            "a=b; Max-Age=86400; Expires=Fri, 02 Jan 2026 00:00:00 GMT; Path=/; SameSite=Lax",
        ),
        ({"max_age": 0}, "a=b; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax"),
        (
            {"max_age": -5, "now": NOW},
            "a=b; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax",
        ),
        ({"expires": 1900000000}, "a=b; Expires=Sun, 17 Mar 2030 17:46:40 GMT; Path=/; SameSite=Lax"),
        (
            {"expires": datetime(2030, 3, 17, 17, 46, 40, tzinfo=UTC)},
            "a=b; Expires=Sun, 17 Mar 2030 17:46:40 GMT; Path=/; SameSite=Lax",
        ),
        (
            {"expires": "Sunday, 17-Mar-30 17:46:40 GMT"},
            "a=b; Expires=Sun, 17 Mar 2030 17:46:40 GMT; Path=/; SameSite=Lax",
        ),
        (
            {"max_age": 60, "expires": 0, "now": NOW},
            "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax",
        ),
        (
            {
                "max_age": 60,
                "path": "/x",
                "domain": "d.io",
                "secure": True,
                "httponly": True,
                "samesite": "Strict",
                "partitioned": True,
            },
            "a=b; Max-Age=60; Path=/x; Domain=d.io; Secure; HttpOnly; SameSite=Strict; Partitioned",
        ),
        ({"samesite": "NONE", "secure": True}, "a=b; Path=/; Secure; SameSite=None"),
        ({"domain": ".d.io"}, "a=b; Path=/; Domain=.d.io; SameSite=Lax"),
        ({"domain": ""}, "a=b; Path=/; SameSite=Lax"),
        ({"path": "/é%20 x"}, "a=b; Path=/%C3%A9%20%20x; SameSite=Lax"),
    ],
    ids=str,
)
def test_a_cookie_is_written_with_its_attributes(arguments: dict[str, Any], field: str) -> None:
    assert format_cookie("a", "b", **arguments) == field.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "a="),
        ("abc!#$%&'()*+-./:<=>?@[]^_`{|}~", "a=abc!#$%&'()*+-./:<=>?@[]^_`{|}~"),
        ("a b", 'a="a b"'),
        ('{"x": 1, "y": 2}', 'a="{"x": 1, "y": 2}"'),
        ("a\\b", 'a="a\\b"'),
        pytest.param("é€", "a=%C3%A9%E2%82%AC", id="CK-37"),
        ('é 50%, "', "a=%C3%A9%2050%25%2C%20%22"),
    ],
)
def test_a_value_is_written_in_ascii(value: str, text: str) -> None:
    assert format_cookie("a", value, path=None, samesite=None) == text.encode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"value": "x\nX-Evil: 1"}, "no semicolon and no control", id="CK-29"),
        pytest.param(
            {"value": "x; HttpOnly; Path=/evil"}, "no semicolon and no control", id="; in the value"
        ),
        pytest.param({"value": "é; HttpOnly"}, "no semicolon and no control", id="; in a value beyond ASCII"),
        pytest.param({"value": "\x00"}, "no semicolon and no control", id="NUL"),
        pytest.param({"name": ""}, "is not a token", id="CK-35"),
        pytest.param({"name": "a b"}, "is not a token", id="space in the name"),
        pytest.param({"name": "a=b"}, "is not a token", id="= in the name"),
        pytest.param({"name": "é"}, "is not a token", id="name beyond ASCII"),
        pytest.param({"name": "a\r\n"}, "is not a token", id="CRLF in the name"),
        pytest.param({"path": "/; Domain=evil.test"}, "cookie path", id="CK-38"),
        pytest.param({"path": "/\r\nX: y"}, "cookie path", id="CRLF in Path"),
        pytest.param({"path": "x"}, "begins with a slash", id="relative Path"),
        pytest.param({"path": ""}, "begins with a slash", id="empty Path"),
        pytest.param({"domain": "a.test; Path=/x"}, "cookie domain", id="; in Domain"),
        pytest.param({"domain": "a\n"}, "cookie domain", id="LF in Domain"),
        pytest.param({"domain": "é.test"}, "cookie domain", id="Domain beyond ASCII"),
        pytest.param({"samesite": "Lax; Domain=evil.test"}, "none of lax, strict, none", id="CK-41"),
        pytest.param({"samesite": ""}, "none of lax, strict, none", id="empty SameSite"),
        pytest.param({"samesite": "None"}, "SameSite=None needs secure", id="CK-42"),
        pytest.param({"partitioned": True}, "Partitioned needs secure", id="CK-43"),
        pytest.param({"name": "__Host-a", "path": "/app", "secure": True}, "__Host- needs path", id="CK-44"),
        pytest.param(
            {"name": "__Host-a", "path": None, "secure": True}, "__Host- needs path", id="CK-44 no Path"
        ),
        pytest.param(
            {"name": "__host-a", "domain": "a.test", "secure": True}, "no domain", id="CK-44 Domain"
        ),
        pytest.param({"name": "__Host-a"}, "__Host- needs secure", id="CK-44 Secure"),
        pytest.param({"name": "__SECURE-a"}, "__Secure- needs secure", id="CK-46"),
        pytest.param({"value": "x" * 5000}, "browsers drop cookies over 4096", id="CK-52"),
        pytest.param({"expires": "tomorrow"}, "is not an HTTP date", id="no date"),
        pytest.param(
            {"expires": "Sun, 17 Mar 2030 17:46:40 GMT; Secure"}, "is not an HTTP date", id="; in Expires"
        ),
        pytest.param({"expires": 1e20}, "no HTTP date", id="Expires too late"),
        pytest.param({"max_age": 10**400, "now": NOW}, "max_age is at most", id="Max-Age too large"),
        pytest.param({"max_age": timedelta.max}, "max_age is at most", id="Max-Age timedelta too large"),
    ],
)
def test_a_cookie_that_browsers_or_attackers_would_bend_is_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        format_cookie(**{"name": "a", "value": "b"} | arguments)
    assert str(caught.value).isprintable()


def test_a_valid_host_cookie_passes() -> None:
    """CK-47, CK-49."""
    cookie = format_cookie("__Host-a", "b", secure=True, path="/")
    assert cookie == b"__Host-a=b; Path=/; Secure; SameSite=Lax"
    assert b"; Secure" in format_cookie("__Host-a", max_age=0, secure=True)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters=";")))
def test_an_ascii_value_comes_back_as_it_was(value: str) -> None:
    header = format_cookie("a", value, path=None, samesite=None).decode()
    assert parse_cookies(header + "; b=2") == [("a", value), ("b", "2")]


@given(
    name=st.just("a") | st.text(),
    value=st.text(st.characters()),
    path=st.none() | st.text() | st.text(st.characters()).map("/{}".format),
    domain=st.none() | st.text() | st.text("a.-"),
    samesite=st.none() | st.text() | st.sampled_from(["lax", "none"]),
    max_age=st.none() | st.integers() | st.timedeltas(),
    expires=st.none() | st.integers() | st.floats() | st.datetimes() | st.text(),
    secure=st.booleans(),
)
def test_nothing_can_be_injected(name: str, value: str, **attributes: Any) -> None:
    try:
        cookie = format_cookie(name, value, now=NOW, **attributes).decode("ascii")
    except ValueError:
        return
    assert cookie.isprintable()
    given_names = [piece.partition("=")[0] for piece in cookie.split("; ")][1:]
    wanted = {"Path": "path", "Domain": "domain", "SameSite": "samesite", "Secure": "secure"}
    assert len(given_names) == len(set(given_names))
    for attribute, argument in wanted.items():
        assert (attribute in given_names) == bool(attributes[argument])


@given(st.text())
def test_reading_raises_nothing_but_value_errors(header: str) -> None:
    for name, value in parse_cookies(header):
        assert name
        assert ";" not in name + value


@pytest.mark.parametrize("hostile", ["a=b; ", ";", "=", '"', '\\"', "a", " ", "; a", '="'], ids=repr)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    def read(field: str) -> None:
        with suppress(ValueError):
            parse_cookies(field)

    read("a=b")
    assert steps(read, hostile * 400) <= 2.1 * steps(read, hostile * 200) + 200
