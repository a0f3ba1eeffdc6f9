"""A value becomes a bounded text, whatever it is and whatever it does."""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.conf.masking import MASK
from wadjet.debug.secrets import Masker
from wadjet.debug.values import cut, shown

#: What a value is cut to, and what is said of the rest.
MOST = 1000 + 40


class Text(str):
    """A text that lies about itself."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> str:
        raise RuntimeError("no slices")

    __len__ = __getitem__  # type: ignore[assignment]  # it is meant to fail


class Said:
    """Its repr() is what a test wants."""

    def __init__(self, said: Any) -> None:
        self.said = said

    def __repr__(self) -> str:
        if isinstance(self.said, BaseException):
            raise self.said
        return self.said  # type: ignore[no-any-return]  # a test may want anything


class Changing(dict[str, int]):
    """Its items change while they are shown; it is shown by its own repr()."""

    def items(self) -> Any:
        raise RuntimeError("changed size during iteration")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1"),
        ("a'b", '"a\'b"'),
        (b"\xff", "b'\\xff'"),
        ([], "[]"),
        ((), "()"),
        (set(), "set()"),
        (frozenset(), "frozenset()"),
        ((1,), "(1,)"),
        ([1, "two", None], "[1, 'two', None]"),
        ({3}, "{3}"),
        (frozenset({3}), "frozenset({3})"),
        ({"a": [1], 2: {"b": ()}}, "{'a': [1], 2: {'b': ()}}"),
        ([[[[[[1]]]]]], "[[[[[…]]]]]"),
        (list(range(30)), f"[{', '.join(map(str, range(20)))}, … 10 more]"),
        (dict.fromkeys(range(21)), f"{{{', '.join(f'{n}: None' for n in range(20))}, … 1 more}}"),
        (
            {"password": "x", "token": None, "pin": "", "n": 1},
            f"{{'password': {MASK}, 'token': None, 'pin': '', 'n': 1}}",
        ),
        (Changing(a=1), "{'a': 1}"),
        (OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (defaultdict(str, token="x"), f"defaultdict({{'token': {MASK}}})"),
        (deque(range(21)), f"deque([{', '.join(map(str, range(20)))}, … 1 more])"),
        (Counter({b"cookie": 2, "b": 1}), f"Counter({{b'cookie': {MASK}, 'b': 1}})"),
        (
            [(b"cookie", b"x"), ("name", "pin"), ("pin", 1, 2)],
            f"[(b'cookie', {MASK}), ('name', 'pin'), ('pin', 1, 2)]",
        ),
    ],
)
def test_a_value_looks_as_in_python(value: object, expected: str) -> None:
    assert shown(value, Masker()) == expected


@pytest.mark.parametrize(
    "error",
    [RuntimeError("x" * 10**6), RecursionError(), SystemExit(), KeyboardInterrupt(), GeneratorExit()],
    ids=repr,
)
def test_a_repr_that_raises_is_told_of(error: BaseException) -> None:
    assert shown([Said(error)], Masker()) == f"[<Said: its repr() raised {type(error).__name__}>]"


@pytest.mark.parametrize("said", [None, 5, b"bytes"])
def test_a_repr_that_is_no_text_is_told_of(said: object) -> None:
    assert shown(Said(said), Masker()) == "<Said: its repr() raised TypeError>"


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        b"x" * 10**6,
        ["x" * 900] * 1000,
        {f"{n}": ["x" * 500] * 20 for n in range(1000)},
        Said("x" * 10**6),
        Said(Text("x" * 10**6)),
        10**5000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_text_is_longer_than_a_developer_reads(value: object) -> None:
    assert len(shown(value, Masker())) <= MOST


def test_no_more_is_asked_than_is_shown() -> None:
    asked: Iterator[int] = itertools.count()

    class Counting:
        def __repr__(self) -> str:
            next(asked)
            return "x" * 400

    shown([[Counting() for _ in range(10)] for _ in range(10)], Masker())
    assert next(asked) <= 4


def test_a_container_that_changes_is_told_of() -> None:
    class Growing:
        def __repr__(self) -> str:
            values[-len(values)] = 0
            return "grown"

    values: dict[Any, Any] = {Growing(): 1, 2: 2}
    assert shown(values, Masker()).endswith("<dict: its repr() raised RuntimeError>")


def test_a_secret_is_masked_by_its_name_and_by_its_value() -> None:
    masker = Masker(["known-secret"])
    assert shown("anything", masker, "password") == MASK
    assert shown(None, masker, "password") == "None"
    assert shown(False, masker, "token") == "False"
    assert shown("", masker, "token") == "''"
    assert shown(["known-secret"], masker, "x") == f"['{MASK}']"


def test_no_half_of_a_secret_is_left_where_it_is_cut() -> None:
    text = "a" * 990 + "known-secret" + "b" * 990
    assert "known" not in shown(Said(text), Masker(["known-secret"]))
    assert "known" not in shown([text], Masker(["known-secret"]))


def test_what_is_cut_says_how_long_it_is() -> None:
    assert shown("x" * 5000, Masker()).endswith("x… (5000 in all)")
    assert shown(["x" * 200] * 9, Masker()).endswith("x… (9 in all)")


def test_a_cut_text_says_how_much_is_missing() -> None:
    assert cut("abcdef", 4) == "abcd… 2 more characters"
    assert cut("abcd", 4) == "abcd"


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_value_breaks_it(value: object) -> None:
    assert len(shown(value, Masker())) <= MOST
