"""Structs and attrs classes become JSON Schemas. Imported when a document has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..media.shapes import parts
from ..media.structs import StructCodec

__all__ = ["struct_schemas"]


def struct_schemas(
    codecs: Sequence[StructCodec], template: str, foreign: Callable[[type], dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the schema of each codec, and the classes that these name.

    Args:
        codecs: of the annotations.
        template: how a class is referred to, with ``{name}`` in it.
        foreign: describes the classes that msgspec does not know.
    """
    schemas, models = msgspec.json.schema_components(
        [codec.annotation for codec in codecs], schema_hook=foreign, ref_template=template
    )
    classes: list[Any] = [getattr(part, "cls", None) for codec in codecs for part in parts(codec.kind)]
    for cls in classes:
        if hasattr(cls, "__attrs_attrs__"):
            _hide_private(models[cls.__name__])
    return list(schemas), models


def _hide_private(schema: dict[str, Any]) -> None:
    """Private attributes neither come nor go."""
    schema["properties"] = {
        name: each for name, each in schema["properties"].items() if not name.startswith("_")
    }
    schema["required"] = [name for name in schema["required"] if not name.startswith("_")]
