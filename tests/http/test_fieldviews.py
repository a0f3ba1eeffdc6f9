import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import TOKENS
from wadjet.http.fieldviews import HeaderSet
from wadjet.http.response import Response


class Methods(HeaderSet):
    __slots__ = ()
    is_case_sensitive = True


def test_names_are_kept_in_order_each_once() -> None:
    names = HeaderSet(["Accept", "accept", "Cookie"])
    assert list(names) == ["Accept", "Cookie"]
    assert len(names) == 2
    assert str(names) == "Accept, Cookie"
    assert repr(names) == "<HeaderSet Accept, Cookie>"


def test_names_are_compared_without_case() -> None:
    names = HeaderSet.parse("Accept,, COOKIE , cookie")
    assert "cookie" in names
    assert "origin" not in names
    assert object() not in names
    assert names == ("accept", "Cookie")
    assert names != ["Cookie", "Accept"]
    assert names == {"Cookie", "ACCEPT"}
    assert names == HeaderSet(["Cookie", "Accept"])
    assert names != "Accept, COOKIE"


def test_methods_are_compared_with_case() -> None:
    methods = Methods(["GET", "get"])
    assert list(methods) == ["GET", "get"]
    assert "Get" not in methods
    methods.discard("Get")
    methods.remove("get")
    assert methods == ["GET"]


def test_a_live_view_and_its_response_are_always_in_step() -> None:
    response = Response[str]("x")
    vary = HeaderSet.of(response, "vary")
    assert not vary
    vary.add("Accept")
    response.headers.append("vary", "Cookie")
    vary |= {"Origin", "accept"}
    assert response.headers.getall("vary") == ["Accept, Cookie, Origin"]
    vary += ("cookie",)
    assert response.headers.getall("vary") == ["Accept, Cookie, Origin"]
    vary.discard("accept")
    vary.discard("nothing")
    assert response.headers.getall("vary") == ["Cookie, Origin"]
    vary.update(["A"], "B")
    assert response.headers.getall("vary") == ["Cookie, Origin, A, B"]
    vary.clear()
    assert "vary" not in response.headers


def test_without_names_there_is_no_field() -> None:
    response = Response[str]("x", headers={"vary": "Accept"})
    HeaderSet.of(response, "vary").remove("Accept")
    assert "vary" not in response.headers
    assert str(HeaderSet.parse(None)) == ""


def test_sets_are_made_of_sets() -> None:
    names = HeaderSet(["a", "b"]) & {"b", "c"}
    assert type(names) is HeaderSet
    assert names == ["b"]


@pytest.mark.parametrize("name", ["", "a b", "a, b", "a\r\nX-Evil: 1", "é"])
def test_a_name_is_a_token(name: str) -> None:
    names = HeaderSet(["Accept"])
    with pytest.raises(ValueError, match="is not a token"):
        names.add(name)
    assert names == ["Accept"]


def test_a_text_is_one_name_and_no_letters() -> None:
    assert HeaderSet("Accept") == ["Accept"]


def test_what_changes_has_no_hash() -> None:
    with pytest.raises(TypeError):
        hash(HeaderSet())


@given(st.lists(TOKENS, unique_by=str.lower))
def test_what_is_written_is_read_back(names: list[str]) -> None:
    assert list(HeaderSet.parse(str(HeaderSet(names)))) == names


@given(st.text())
def test_reading_never_raises(field: str) -> None:
    assert len(list(HeaderSet.parse(field))) == len(HeaderSet.parse(field))
