import collections
import dataclasses
import ipaddress
import json as stdlib
import re
import types
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from wadjet.media.json import MAX_DEPTH, dumps, dumps_indented, loads, refuse_nan, simplify

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Colour(Enum):
    RED = "red"


class Pair(NamedTuple):
    a: int
    b: int


@dataclasses.dataclass
class Point:
    x: int


class Model(BaseModel):
    full_name: str = Field(default="x", alias="fullName")


class Private:
    def __init__(self) -> None:
        self.password = "hunter2"


@given(VALUES)
def test_what_is_written_can_be_read(value: Any) -> None:
    assert loads(dumps(value)) == value == stdlib.loads(dumps(value))
    assert loads(dumps(value).decode()) == value
    assert loads(dumps_indented(value, 4)) == value


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (datetime(2020, 1, 2, tzinfo=UTC), '"2020-01-02T00:00:00+00:00"'),
        (date(2020, 1, 2), '"2020-01-02"'),
        (time(3, 4), '"03:04:00"'),
        (timedelta(minutes=1), "60.0"),
        (Decimal("1.10"), '"1.10"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Colour.RED, '"red"'),
        (Point(1), '{"x":1}'),
        (Pair(1, 2), "[1,2]"),
        (Model(), '{"fullName":"x"}'),
        ({1}, "[1]"),
        (frozenset([1]), "[1]"),
        (collections.deque([1]), "[1]"),
        (range(2), "[0,1]"),
        (b"abc", '"abc"'),
        (bytearray(b"abc"), '"abc"'),
        (memoryview(b"abc"), '"abc"'),
        (PurePosixPath("/a"), '"/a"'),
        (ipaddress.ip_address("::1"), '"::1"'),
        (re.compile("a+"), '"a+"'),
        (types.MappingProxyType({"a": 1}), '{"a":1}'),
        (collections.UserDict({"a": 1}), '{"a":1}'),
        ({2: "a", None: "b", True: "c"}, '{"2":"a","null":"b","true":"c"}'),
        ({Colour.RED: 1}, '{"red":1}'),
        (float("nan"), "null"),
        (float("-inf"), "null"),
        (2**64, "18446744073709551616"),
        (
            {"n": [-(2**70), timedelta(minutes=1), float("nan"), {1}]},
            '{"n":[-1180591620717411303424,60.0,null,[1]]}',
        ),
        ({2**70: 1}, '{"1180591620717411303424":1}'),
    ],
)
def test_python_s_own_types_have_a_form(value: Any, document: str) -> None:
    assert dumps(value).decode() == document
    stdlib.loads(document)


def test_an_indented_document_is_the_same_document() -> None:
    assert dumps_indented({"n": 2**70, "é": [float("nan")]}, 1).decode() == (
        '{\n "n": 1180591620717411303424,\n "é": [\n  null\n ]\n}'
    )


@pytest.mark.parametrize("indent", range(5))
def test_every_indent_is_a_layout_of_the_same_document(indent: int) -> None:
    value = {"n": [2**70, {}, [], 1.5], "when": date(2020, 1, 2), "m": {1: 2}}
    assert stdlib.loads(dumps_indented(value, indent)) == stdlib.loads(dumps(value))
    assert dumps_indented(2**70, indent) == b"1180591620717411303424"
    with pytest.raises(TypeError):
        dumps_indented([Private()], indent)


def test_no_generator_is_drained_by_a_first_attempt_and_lost_in_the_second() -> None:
    items = (n for n in range(3))
    for _ in range(2):
        with pytest.raises(TypeError, match="generator"):
            dumps({"items": items, "m": {1: 2}})
    assert list(items) == [0, 1, 2]


@pytest.mark.parametrize("value", [Private(), object(), {"a": Private()}, [2**70, Private()], print, Private])
def test_an_object_without_a_form_is_a_type_error_that_names_its_type(value: Any) -> None:
    with pytest.raises(Exception, match="(?i)private|object|builtin|type") as caught:
        dumps(value)
    assert isinstance(caught.value, TypeError)
    assert "hunter2" not in str(caught.value)


def test_private_attributes_are_never_looked_into() -> None:
    with pytest.raises(TypeError, match="Private has no JSON form"):
        simplify(Private())


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"NaN", id="JSON-30"),
        pytest.param(b"[-Infinity]", id="JSON-32"),
        pytest.param(b"1e400", id="JSON-33"),
        pytest.param(rb'"\ud800"', id="surrogate"),
        pytest.param(b"\xef\xbb\xbf{}", id="JSON-28"),
        pytest.param(b"1" * 5000, id="JSON-37"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="JSON-40"),
        pytest.param(b'"\xff"', id="JSON-25"),
    ],
)
def test_what_is_no_json_is_a_value_error(document: bytes) -> None:
    with pytest.raises(ValueError):
        loads(document)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_limited_with_room_for_an_answer_around_it(opening: str, closing: str) -> None:
    inner = "[]" if opening == "[" else "{}"
    deepest = opening * (MAX_DEPTH - 1) + inner + closing * (MAX_DEPTH - 1)
    value = loads(deepest)
    for _ in range(50):
        value = [value]
    assert dumps(value)
    for document in (opening + deepest + closing, (opening + deepest + closing).encode()):
        with pytest.raises(ValueError, match=f"nested deeper than {MAX_DEPTH} levels"):
            loads(document)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(loads("[" + ",".join(["[]"] * 1000) + "]")) == 1000


def test_keys_that_look_like_numbers_stay_text() -> None:
    """JSON-52: the hash of a text is random, that of a number is the number, which a client could choose."""
    keys = [str(number * ((1 << 61) - 1)) for number in range(100_000)]
    document = loads("{" + ",".join(f'"{key}":0' for key in keys) + "}")
    assert list(document) == keys


def test_of_two_equal_keys_the_last_counts() -> None:
    """JSON-51."""
    assert loads('{"a":1,"a":2}') == {"a": 2}


# -- models of others ----------------------------------------------------------------------------------------------------------


class Reference:
    """What a foreign key is before its object is loaded."""

    def __init__(self, fk_id: object) -> None:
        self.fk_id = fk_id


def test_a_reference_is_its_key() -> None:
    assert dumps({"author": Reference(7), "editor": Reference(None)}) == b'{"author":"7","editor":null}'


def test_a_struct_is_written_as_its_library_says() -> None:
    struct = msgspec.defstruct("Point", [("first_x", int), ("tags", set)], rename="camel", tag=True)
    assert loads(dumps([struct(1, {"a"})])) == [{"type": "Point", "firstX": 1, "tags": ["a"]}]


def refused(value: object) -> bool:
    try:
        refuse_nan(value, dumps(value))
    except ValueError as error:
        return "NaN and infinity have no JSON form" in str(error)
    return False


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {"a": {1: float("-inf")}}, {"a": [2**70, float("nan")]}]
)
def test_what_is_no_number_can_be_refused(value: object) -> None:
    assert refused(value)


@pytest.mark.parametrize("value", [None, [None, 1.5], "null", "NaN", {"null": {1}}, {1: None}])
def test_a_null_is_no_reason_to_refuse(value: object) -> None:
    assert not refused(value)
