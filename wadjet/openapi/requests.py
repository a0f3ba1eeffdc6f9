"""What an operation takes: its parameters and the content of its requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_origin

from ..handlers.binding import Chosen
from ..handlers.content import declared_fields
from ..handlers.markers import Body, File, Form
from ..handlers.plan import Compiled
from ..handlers.signature import MISSING, plain_type
from ..handlers.sources import codec_of, is_upload
from ..http.content import MULTIPART, URLENCODED
from ..http.filerules import FileRules
from ..media.models import codec_for
from ..media.registry import BINARY, JSON
from .schema import JSONDocument, Schemas, jsonable

__all__ = ["can_fail", "content", "parameters"]

#: What OpenAPI says elsewhere, so that it ignores parameters of these names (§4.8.12.2).
_ELSEWHERE = frozenset({"accept", "authorization", "content-type"})
#: The methods whose content a ``serializer_class`` describes.
_WRITES = frozenset({"POST", "PUT", "PATCH"})
_PLAIN = (MISSING, str)


def can_fail(route: Compiled) -> bool:
    """Tell whether a request can have wrong values: a 422."""
    return any(
        choice.marker.place != "path" or choice.parameter.annotation not in _PLAIN
        for choice in route.binding.chosen
    )


def parameters(
    route: Compiled, operation: str, names: Mapping[str, str], schemas: Schemas
) -> Iterator[JSONDocument]:
    """Yield the parameters of an operation; those of the path that no handler asks for too.

    Args:
        route: the route.
        operation: its name, for models that only its parameters have.
        names: what the parameters of the path are called in its template.
        schemas: makes the schemas.
    """
    types = route.pattern.types()
    asked = list(_asked(route, operation, schemas))
    in_path = {each["name"]: each for each in asked if each["in"] == "path"}
    for name, kind in types.items():
        said = in_path.get(name) or {"in": "path", "schema": _made(kind, schemas)}
        yield {"name": names[name], "in": "path", "required": True, **_without(said, "name", "required")}
    yield from (each for each in asked if each["in"] != "path")


def _asked(route: Compiled, operation: str, schemas: Schemas) -> Iterator[JSONDocument]:
    """Describe what the handler asks for, under the names of the route."""
    types = route.pattern.types()
    groups = {group.name for group in route.binding.groups}
    for choice in route.binding.chosen:
        if isinstance(choice.marker, Body | Form):
            continue
        if choice.parameter.name in groups:
            yield from _many(choice, operation, schemas)
        elif choice.marker.place != "header" or _name(choice) not in _ELSEWHERE:
            yield _one(choice, types, schemas)


def _without(said: JSONDocument, *names: str) -> JSONDocument:
    return {name: value for name, value in said.items() if name not in names}


def _one(choice: Chosen, types: Mapping[str, Any], schemas: Schemas) -> JSONDocument:
    """Describe a parameter of one name."""
    parameter, marker = choice
    name = _name(choice)
    said: JSONDocument = {"name": name, "in": marker.place}
    if (description := marker.constraints.get("description")) is not None:
        said["description"] = description
    if _is_required(choice):
        said["required"] = True
    is_bare = parameter.annotation is MISSING
    return {**said, "schema": _made(types.get(name, str), schemas) if is_bare else _schema(choice, schemas)}


def _many(choice: Chosen, operation: str, schemas: Schemas) -> Iterator[JSONDocument]:
    """Describe a model of many parameters; a dict takes what there is."""
    place, model = choice.marker.place, plain_type(choice.parameter.annotation)
    if (get_origin(model) or model) is dict:
        if place == "query":
            yield {
                "name": choice.parameter.name,
                "in": place,
                "style": "form",
                "schema": _schema(choice, schemas),
            }
        return
    fields, required = schemas.fields(codec_for(model), operation)
    for name, schema in fields.items():
        wire_name = name.replace("_", "-").lower() if place == "header" else name
        is_required = name in required and _is_required(choice)
        yield {
            "name": wire_name,
            "in": place,
            **({"required": True} if is_required else {}),
            "schema": schema,
        }


def content(route: Compiled, method: str, schemas: Schemas) -> JSONDocument | None:
    """Return what an operation says of the content of its requests; None if it takes none."""
    fields = [choice for choice in route.binding.chosen if isinstance(choice.marker, Form)]
    body = next((choice for choice in route.binding.chosen if isinstance(choice.marker, Body)), None)
    if fields:
        return _encoded(_form(fields, body, schemas), route.binding.file_rules)
    if body is not None:
        return _encoded(_document(body, schemas), route.binding.file_rules)
    serializer = getattr(route.route.handler, "serializer_class", None)
    if serializer is not None and method in _WRITES:
        return {
            "required": True,
            "content": {JSON: {"schema": schemas.of(codec_for(serializer), "validation")}},
        }
    return None


def _encoded(said: JSONDocument, rules: Mapping[str, FileRules]) -> JSONDocument:
    """Add what types the files of a form may have (OpenAPI 3.1 §4.8.15)."""
    types = {
        name: {"contentType": ", ".join(each.content_types)}
        for name, each in rules.items()
        if each.content_types
    }
    if types and MULTIPART in said["content"]:
        said["content"][MULTIPART]["encoding"] = types
    return said


def _document(body: Chosen, schemas: Schemas) -> JSONDocument:
    annotation = body.parameter.annotation
    said: JSONDocument = {"required": True} if _is_required(body) else {}
    if plain_type(annotation) is bytes:
        return {**said, "content": {BINARY: {}}}
    has_files = any(map(is_upload, _fields(annotation)))
    kinds = (MULTIPART,) if has_files else (JSON, URLENCODED, MULTIPART) if _fields(annotation) else (JSON,)
    return {**said, "content": {kind: {"schema": _schema(body, schemas)} for kind in kinds}}


def _fields(annotation: Any) -> list[Any]:
    """Return the types of the fields of a model; empty for what is none, and could not be a form."""
    return [kind for _, kind in declared_fields(plain_type(annotation)) or ()]


def _form(fields: Sequence[Chosen], body: Chosen | None, schemas: Schemas) -> JSONDocument:
    properties = {_name(choice): _schema(choice, schemas) for choice in fields}
    required = [_name(choice) for choice in fields if _is_required(choice)]
    form: JSONDocument = {"type": "object", "properties": properties}
    if required:
        form["required"] = required
    annotations = [choice.parameter.annotation for choice in fields]
    if body is not None:
        annotations += _fields(body.parameter.annotation)
        form = {"allOf": [form, _schema(body, schemas)]}
        required += ["the rest"] if _is_required(body) else []
    kinds = (MULTIPART,) if any(map(is_upload, annotations)) else (URLENCODED, MULTIPART)
    said: JSONDocument = {"required": True} if required else {}
    return {**said, "content": {kind: {"schema": form} for kind in kinds}}


def _schema(choice: Chosen, schemas: Schemas) -> JSONDocument:
    parameter, marker = choice
    annotation = Any if parameter.annotation is MISSING else parameter.annotation
    if isinstance(marker, File):
        annotation = Annotated[annotation, marker]
    default = _default(choice)
    more = {} if default in (MISSING, None) else jsonable(default)
    return schemas.of(codec_of(parameter, annotation, marker.constraints), "validation", **more)


def _made(kind: Any, schemas: Schemas) -> JSONDocument:
    """Return the schema of what a converter makes."""
    return schemas.of(codec_for(kind), "validation")


def _name(choice: Chosen) -> str:
    """What the parameter is called on the wire."""
    return choice.marker.wire_name(choice.parameter.name)


def _default(choice: Chosen) -> Any:
    return choice.parameter.default if choice.marker.default is MISSING else choice.marker.default


def _is_required(choice: Chosen) -> bool:
    return _default(choice) is MISSING
