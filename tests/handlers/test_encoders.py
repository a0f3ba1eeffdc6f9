"""``response_custom_encoder``: by class, however deep; or one function for the whole."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from wadjet import Wadjet, get
from wadjet.errors import ConfigError
from wadjet.handlers.encoders import CustomEncoder
from wadjet.testing import TestClient


class Money(BaseModel):
    amount: Decimal
    note: str | None = None


class Exact(Decimal):
    pass


class Unknown:
    pass


def document(value: Any, encoders: Any, annotation: Any = None, **options: Any) -> Any:
    async def handler() -> Any:
        return value

    if annotation is None:
        del handler.__annotations__["return"]
    else:
        handler.__annotations__["return"] = annotation
    route = get("/", handler, response_custom_encoder=encoders, **options)
    response = TestClient(Wadjet(routes=[route])).get("/")
    assert response.headers["content-type"].startswith("application/json")
    return json.loads(response.content)


CENTS = {Decimal: lambda value: int(value * 100)}


@pytest.mark.parametrize("annotation", [None, Any])
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": Decimal("1.25")}, {"a": 125}),
        ([Decimal(1), "x", {"b": (Decimal(2), None)}], [100, "x", {"b": [200, None]}]),
        ({"model": Money(amount=Decimal(3))}, {"model": {"amount": 300, "note": None}}),
        ([Exact(4)], [400]),
    ],
)
def test_values_are_replaced_however_deep_they_are(value: Any, found: Any, annotation: Any) -> None:
    assert document(value, CENTS, annotation) == found


def test_the_fields_of_a_declared_model_are_replaced_too() -> None:
    assert document(Money(amount=Decimal("1.5")), CENTS, Money) == {"amount": 150, "note": None}
    assert document([Money(amount=Decimal(1))], CENTS, list[Money]) == [{"amount": 100, "note": None}]


def test_the_other_options_hold_beside_it() -> None:
    value = Money(amount=Decimal(1))
    assert document(value, CENTS, Money, response_exclude_none=True) == {"amount": 100}
    assert document({"money": value}, CENTS, response_exclude_none=True) == {"money": {"amount": 100}}
    dumped = document({"a": Decimal(1)}, CENTS, response_json_encoder=lambda value: json.dumps([value]))
    assert dumped == [{"a": 100}]


def test_the_nearest_class_decides_and_its_result_is_final() -> None:
    encoder = CustomEncoder({Decimal: str, Exact: lambda value: [value]})
    assert encoder([Decimal(1), Exact(2)]) == ["1", [Exact(2)]]


def test_what_has_no_json_form_gets_one() -> None:
    assert document({"x": Unknown()}, {Unknown: lambda _: "known"}) == {"x": "known"}


def test_one_function_is_applied_to_the_whole_result() -> None:
    assert document({"a": 1}, lambda value: {"data": value}) == {"data": {"a": 1}}


@pytest.mark.parametrize("encoders", [1, {"float": round}, {float: 1}, dict])
def test_an_encoder_that_is_none_fails_at_assembly(encoders: Any) -> None:
    route = get("/", lambda: "x", response_custom_encoder=encoders)
    with pytest.raises(ConfigError, match=r"test_encoders\.py:\d+: .* is neither a function nor a dict"):
        Wadjet(routes=[route]).seal()
