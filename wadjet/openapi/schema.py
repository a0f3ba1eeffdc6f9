"""Python types become JSON Schemas (2020-12, as OpenAPI 3.1 has them), each model once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import to_jsonable_python

from ..media.codecs import Codec, PydanticCodec
from ..media.models import codec_for

__all__ = ["JSONDocument", "Mode", "Schemas", "jsonable"]

JSONDocument = dict[str, Any]
#: Of what is read, or of what is written: a model may differ in the two.
Mode = Literal["validation", "serialization"]

_COMPONENTS = "#/components/schemas/"
#: What models have whose fields can be chosen: pydantic's, msgspec's, those of attrs.
_MODELS = ("model_fields", "__struct_fields__", "__attrs_attrs__")


class Schemas:
    """The schemas of one document. They are asked for first and made together, so that a model has one name in all of them."""

    def __init__(self) -> None:
        self._asked: list[tuple[int, Mode, TypeAdapter[Any]]] = []
        self._fills: list[Callable[[JSONDocument], None]] = []
        #: Those of msgspec, with the function that fills their place.
        self._structs: list[tuple[Any, Callable[[JSONDocument], None]]] = []
        #: The models that are not made together with others, by name.
        self._own: JSONDocument = {}

    def of(self, codec: Codec, mode: Mode, **more: Any) -> JSONDocument:
        """Return the place of a schema, which :meth:`components` fills.

        Args:
            codec: of the annotation.
            mode: which side of it.
            **more: what the schema says beside.
        """
        place: JSONDocument = {}

        def fill(schema: JSONDocument) -> None:
            place.update(schema, **more)

        if isinstance(codec, PydanticCodec):
            self._asked.append((len(self._asked), mode, codec.adapter))
            self._fills.append(fill)
        else:
            self._structs.append((codec, fill))
        return place

    def fields(self, codec: Codec, prefix: str) -> tuple[JSONDocument, list[str]]:
        """Return the schemas of the fields of a model by their names on the wire, and which of them are required.

        Args:
            codec: of the model.
            prefix: before the names of models within.
        """
        schema = self._separate(codec, prefix, mode="validation")
        return schema.get("properties", {}), schema.get("required", [])

    def chosen(self, codec: Codec, dump: dict[str, Any], prefix: str) -> JSONDocument:
        """Return the schema of what a route writes that does not write models whole.

        Args:
            codec: of the annotation.
            dump: pydantic's options of writing.
            prefix: before the names of models within.
        """
        choice = {name: dump[name] for name in ("include", "exclude") if dump.get(name)}
        is_flat = all(isinstance(names, set | frozenset) for names in choice.values())
        if choice and not (is_flat and any(hasattr(codec.annotation, mark) for mark in _MODELS)):
            return {}  # nested choices: nothing that is said of the whole type would be true
        schema = self._separate(
            codec,
            prefix,
            mode="serialization",
            by_alias=dump["by_alias"],
            schema_generator=_WithoutNone if dump.get("exclude_none") else _Generator,
        )
        if choice:
            names = _written_names(codec.annotation, schema, by_alias=dump["by_alias"])
            kept = names.keys() & choice.get("include", names.keys()) - choice.get("exclude", set())
            _restrict(schema, {names[name] for name in kept})
        return schema

    def _separate(self, codec: Codec, prefix: str, **options: Any) -> JSONDocument:
        """Make a schema by itself; the models within are named after what they belong to."""
        if not isinstance(codec, PydanticCodec):
            return self._separate_struct(codec, prefix, options.get("schema_generator"))
        options.setdefault("schema_generator", _Generator)
        schema = codec.adapter.json_schema(ref_template=f"{_COMPONENTS}{prefix}.{{model}}", **options)
        for name, model in schema.pop("$defs", {}).items():
            self._own[f"{prefix}.{name}"] = model
        return schema

    def _separate_struct(self, codec: Any, prefix: str, generator: Any) -> JSONDocument:
        from .structs import struct_schemas

        made, models = struct_schemas([codec], f"{_COMPONENTS}{prefix}.{{name}}", self._foreign)
        self._own |= {f"{prefix}.{name}": model for name, model in models.items()}
        name = made[0].get("$ref", "").removeprefix(f"{_COMPONENTS}{prefix}.")
        schema: JSONDocument = dict(models.get(name, {}))
        if generator is _WithoutNone and "required" in schema:
            nullable = {
                name
                for name, each in schema["properties"].items()
                if {"type": "null"} in each.get("anyOf", ())
            }
            schema["required"] = [name for name in schema["required"] if name not in nullable]
        return schema

    def _foreign(self, cls: type) -> JSONDocument:
        """Describe what msgspec does not know."""
        return self._separate(codec_for(cls), cls.__name__, mode="validation")

    def _add_structs(self, known: JSONDocument) -> JSONDocument:
        """Make the schemas of msgspec, under names that are free."""
        if not self._structs:
            return {}
        from .structs import struct_schemas

        codecs = [codec for codec, _ in self._structs]
        made, models = struct_schemas(codecs, f"{_COMPONENTS}{{name}}", self._foreign)
        prefix = "" if known.keys().isdisjoint(models) else "msgspec."
        if prefix:
            made, models = struct_schemas(codecs, f"{_COMPONENTS}{prefix}{{name}}", self._foreign)
        for schema, (_, fill) in zip(made, self._structs, strict=True):
            fill(schema)
        return {f"{prefix}{name}": model for name, model in models.items()}

    def components(self) -> JSONDocument:
        """Make all schemas that were asked for, fill their places, and return the models that they name."""
        made, models = TypeAdapter.json_schemas(
            self._asked, ref_template=f"{_COMPONENTS}{{model}}", schema_generator=_Generator
        )
        for (key, mode, _), fill in zip(self._asked, self._fills, strict=True):
            fill(made[key, mode])
        found = models.get("$defs", {})
        return {**found, **self._add_structs(found), **self._own}


class _Generator(GenerateJsonSchema):
    """What has no schema is anything; a default that JSON cannot say is not said."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - pydantic's own attribute

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
        """Describe what pydantic cannot."""
        return {}


class _WithoutNone(_Generator):
    """Where None is left out, what can be None may be missing."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Tell whether a field is always there."""
        return field["schema"]["type"] != "nullable" and super().field_is_required(field, total)


def _written_names(model: Any, schema: JSONDocument, *, by_alias: bool) -> dict[str, str]:
    """Return what the fields of a model are called where it is written."""
    if not hasattr(model, "model_fields"):
        return {name: name for name in schema["properties"]}
    aliases = {name: info.serialization_alias for name, info in model.model_fields.items()}
    aliases |= {name: info.alias for name, info in model.model_computed_fields.items()}
    return {name: (by_alias and alias) or name for name, alias in aliases.items()}


def _restrict(schema: JSONDocument, names: Collection[str]) -> None:
    """Leave only some properties of an object."""
    schema["properties"] = {
        name: each for name, each in schema.get("properties", {}).items() if name in names
    }
    required = [name for name in schema.pop("required", ()) if name in names]
    if required:
        schema["required"] = required


def jsonable(value: object) -> JSONDocument:
    """Return ``{"default": …}`` for a value that JSON can say, and nothing for another."""
    with suppress(ValueError):
        return {"default": to_jsonable_python(value)}
    return {}
