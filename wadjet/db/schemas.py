"""What an object of a model is as JSON: its fields, by their kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import CoreSchema, SchemaSerializer, core_schema

from .fields import columns_of, shown

__all__ = ["Serializer", "schema_of"]


class Serializer:
    """Makes pydantic's serialiser of a model when it is first asked for."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[type, SchemaSerializer] = {}

    def __get__(self, instance: object | None, owner: type) -> SchemaSerializer:
        made = self._made.get(owner)
        if made is None:
            from pydantic import TypeAdapter

            made = self._made[owner] = TypeAdapter(owner).serializer
        return made


def schema_of(model: type, schema: Callable[[Any], CoreSchema]) -> CoreSchema:
    """Return pydantic's schema of a model: an instance is taken, and its fields are written.

    Args:
        model: the class.
        schema: gives that of an annotation.
    """
    columns = columns_of(model)
    names = shown(model)
    fields = {
        name: core_schema.typed_dict_field(schema(columns[name].annotation), required=True) for name in names
    }
    document = core_schema.typed_dict_schema(fields, cls_name=model.__name__)

    def written(value: Any) -> dict[str, Any]:
        return {name: getattr(value, name) for name in names}

    return core_schema.json_or_python_schema(
        json_schema=document,
        python_schema=core_schema.is_instance_schema(model),
        serialization=core_schema.plain_serializer_function_ser_schema(written, return_schema=document),
    )
