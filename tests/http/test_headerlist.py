from typing import Any

import pytest

from wadjet.http.headerlist import HeaderList
from wadjet.http.response import Response


def test_the_list_is_a_live_view() -> None:
    response = Response("x", headers={"X-A": "1"})
    fields = response.headerlist
    assert fields[0] == ("x-a", "1")
    assert fields[:1] == [("x-a", "1")]
    fields.append(("X-B", "2"))
    fields.insert(0, ("X-C", "3"))
    fields[1] = ("X-D", "4")
    assert response.headers.get("x-b") == "2"
    assert [name for name, _ in fields] == ["x-c", "x-d", "content-type", "x-b"]
    fields[:2] = [("X-E", "5")]
    del fields[1]
    assert fields == [("x-e", "5"), ("x-b", "2")]
    assert fields == response.headerlist
    assert fields != "x"
    assert repr(fields) == "<HeaderList of 2 fields>"


def test_assigning_replaces_all_and_deleting_empties() -> None:
    response = Response("x")
    response.headerlist = [("X-A", "1")]
    assert response.headerlist == [("x-a", "1")]
    response.headerlist = {"X-B": "2"}
    assert response.headerlist == [("x-b", "2")]
    del response.headerlist
    assert len(response.headerlist) == 0


@pytest.mark.parametrize("pair", [("x-a", "1\r\nX-Evil: 1"), ("x a", "1"), ("x-a", "\u20ac")])
def test_nothing_enters_unchecked(pair: tuple[str, str]) -> None:
    fields = HeaderList([(b"x", b"y")])
    ways: list[Any] = [
        lambda: fields.append(pair),
        lambda: fields.insert(0, pair),
        lambda: fields.__setitem__(0, pair),
        lambda: fields.__setitem__(slice(0, 1), [pair]),
        lambda: fields.extend([pair]),
    ]
    for way in ways:
        with pytest.raises(ValueError):
            way()
    assert fields == [("x", "y")]
