"""``jsonify``: what a handler would send of an object, as plain values or as text."""

from __future__ import annotations

import dataclasses
import json
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from wadjet import jsonify
from wadjet.errors import ConfigError


class Animal(BaseModel):
    kind: str = Field(serialization_alias="animalKind")
    legs: int = 4
    owner: str | None = None


@dataclasses.dataclass
class Point:
    x: int
    y: int | None = None


class Colour(Enum):
    RED = "red"


class Secretive:
    def __init__(self) -> None:
        self._password = "hunter2"


CAT = Animal(kind="cat")


def numbers() -> Iterator[int]:
    yield from (1, 2)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("a", "a"),
        (None, None),
        (10**30, 10**30),
        (Colour.RED, "red"),
        (Decimal("1.10"), "1.10"),
        (timedelta(seconds=1.5), 1.5),
        (b"ab", "ab"),
        (Point(1), {"x": 1, "y": None}),
        ([CAT, (1,), deque([2])], [{"animalKind": "cat", "legs": 4, "owner": None}, [1], [2]]),
        (numbers(), [1, 2]),
        ({1: {"a": {2}}}, {"1": {"a": [2]}}),
        (float("nan"), None),
    ],
)
def test_an_object_becomes_plain(value: Any, plain: Any) -> None:
    assert jsonify(value) == plain


@pytest.mark.parametrize(
    ("options", "plain"),
    [
        ({"by_alias": False}, {"kind": "cat", "legs": 4, "owner": None}),
        ({"include": {"kind"}}, {"animalKind": "cat"}),
        ({"exclude": {"kind"}}, {"legs": 4, "owner": None}),
        ({"exclude_unset": True}, {"animalKind": "cat"}),
        ({"exclude_defaults": True}, {"animalKind": "cat"}),
        ({"exclude_none": True}, {"animalKind": "cat", "legs": 4}),
        ({"custom_encoder": {int: str}}, {"animalKind": "cat", "legs": "4", "owner": None}),
        ({"custom_encoder": lambda value: [value["legs"]]}, [4]),
    ],
)
def test_options_choose_what_is_kept(options: Any, plain: Any) -> None:
    assert jsonify(CAT, **options) == plain
    assert json.loads(jsonify(CAT, dumps=True, **options)) == plain


def test_none_is_left_out_of_dicts_however_deep() -> None:
    value = {"a": None, "b": {"c": None, "d": [None, {"e": None}]}}
    assert jsonify(value, exclude_none=True) == {"b": {"d": [None, {}]}}


def test_text_is_compact_unless_another_encoder_writes_it() -> None:
    assert jsonify({"a": ["é"]}, dumps=True) == '{"a":["é"]}'
    assert jsonify({"a": 1}, dumps=True, dumps_encoder=lambda value: f"<{value}>") == "<{'a': 1}>"


def test_bytes_are_read_in_the_charset() -> None:
    assert jsonify({"a": "é".encode("latin-1")}, charset="latin-1") == {"a": "é"}
    with pytest.raises(ValueError, match="klingon"):
        jsonify(b"", charset="klingon")


@pytest.mark.parametrize("value", [Secretive(), [Secretive()], {"a": numbers}, ValueError("secret"), 1j])
def test_what_has_no_json_form_is_an_error_and_no_attribute_leaves(value: Any) -> None:
    with pytest.raises(TypeError, match="JSON"):
        jsonify(value)


def test_bytes_that_are_no_text_are_an_error() -> None:
    with pytest.raises((TypeError, ValueError)):
        jsonify({"a": b"\xff"})


def test_an_encoder_that_is_none_is_said_so() -> None:
    with pytest.raises(ConfigError, match="neither a function nor a dict"):
        jsonify(1, custom_encoder=5)  # type: ignore[arg-type]  # the mistake


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    )
)
def test_what_is_plain_stays_what_it_is(value: Any) -> None:
    assert jsonify(value) == value
    assert json.loads(jsonify(value, dumps=True)) == value
