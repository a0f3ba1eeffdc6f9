"""An argument from the content of a request: JSON or a form, by what Content-Type says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from ..errors import ConfigError
from ..http.content import MULTIPART, URLENCODED
from ..http.exceptions import MalformedBody, UnsupportedMediaType
from ..http.parameters import is_token
from ..http.request import ImmutableMultiDict, Request
from ..media.codecs import Codec, Problem, problems
from ..media.registry import JSON, is_json
from .markers import Body
from .signature import MISSING, Parameter, plain_type
from .sources import codec_of, collects, default_of, members, takes_blank

__all__ = [
    "BodyParser",
    "ReadContent",
    "as_document",
    "check_body_parser",
    "content_reader",
    "declared_fields",
    "is_document",
    "list_fields",
]

ReadContent = Callable[[Request], Any]
#: Makes plain Python values of a document.
BodyParser = Callable[[bytes], Any]

_PLAIN_JSON = b"application/json"
_FORMS = (URLENCODED, MULTIPART)
_CAPITAL_N, _CAPITAL_I = b"NI"
_DOCUMENTS = (dict, Mapping)
#: What models have: pydantic's, msgspec's, those of attrs.
_MODELS = ("__pydantic_validator__", "__struct_fields__", "__attrs_attrs__")


def is_document(annotation: Any) -> bool:
    """Tell whether values of the annotation are documents: models, dataclasses, dicts, and lists and unions of them."""
    plain = plain_type(annotation)
    origin = get_origin(plain)
    if origin is not None:
        return is_document(origin) or any(is_document(argument) for argument in get_args(plain))
    if not isinstance(plain, type):
        return False
    return (
        plain in _DOCUMENTS
        or plain is bytes
        or any(hasattr(plain, mark) for mark in _MODELS)
        or dataclasses.is_dataclass(plain)
        or _is_typed_dict(plain)
    )


def _is_typed_dict(cls: type) -> bool:
    # Not typing.is_typeddict: before Python 3.12 it does not know those of typing_extensions, which pydantic wants there.
    return issubclass(cls, dict) and hasattr(cls, "__required_keys__")


def check_body_parser(kind: str, known: Mapping[str, BodyParser]) -> None:
    """Refuse a parser of a media type that is none, or that is read already.

    Raises:
        ConfigError: it is.
    """
    name = kind.lower()
    if not (name.count("/") == 1 and all(map(is_token, name.split("/")))):
        raise ConfigError(f"add_body_parser({kind!r}): give a media type, as 'application/msgpack'")
    if is_json(name) or name in _FORMS or name in known:
        raise ConfigError(f"add_body_parser({kind!r}): content of this type is read already")


def content_reader(
    parameter: Parameter,
    marker: Body,
    parsers: Mapping[str, BodyParser],
    form_names: Collection[str] = (),
) -> ReadContent:
    """Compile the reader of the one parameter that takes the content.

    Args:
        parameter: the handler's.
        marker: its own.
        parsers: what reads documents that are neither JSON nor forms, by media type.
        form_names: fields that other parameters take: then the content has to be a form, and the document is what is left.

    Raises:
        SignatureError: the annotation is none that a document can be read as.
    """
    default = default_of(parameter.default if marker.default is MISSING else marker.default)
    annotation = Any if parameter.annotation is MISSING else parameter.annotation
    if plain_type(annotation) is bytes:
        return attrgetter("body_bytes")
    codec = codec_of(parameter, annotation, marker.constraints)
    lists, blanks = list_fields(annotation), _blank_fields(annotation)
    return _reading(codec, default, lists, blanks, parsers, frozenset(form_names))


def _reading(
    codec: Codec,
    default: Callable[[], Any],
    lists: frozenset[str] | None,
    blanks: frozenset[str],
    parsers: Mapping[str, BodyParser],
    others: frozenset[str],
) -> ReadContent:
    taken = _FORMS if others else (JSON, *_FORMS, *parsers)
    # PERF(bench: wire_body): only what may be anything is read twice; what is declared keeps to its declaration.
    validate_json = _strict(codec.validate_json) if codec.is_open else codec.validate_json

    def read(request: Request) -> Any:
        document = request.json_at_hand or _plain_json(request)
        if document is not None and not others:
            return _from_json(validate_json, document)
        kind = request.content_type
        if is_json(kind) and not others:
            return _from_json(validate_json, request.body_bytes)
        if kind in _FORMS:
            return codec.validate(as_document(request.POST, lists, others, blanks))
        if kind in taken:
            return codec.validate(_parsed(parsers[kind], request.body_bytes))
        _check_empty(request, kind, taken)
        return default()

    return read


def _plain_json(request: Request) -> bytes | None:
    """Return the content if it is announced as most documents are, in just these words (PERF(bench: wire_body))."""
    return request.body_bytes if request.header(b"content-type") == _PLAIN_JSON else None


def _check_empty(request: Request, kind: str, taken: tuple[str, ...]) -> None:
    """Refuse content that is not taken."""
    if kind or request.body_bytes:
        raise UnsupportedMediaType(
            f"The content is {kind or 'of no type'}; this address takes {', '.join(taken)}."
        )


def _parsed(parse: BodyParser, data: bytes) -> Any:
    try:
        return parse(data)
    except ValueError as error:
        raise MalformedBody(f"The content is malformed: {error}.") from None


def list_fields(annotation: Any) -> frozenset[str] | None:
    """Return the names, on the wire, of a document's fields that take several values; None when it declares no fields."""
    found = [fields for member in members(annotation) if (fields := declared_fields(member)) is not None]
    pairs = [pair for fields in found for pair in fields]
    return frozenset(name for name, kind in pairs if collects(kind)) if found else None


def declared_fields(plain: Any) -> list[tuple[Any, Any]] | None:
    """Return the names, on the wire, and the whole annotations of a document's fields; None when it declares none."""
    if hasattr(plain, "model_fields"):
        return [
            (
                field.validation_alias or name,
                Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation,
            )
            for name, field in plain.model_fields.items()
        ]
    names = _field_names(plain) if isinstance(plain, type) else None
    if names is None:
        return None
    hints = get_type_hints(plain, include_extras=True)
    return [(wire_name, hints.get(name, Any)) for wire_name, name in names]


def _field_names(cls: Any) -> Iterable[tuple[str, str]] | None:
    """Return what the fields of a class are called on the wire, and in its annotations."""
    if hasattr(cls, "__struct_fields__"):
        return zip(cls.__struct_encode_fields__, cls.__struct_fields__, strict=True)
    if hasattr(cls, "__attrs_attrs__"):
        return [(each.name, each.name) for each in cls.__attrs_attrs__]
    if dataclasses.is_dataclass(cls) or _is_typed_dict(cls):
        return [(name, name) for name in get_type_hints(cls)]
    return None


def as_document(
    pairs: ImmutableMultiDict[Any],
    lists: frozenset[str] | None,
    others: frozenset[str],
    blanks: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Return a form or a query as a document: all values of a field that takes several, the last one of another.

    Args:
        pairs: the fields.
        lists: names of those that take several; None where nothing says it: then those that come several times.
        others: names that are left out.
        blanks: names of those that are left out where nothing was filled in.
    """
    if lists is None:
        return {name: value for name, value in pairs.mixed().items() if name not in others}
    fields = pairs.dict_of_lists().items()
    document = {
        name: values if name in lists else values[-1] for name, values in fields if name not in others
    }
    for name in blanks & document.keys():
        values = document[name]
        document[name] = [value for value in values if value != ""] if name in lists else values
        if document[name] in ("", []):
            del document[name]
    return document


def _blank_fields(annotation: Any) -> frozenset[str]:
    """Return the names of the fields to which an empty text says nothing; browsers send it for what was not filled in."""
    pairs = [pair for member in members(annotation) for pair in declared_fields(member) or ()]
    return frozenset(name for name, kind in pairs if not takes_blank(kind))


def _from_json(validate_json: Callable[[bytes], Any], data: bytes) -> Any:
    # SECURITY: the validator's parser takes NaN and Infinity, which are not JSON (RFC 8259 §6).
    # PERF(bench: wire_body): one byte is found ten times as fast as a word.
    if (_CAPITAL_N in data and b"NaN" in data) or (_CAPITAL_I in data and b"Infinity" in data):
        _refuse_non_numbers(data)
    try:
        return validate_json(data)
    except ValueError as error:
        for problem in _only_problem(error):
            if problem["type"] == "json_invalid" and not problem["pointer"]:
                reason = problem["detail"].removeprefix("Invalid JSON: ")
                raise MalformedBody(f"The content is not JSON: {reason}.") from None
        raise


def _strict(validate_json: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return the same for documents that may hold anything: it refuses ``1e999``, which would be read as infinity."""

    def strict(data: bytes) -> Any:
        _refuse_non_numbers(data)
        return validate_json(data)

    return strict


def _only_problem(error: ValueError) -> list[Problem]:
    from pydantic_core import ValidationError

    return problems(error) if isinstance(error, ValidationError) and error.error_count() == 1 else []


def _refuse_non_numbers(data: bytes) -> None:
    from ..media.json import loads

    try:
        loads(data)
    except ValueError as error:
        raise MalformedBody(f"The content is not JSON: {error}.") from None
