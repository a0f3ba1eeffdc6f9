import copy
import pickle
from collections.abc import Mapping, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.multidict import ImmutableMultiDict, MultiDict

PAIRS = [("pref", "red"), ("pref", "blue"), ("x", "1")]
LISTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers()))


def colours() -> MultiDict[str]:
    return MultiDict(PAIRS)


@pytest.mark.parametrize("kind", [MultiDict, ImmutableMultiDict])
class TestReading:
    def test_one_value_is_the_last(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        assert d["pref"] == "blue"
        assert d.get("pref") == "blue"
        assert d.get("zz") is None
        assert d.get("zz", "none") == "none"

    def test_all_values_come_in_order(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        assert d.getall("pref") == d.getlist("pref") == ["red", "blue"]
        assert d.getall("zz") == []

    def test_the_only_value_is_asked_for_by_getone(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        assert d.getone("x") == "1"
        with pytest.raises(KeyError, match="Key not found: 'zz'"):
            d.getone("zz")
        with pytest.raises(KeyError, match=r"Multiple values match 'pref': \['red', 'blue'\]"):
            d.getone("pref")

    def test_the_whole_is_told_as_a_dict(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        assert d.mixed() == {"pref": ["red", "blue"], "x": "1"}
        assert d.dict_of_lists() == {"pref": ["red", "blue"], "x": ["1"]}
        assert dict(d) == {"pref": "blue", "x": "1"}

    def test_views_hold_all_pairs_and_can_be_walked_twice(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        items, keys, values = d.items(), d.keys(), d.values()
        for _ in range(2):
            assert list(items) == PAIRS
            assert list(keys) == ["pref", "pref", "x"]
            assert list(values) == ["red", "blue", "1"]
        assert len(items) == len(keys) == len(values) == len(d) == 3
        assert ("pref", "red") in items
        assert ("pref", "green") not in items
        assert "red" in values
        assert "pref" in keys
        assert list(d) == ["pref", "pref", "x"]
        assert d.multi_items() == PAIRS

    def test_a_missing_key_is_a_key_error(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        absent: list[Any] = ["zz", 1, None]
        assert not any(key in d for key in absent)
        with pytest.raises(KeyError):
            d["zz"]

    def test_it_is_made_of_a_mapping_of_pairs_or_of_keywords(self, kind: type[MultiDict[str]]) -> None:
        assert kind({"a": "1"}, b="2").multi_items() == [("a", "1"), ("b", "2")]
        assert kind(kind(PAIRS)).multi_items() == PAIRS
        assert kind(pair for pair in PAIRS).multi_items() == PAIRS
        assert not kind()
        assert kind(PAIRS)

    def test_it_equals_what_has_the_same_values_for_the_same_keys(self, kind: type[MultiDict[str]]) -> None:
        assert kind(PAIRS) == colours()
        assert kind(PAIRS) == kind([("x", "1"), *PAIRS[:2]])
        assert kind(PAIRS) != kind([("pref", "blue"), ("pref", "red"), ("x", "1")])
        assert kind({"a": "1"}) == {"a": "1"}
        assert kind(PAIRS) != {"pref": "blue", "x": "1"}
        assert kind(PAIRS) != PAIRS

    def test_it_has_no_hash(self, kind: type[MultiDict[str]]) -> None:
        with pytest.raises(TypeError, match="unhashable"):
            hash(kind(PAIRS))

    def test_its_copy_can_be_changed_without_changing_it(self, kind: type[MultiDict[str]]) -> None:
        d = kind(PAIRS)
        twin = d.copy()
        twin.add("y", "2")
        assert isinstance(twin, MultiDict)
        assert "y" not in d

    def test_it_survives_pickling(self, kind: type[MultiDict[str]]) -> None:
        assert pickle.loads(pickle.dumps(kind(PAIRS))) == kind(PAIRS)

    def test_its_repr_shows_no_secrets(self, kind: type[MultiDict[str]]) -> None:
        shown = repr(kind([("user", "ann"), ("New_Password", "hunter2"), ("csrfmiddlewaretoken", "abc")]))
        assert "ann" in shown
        assert "hunter2" not in shown
        assert "abc" not in shown
        assert "hunter2" not in repr(kind(password="hunter2").items())

    def test_its_errors_show_no_secrets(self, kind: type[MultiDict[str]]) -> None:
        with pytest.raises(KeyError) as caught:
            kind([("pwd", "hunter2"), ("pwd", "hunter3")]).getone("pwd")
        assert "hunter" not in str(caught.value)


def test_the_immutable_kind_has_no_way_to_change() -> None:
    d = ImmutableMultiDict(PAIRS)
    assert isinstance(d, Mapping)
    assert not isinstance(d, MutableMapping)
    with pytest.raises(TypeError):
        d["a"] = "1"  # type: ignore[index]
    assert not hasattr(d, "add")


def test_assignment_replaces_all_values_at_the_end() -> None:
    d = colours()
    d["pref"] = "green"
    assert d.multi_items() == [("x", "1"), ("pref", "green")]


def test_deletion_removes_all_values() -> None:
    d = colours()
    del d["pref"]
    assert d.multi_items() == [("x", "1")]
    with pytest.raises(KeyError):
        del d["pref"]


def test_add_keeps_what_is_there() -> None:
    d = colours()
    assert d["pref"] == "blue"
    d.add("pref", "green")
    assert d.getall("pref") == ["red", "blue", "green"]
    assert d["pref"] == "green"


def test_pop_takes_the_last_value_and_leaves_the_others() -> None:
    d = colours()
    assert d.pop("pref") == "blue"
    assert d["pref"] == "red"
    assert d.pop("pref") == "red"
    assert d.pop("pref", None) is None
    with pytest.raises(KeyError):
        d.pop("pref")


def test_popitem_takes_the_last_pair() -> None:
    d = colours()
    assert [d.popitem() for _ in range(3)] == PAIRS[::-1]
    with pytest.raises(KeyError):
        d.popitem()


def test_setdefault_returns_the_last_value() -> None:
    d = colours()
    assert d.setdefault("pref", "green") == "blue"
    assert d.setdefault("y", "2") == "2"
    assert d["y"] == "2"


def test_update_replaces_and_extend_appends() -> None:
    d = colours()
    d.extend({"x": "2"}, x="3")
    assert d.getall("x") == ["1", "2", "3"]
    d.update([("x", "4"), ("x", "5")], pref="green")
    assert d.multi_items() == [("x", "4"), ("x", "5"), ("pref", "green")]


def test_clear_leaves_nothing() -> None:
    d = colours()
    d.clear()
    assert len(d) == 0


def test_a_shallow_copy_is_independent() -> None:
    d = colours()
    twin = copy.copy(d)
    twin["x"] = "2"
    twin.add("y", "3")
    assert d == colours()


def test_views_follow_changes() -> None:
    d = colours()
    items = d.items()
    d.add("y", "2")
    assert ("y", "2") in items


def test_the_type_can_be_subscripted() -> None:
    assert MultiDict[int](a=1)["a"] == 1


@given(LISTS, LISTS)
def test_the_index_agrees_with_the_list_after_any_change(
    first: list[tuple[str, int]], then: list[tuple[str, int]]
) -> None:
    d = MultiDict(first)
    for key, value in then:
        assert d.get(key, 0) == [0, *d.getall(key)][-1]
        d.add(key, value)
        assert d[key] == value
    assert d.multi_items() == first + then
    d.update(then)
    assert d.multi_items() == [pair for pair in first if pair[0] not in dict(then)] + then
    for key in "abc":
        values = d.getall(key)
        assert [d.pop(key) for _ in values] == values[::-1]
    assert not d
