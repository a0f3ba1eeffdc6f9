"""WebOb's multidict, measured, as a table; with one rule for which value counts: the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wadjet import Request
from wadjet.http.multidict import ImmutableMultiDict, MultiDict

Dict = MultiDict[str]


def given() -> Dict:
    return MultiDict([("pref", "red"), ("pref", "blue"), ("x", "1")])


#: What is asked of `?pref=red&pref=blue&x=1`, and the answer. Where WebOb's is another, it stands beside.
ASKED: dict[str, tuple[Callable[[Dict], Any], Any]] = {
    "[]": (lambda d: d["pref"], "blue"),
    "get": (lambda d: d.get("pref"), "blue"),
    "get without": (lambda d: (d.get("zz"), d.get("zz", "y")), (None, "y")),
    "getall": (lambda d: (d.getall("pref"), d.getall("zz")), (["red", "blue"], [])),
    "getlist": (lambda d: d.getlist("pref"), ["red", "blue"]),
    "getone": (lambda d: d.getone("x"), "1"),
    "items": (lambda d: list(d.items()), [("pref", "red"), ("pref", "blue"), ("x", "1")]),
    "keys": (lambda d: list(d.keys()), ["pref", "pref", "x"]),
    "values": (lambda d: list(d.values()), ["red", "blue", "1"]),
    "keys again": (lambda d: (lambda keys: list(keys) == list(keys))(d.keys()), True),  # WebOb: walked once
    "len": (len, 3),
    "mixed": (lambda d: d.mixed(), {"pref": ["red", "blue"], "x": "1"}),
    "dict_of_lists": (lambda d: d.dict_of_lists(), {"pref": ["red", "blue"], "x": ["1"]}),
    "copy": (lambda d: type(d.copy()) is MultiDict and d.copy() == d, True),
    "pop": (lambda d: d.pop("pref"), "blue"),  # WebOb: the first
    "pop without": (lambda d: d.pop("zz", "y"), "y"),
    "popitem": (lambda d: d.popitem(), ("x", "1")),
    "setdefault": (lambda d: d.setdefault("pref", "z"), "blue"),  # WebOb: the first
    "setdefault without": (lambda d: (d.setdefault("y", "z"), d["y"]), ("z", "z")),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_is_answered(name: str) -> None:
    ask, answer = ASKED[name]
    assert ask(given()) == answer


#: What is done, and the pairs that are there then.
DONE: dict[str, tuple[Callable[[Dict], Any], list[tuple[str, str]]]] = {
    "[]=": (lambda d: d.__setitem__("pref", "green"), [("x", "1"), ("pref", "green")]),
    "add": (lambda d: d.add("x", "2"), [("pref", "red"), ("pref", "blue"), ("x", "1"), ("x", "2")]),
    "del": (lambda d: d.__delitem__("pref"), [("x", "1")]),
    "pop": (lambda d: d.pop("pref"), [("pref", "red"), ("x", "1")]),
    "popitem": (lambda d: d.popitem(), [("pref", "red"), ("pref", "blue")]),
    "clear": (lambda d: d.clear(), []),
    "update": (
        lambda d: d.update([("pref", "a"), ("pref", "b")]),
        [("x", "1"), ("pref", "a"), ("pref", "b")],
    ),
    "extend": (
        lambda d: d.extend([("x", "2")], x="3"),  # WebOb: keywords overwrite
        [("pref", "red"), ("pref", "blue"), ("x", "1"), ("x", "2"), ("x", "3")],
    ),
    "setdefault": (lambda d: d.setdefault("pref", "z"), [("pref", "red"), ("pref", "blue"), ("x", "1")]),
}


@pytest.mark.parametrize("name", DONE)
def test_what_is_done_stays(name: str) -> None:
    do, pairs = DONE[name]
    changed = given()
    do(changed)
    assert list(changed.items()) == pairs


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda d: d.getone("pref"), "Multiple values match 'pref': ['red', 'blue']"),
        (lambda d: d.getone("zz"), "Key not found: 'zz'"),
        (lambda d: d["zz"], "zz"),
        (lambda d: d.__delitem__("zz"), "zz"),
        (lambda d: d.pop("zz"), "zz"),
    ],
)
def test_what_is_not_there_is_a_key_error(ask: Callable[[Dict], Any], message: str) -> None:
    with pytest.raises(KeyError) as caught:
        ask(given())
    assert caught.value.args == (message,)


@pytest.mark.parametrize("key", ["password", "new_passwd", "pwd", "Secret-Key", "token"])
def test_secrets_do_not_appear_in_a_repr(key: str) -> None:
    assert "hush" not in repr(MultiDict([(key, "hush")]))
    with pytest.raises(KeyError) as caught:
        MultiDict([(key, "hush"), (key, "hush")]).getone(key)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("name", ["GET", "POST", "params"])
def test_what_a_request_gives_is_not_changed(name: str) -> None:
    found = getattr(Request.blank("/?a=1", POST={"a": "2"}), name)
    assert isinstance(found, ImmutableMultiDict)
    for change in ("add", "extend", "update", "clear", "pop", "setdefault", "__setitem__", "__delitem__"):
        assert not hasattr(found, change)
    copy = found.copy()
    copy["b"] = "3"
    assert "b" not in found


def test_params_go_over_the_query_first_and_give_the_last() -> None:
    """WebOb's `params['a']` is the query's, its `[]` elsewhere the last one's."""
    params = Request.blank("/?a=query", POST={"a": "form"}).params
    assert (params["a"], params.getall("a")) == ("form", ["query", "form"])


@pytest.mark.parametrize("body", [b"", b"a=1"])
def test_what_is_no_form_has_no_fields(body: bytes) -> None:
    form = Request.blank("/", method="POST", body=body, content_type="text/plain").POST
    assert (list(form.items()), len(form), bool(form), form.get("a"), form.getall("a")) == (
        [],
        0,
        False,
        None,
        [],
    )
    with pytest.raises(KeyError):
        form["a"]
