from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.conf.kinds import (
    Age,
    Bytes,
    Kind,
    Seconds,
    Secret,
    Whole,
    checked,
    read_text,
    takes_several,
)


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Bytes, "0", 0),
        (Bytes, " 1_000 ", 1000),
        (Bytes, "10MB", 10_000_000),
        (Bytes, "10 MiB", 10_485_760),
        (Bytes, "2gib", 2 * 2**30),
        (Bytes, "5B", 5),
        (Bytes, "3k", 3000),
        (Seconds, "30", 30.0),
        (Seconds, "0.5", 0.5),
        (Seconds, "500ms", 0.5),
        (Seconds, "1h30m", 5400.0),
        (Seconds, "1.5 h", 5400.0),
        (Seconds, "5min", 300.0),
        (Seconds, "1d", 86_400.0),
        (Age, "2w", 1_209_600),
        (Age, "0", 0),
        (Age | None, "none", None),
        (Age | None, "", None),
        (Age | None, "60", 60),
        (int | None, "None", None),
        (str | None, "", None),
        (str | None, "x", "x"),
        (str, "", ""),
        (Secret, "x", "x"),
        (tuple[str, ...] | None, "", ()),
        (tuple[str, ...] | None, "none", None),
        (tuple[str, ...] | None, "a,b", ("a", "b")),
        (tuple[str, ...], '["a,b", "c"]', ("a,b", "c")),
        (tuple[int, ...], "1, 2", (1, 2)),
        (tuple[int, ...], "[1, 2]", (1, 2)),
        (tuple[Any, ...], "a.B", ("a.B",)),
        (tuple, "a", ("a",)),
        (frozenset[str], "a,a", frozenset("a")),
        (list[float], "1,2", [1.0, 2.0]),
        (str | tuple[str, ...], "a,b", "a,b"),
        (str | tuple[str, ...], '["a", "b"]', ("a", "b")),
        (str | Mapping[str, Any] | None, '{"a": ["b"]}', {"a": ["b"]}),
        (str | Mapping[str, Any] | None, "default-src 'self'", "default-src 'self'"),
        (str | None, "[x", "[x"),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (Any, "x", "x"),
        (bool, " Yes ", True),
        (Path, "/tmp", Path("/tmp")),
        (Literal["a", "b"], "b", "b"),
        (Colour, "red", Colour.RED),
        (dt.date, "2026-11-21", dt.date(2026, 11, 21)),
        (dict[str, int] | None, '{"a": 1}', {"a": 1}),
    ],
)
def test_a_text_is_read_by_the_annotation(annotation: Any, text: str, value: object) -> None:
    found = read_text(text, annotation)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "why"),
    [
        (Bytes, "-1", "no whole number from 0"),
        (Bytes, "1.5MB", "no whole number from 0"),
        (Bytes, "10 parsecs", "no whole number from 0"),
        (Seconds, "", "no time above 0 and up to a day"),
        (Seconds, "2d", "no time above 0 and up to a day"),
        (Seconds, "0s", "no time above 0 and up to a day"),
        (Seconds, "nan", "no time above 0 and up to a day"),
        (Seconds, "5 parsecs", "no time above 0 and up to a day"),
        (Age, "1.5", "no whole number of seconds from 0"),
        (Age, "500ms", "no whole number of seconds from 0"),
        (int, "1e3", "no whole number"),
        (float, "x", "no number"),
        (bool, "", "neither true nor false"),
        (tuple[str, ...], "[", "no JSON list"),
        (tuple[int, ...], '[1, "x"]', "no whole number"),
        (tuple[int, ...], "[1.5]", "no whole number"),
        (dict[str, Any], "[]", "no JSON object"),
        (Mapping[str, Any], "x", "no JSON object"),
        (Colour, "blue", "no Colour"),
        (dt.date, "{}", "no date"),
    ],
)
def test_a_text_that_stands_for_nothing_is_refused(annotation: Any, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        read_text(text, annotation)


@pytest.mark.parametrize(
    ("annotation", "value", "kept"),
    [
        (Bytes, 5, 5),
        (Seconds, dt.timedelta(minutes=1), 60.0),
        (Age, dt.timedelta(days=7), 604_800),
        (Seconds, 1, 1),
        (Age | None, None, None),
        (float, 1, 1),
        (tuple[str, ...], ["a"], ("a",)),
        (tuple[str, ...] | None, {"a"}, ("a",)),
        (tuple[Any, ...], (int,), (int,)),
        (str | Mapping[str, Any] | None, {"a": 1}, {"a": 1}),
        (Mapping[str, Any], {}, {}),
        (Path, "anything", "anything"),
    ],
)
def test_a_value_in_code_is_kept_in_one_form(annotation: Any, value: object, kept: object) -> None:
    found = checked(value, annotation)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("annotation", "value", "why"),
    [
        (Bytes, True, "no whole number from 0"),
        (Bytes, 1.0, "no whole number from 0"),
        (Age, 1.5, "no whole number of seconds from 0"),
        (Seconds, dt.timedelta(days=2), "no time above 0 and up to a day"),
        (bool, 1, "no True or False"),
        (int, True, "no whole number"),
        (str, None, "no text"),
        (tuple[str, ...], "abc", "no tuple"),
        (tuple[str, ...], (1,), "no tuple of texts"),
        (str | tuple[str, ...], 5, "no tuple"),
        (Mapping[str, Any], (), "no mapping"),
        (dict[str, Any], (), "no dict"),
        (int | None, "5", "no whole number"),
    ],
)
def test_a_value_in_code_that_cannot_be_is_refused(annotation: Any, value: object, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        checked(value, annotation)


@given(
    st.text(max_size=20),
    st.sampled_from([Bytes, Seconds, Age, int, bool, tuple[int, ...], dict[str, Any], Age | None]),
)
def test_no_text_raises_anything_else(text: str, annotation: Any) -> None:
    try:
        found = read_text(text, annotation)
    except ValueError:
        return
    checked(found, annotation)


@given(st.integers(0, 10**12))
def test_a_number_that_is_written_is_read_again(number: int) -> None:
    assert read_text(str(number), Bytes) == number
    assert read_text(f"{number}s", Age) == number


def test_a_kind_of_ones_own_is_asked() -> None:
    class Even(Whole):
        def check(self, value: object) -> int:
            number = super().check(value)
            if number % 2:
                raise ValueError("odd")
            return number

    assert read_text("4", Annotated[int, Even()]) == checked(4, Annotated[int, Even()]) == 4
    with pytest.raises(ValueError, match="^odd$"):
        read_text("3", Annotated[int, Even()])


@pytest.mark.parametrize("written", ["read", "check"])
def test_a_kind_has_to_read_and_to_check(written: str) -> None:
    half: type[Kind] = type("Half", (Kind,), {written: lambda self, value: value})
    missing = {"read": "check", "check": "read"}[written]
    with pytest.raises(TypeError, match=f"abstract method '?{missing}'?$"):
        half()


def test_what_can_be_a_list_is_known() -> None:
    assert [takes_several(kind) for kind in (str | tuple[str, ...], tuple, list[int], str, int | None)] == [
        *[True] * 3,
        *[False] * 2,
    ]
