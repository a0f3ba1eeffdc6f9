from enum import IntEnum
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.errors import ResponseValidationError
from wadjet.handlers.signature import MISSING
from wadjet.handlers.tuples import unpack


class Code(IntEnum):
    MADE = 201


@given(st.permutations(["text", 201, {"X-A": "1"}]))
def test_the_order_does_not_matter(parts: list[Any]) -> None:
    assert unpack(tuple(parts), "here") == ("text", 201, [(b"x-a", b"1")])


@pytest.mark.parametrize(
    ("value", "body", "status", "fields"),
    [
        ((), MISSING, None, []),
        ((404,), MISSING, 404, []),
        (("x",), "x", None, []),
        ((None, 404), None, 404, []),
        ((True, 200), True, 200, []),
        (("x", Code.MADE), "x", 201, []),
        (("x", HTTPStatus.IM_A_TEAPOT), "x", 418, []),
        (({"a": 1}, 201), {"a": 1}, 201, []),
        (({"a": 1}, {"X-A": "1"}), {"a": 1}, None, [(b"x-a", b"1")]),
        (([("X-A", "1")], 201), [("X-A", "1")], 201, []),
        (("x", [("X-A", "1"), ("X-A", "2")]), "x", None, [(b"x-a", b"1"), (b"x-a", b"2")]),
        (([1, 2], {"X-A": "1"}), [1, 2], None, [(b"x-a", b"1")]),
        (([], 200), [], 200, []),
        (("x", {}), "x", None, []),
    ],
)
def test_body_status_and_headers_are_told_apart(value: Any, body: Any, status: Any, fields: Any) -> None:
    assert unpack(value, "here") == (body, status, fields)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (("a", "b"), "two bodies, str and str"),
        ((200, 404), "two statuses, 200 and 404"),
        (("a", {"x": "1"}, {"y": "2"}), "two mappings of headers"),
        ((None, "a"), "two bodies, NoneType and str"),
    ],
)
def test_two_of_a_kind_are_an_error_that_names_the_handler(value: Any, kind: str) -> None:
    with pytest.raises(ResponseValidationError, match=f"^here returned {kind}"):
        unpack(value, "here")


@pytest.mark.parametrize(
    "value",
    [
        ("x", 99),
        ("x", 600),
        pytest.param(("x", {"X-T": "a\r\nX-Evil: 1"}), id="RSP-02"),
        pytest.param(("x", {"X-T\r\nX-Evil": "1"}), id="RSP-08"),
    ],
)
def test_what_cannot_be_sent_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        unpack(value, "here")
