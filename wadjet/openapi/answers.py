"""What an operation answers: its statuses, and what leaves with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from ..handlers.plan import Compiled
from ..handlers.rendering import rendered_types
from ..handlers.returning import Makers, members_of
from ..handlers.signature import plain_type
from ..http.response import Response
from ..http.status import NO_CONTENT, reason
from ..media import registry
from ..media.models import codec_for
from .requests import can_fail
from .schema import JSONDocument, Schemas

__all__ = ["PROBLEMS", "responses"]

_PROBLEM = "wadjet.Problem"
_WRONG_VALUES = "wadjet.WrongValues"
_NOTHING = (None, type(None))
#: What a file is answered that is too large, or of another type.
_OF_FILES = (413, 415)
_TEXT: JSONDocument = {"type": "string"}

#: The schemas of errors (RFC 9457). No model of an application can have these names: a class has no dot in its own.
PROBLEMS: JSONDocument = {
    _PROBLEM: {
        "type": "object",
        "title": "Problem",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "instance": {"type": "string", "format": "uri-reference"},
        },
    },
    _WRONG_VALUES: {
        "title": "WrongValues",
        "allOf": [
            {"$ref": f"#/components/schemas/{_PROBLEM}"},
            {
                "type": "object",
                "properties": {
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"in": _TEXT, "pointer": _TEXT, "detail": _TEXT, "type": _TEXT},
                            "required": ["in", "pointer", "detail", "type"],
                        },
                    }
                },
            },
        ],
    },
}


def responses(route: Compiled, operation: str, schemas: Schemas) -> JSONDocument:
    """Return what an operation answers.

    Args:
        route: the route.
        operation: its name, for models that only it writes.
        schemas: makes the schemas.
    """
    status = _status(route.makers)
    said: JSONDocument = {"description": reason(status)}
    is_empty = status in NO_CONTENT or route.makers.declared in _NOTHING
    rendered = rendered_types(route.declared.options)
    if rendered is not None:
        found = _rendered(rendered, route.makers, operation, schemas)
    else:
        found = {} if is_empty else _content(route.makers, operation, schemas)
    if found:
        said["content"] = found
    answers = {str(status): said}
    if route.declared.options.get("produces") is not None:
        answers["406"] = _problem(reason(406), _PROBLEM)
    if route.binding.file_rules:
        answers |= {str(code): _problem(reason(code), _PROBLEM) for code in _OF_FILES}
    if can_fail(route):
        answers["422"] = _problem(reason(422), _WRONG_VALUES)
    return {**answers, "default": _problem("What else can go wrong", _PROBLEM)}


def _problem(description: str, name: str) -> JSONDocument:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _status(makers: Makers) -> int:
    if makers.respond.status is not None:
        return makers.respond.status
    return 204 if makers.declared in _NOTHING else 200


def _content(makers: Makers, operation: str, schemas: Schemas) -> JSONDocument:
    """Return what leaves, by media type."""
    found: JSONDocument = {kind: {} for kind in _said_by_responses(makers)}
    if makers.codec is None:
        given = makers.respond.content_type
        return {_essence(given): {}} if given else found
    dump = dict(makers.respond.dump)
    for kind, annotation in _by_type(makers).items():
        codec = codec_for(annotation)
        is_whole = dump.keys() == {"by_alias"} and dump["by_alias"]
        has_options = registry.is_json(kind) and not (is_whole or _drops_defaults_only(dump))
        schema = schemas.chosen(codec, dump, operation) if has_options else schemas.of(codec, "serialization")
        found[kind] = {"schema": schema}
    return found


def _rendered(kinds: Mapping[str, bool], makers: Makers, operation: str, schemas: Schemas) -> JSONDocument:
    """Return what leaves where renderers make it, by media type: of JSON it is known what is in it."""
    documents = _content(makers.as_json(), operation, schemas) if any(kinds.values()) else {}
    document: JSONDocument = next((said for kind, said in documents.items() if registry.is_json(kind)), {})
    return {kind: document if is_json else {} for kind, is_json in kinds.items()}


def _drops_defaults_only(dump: dict[str, Any]) -> bool:
    """Tell whether what may be left out is not required by the schema anyway."""
    return dump["by_alias"] and not dump.keys() & {"include", "exclude", "exclude_none"}


def _by_type(makers: Makers) -> dict[str, Any]:
    """Return the documents that are declared, by the media type that they leave as."""
    codec = makers.codec
    assert codec is not None
    given = makers.respond.content_type
    if given:
        return {_essence(given): codec.annotation}
    found: dict[str, Any] = {}
    for member, cls in _classes(codec.annotation):
        is_class = isinstance(cls, type) and cls is not type(None)
        kind = (registry.media_type_of(cls) if is_class else None) or registry.JSON
        found[kind] = found[kind] | member if kind in found else member
    return found


def _classes(annotation: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the members of an annotation, each with its class; those of a Literal are its values."""
    for member in members_of(annotation):
        plain = plain_type(member)
        if get_origin(plain) is Literal:
            values = get_args(plain)
            for cls in dict.fromkeys(map(type, values)):
                yield Literal[tuple(value for value in values if type(value) is cls)], cls
        else:
            yield member, get_origin(plain) or plain


def _said_by_responses(makers: Makers) -> Iterator[str]:
    """Yield the media types of the response classes among what is declared."""
    for member in members_of(makers.declared):
        cls = get_origin(member) or member
        if isinstance(cls, type) and issubclass(cls, Response):
            kind = cls.media_type or cls.default_content_type
            if kind:
                yield _essence(kind)


def _essence(content_type: str) -> str:
    essence = str.__str__(content_type).partition(";")[0].strip()
    return registry.TEXT if essence == "text/*" else essence
