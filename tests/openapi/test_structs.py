"""Structs and attrs classes in the document."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import attrs
import pytest
from msgspec import Meta, Struct
from pydantic import BaseModel

from tests.openapi.test_document import answer, described, operation, ref
from wadjet import Query, UploadFile, Wadjet

T = TypeVar("T")


class Item(Struct, rename="camel"):
    item_name: Annotated[str, Meta(min_length=2)]
    note: str | None
    price: float = 1.0


class Order(Struct):
    items: list[Item]


class Rows(Struct, Generic[T]):
    rows: list[T]


class Model(BaseModel):
    a: int


class Mixed(Struct):
    model: Model


class Album(Struct):
    pages: list[UploadFile]


@attrs.define
class Account:
    name: str
    _password: str = ""


ITEM = {
    "title": "Item",
    "type": "object",
    "properties": {
        "itemName": {"type": "string", "minLength": 2},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "price": {"type": "number", "default": 1.0},
    },
    "required": ["itemName", "note"],
}


def test_a_struct_is_a_component_on_both_sides() -> None:
    async def handler(order: Order) -> list[Item]:
        raise NotImplementedError

    found, models = operation(handler)
    assert found["requestBody"]["content"]["application/json"] == {"schema": ref("Order")}
    assert found["responses"]["200"]["content"]["application/json"] == {
        "schema": {"type": "array", "items": ref("Item")}
    }
    assert models["Item"] == ITEM


def test_private_attributes_are_not_described() -> None:
    async def handler() -> Account:
        raise NotImplementedError

    _, models = operation(handler, "/", "GET")
    assert models["Account"]["properties"].keys() == {"name"}


def test_generic_structs_have_a_name_for_each_argument() -> None:
    async def handler() -> Rows[Item]:
        raise NotImplementedError

    found, models = operation(handler, "/", "GET")
    assert found["responses"]["200"]["content"]["application/json"]["schema"] == ref("Rows_Item_")
    assert models["Rows_Item_"]["properties"]["rows"]["items"] == ref("Item")


def test_models_of_both_libraries_with_one_name_are_two() -> None:
    other = type("Item", (BaseModel,), {"__annotations__": {"b": int}})
    app = Wadjet()

    @app.get("/one")
    async def one() -> Item:
        raise NotImplementedError

    async def two() -> Any:
        raise NotImplementedError

    two.__annotations__["return"] = other
    app.add("/two", two)
    found = described(app)
    models = found["components"]["schemas"]
    assert models["msgspec.Item"] == ITEM
    assert models["Item"]["properties"].keys() == {"b"}
    schema = found["paths"]["/one"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == ref("msgspec.Item")


def test_what_msgspec_does_not_know_is_described_by_pydantic() -> None:
    async def handler(mixed: Mixed) -> None: ...

    _, models = operation(handler)
    assert models["Mixed"]["properties"]["model"]["properties"]["a"]["type"] == "integer"


def test_a_struct_of_parameters_is_a_parameter_for_each_field() -> None:
    async def handler(item: Annotated[Item, Query()]) -> None: ...

    found, _ = operation(handler, "/", "GET")
    said = [(each["name"], each["in"], each.get("required", False)) for each in found["parameters"]]
    assert said == [("itemName", "query", True), ("note", "query", True), ("price", "query", False)]


def test_a_struct_with_files_is_a_multipart_form() -> None:
    async def handler(album: Album) -> None: ...

    found, models = operation(handler)
    assert [*found["requestBody"]["content"]] == ["multipart/form-data"]
    assert models["Album"]["properties"]["pages"]["items"]["type"] == "string"


@pytest.mark.parametrize(
    ("options", "fields", "required"),
    [
        ({"response_include_fields": {"itemName"}}, {"itemName"}, ["itemName"]),
        ({"response_exclude_fields": {"itemName"}}, {"note", "price"}, ["note"]),
        ({"response_exclude_none": True}, {"itemName", "note", "price"}, ["itemName"]),
    ],
)
def test_chosen_fields_are_described(options: Any, fields: Any, required: Any) -> None:
    async def handler() -> Item:
        raise NotImplementedError

    schema = answer(handler, **options)["content"]["application/json"]["schema"]
    assert (schema["properties"].keys(), schema["required"]) == (fields, required)


def test_what_is_left_out_of_containers_is_not_described() -> None:
    async def handler() -> list[Item]:
        raise NotImplementedError

    found = answer(handler, response_exclude_fields={"__all__": {"note"}})
    assert found["content"]["application/json"] == {"schema": {}}
