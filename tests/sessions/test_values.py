"""What a session may hold comes back as it went in; of all else the message says where it stands."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import json
import math
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.errors import SessionValueError
from wadjet.sessions.values import checked

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are of the same types too."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(st.text(), VALUES)
def test_what_is_allowed_comes_back_as_it_went_in(key: str, value: Any) -> None:
    assert same(json.loads(checked(key, value)), {key: value})


class Color(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param((1, 2), r"session\['k'\] is \(1, 2\) \(tuple\), .* write list\(...\)", id="tuple"),
        pytest.param({1, 2}, r"\(set\)", id="set"),
        pytest.param(dt.datetime(2026, 1, 1), "isoformat", id="datetime"),  # noqa: DTZ001 - of no zone
        pytest.param(decimal.Decimal("1.5"), "Decimal", id="decimal"),
        pytest.param(uuid.UUID(int=1), "UUID", id="uuid"),
        pytest.param(b"bytes", "decode", id="bytes"),
        pytest.param(object(), "keep text, numbers, lists and dicts", id="object"),
        pytest.param(Color.RED, "Color", id="a text of another class"),
        pytest.param(math.nan, "nan", id="NaN"),
        pytest.param(math.inf, "inf", id="infinity"),
        pytest.param(2**64, "18446744073709551616", id="a number that is too large"),
        pytest.param({"a": [0, {"b": {1}}]}, r"session\['k'\]\['a'\]\[1\]\['b'\]", id="deep inside"),
        pytest.param({1: 2}, "a key is text, not 1", id="a key that is no text"),
        pytest.param("\ud800", "has no JSON form", id="half a character"),
        pytest.param({"\ud800": 1}, "has no JSON form", id="half a character in a key"),
    ],
)
def test_what_json_has_not_is_refused_with_the_key(value: object, says: str) -> None:
    with pytest.raises(SessionValueError, match=says) as caught:
        checked("k", value)
    assert "session['k']" in str(caught.value)


def test_a_key_is_text() -> None:
    with pytest.raises(SessionValueError, match=r"session\[1\]: a key is text, not int"):
        checked(1, "one")


def test_what_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(SessionValueError, match="nests deeper than 32 levels"):
        checked("k", endless)


def test_a_refusal_is_short_whatever_is_refused() -> None:
    with pytest.raises(SessionValueError) as caught:
        checked("k" * 10_000, {"x" * 10_000: object()})
    assert len(str(caught.value)) < 600
