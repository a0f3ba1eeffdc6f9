"""An argument from the content of a request: JSON or a form, by what Content-Type says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from ..http.exceptions import MalformedBody, UnsupportedMediaType
from ..http.request import ImmutableMultiDict, Request
from ..media.models import problems
from ..media.registry import is_json
from .signature import MISSING, Parameter, plain_type
from .sources import Body, codec_of, collects, default_of, members

__all__ = ["ReadContent", "content_reader", "is_document"]

ReadContent = Callable[[Request, bytes], Any]

_PLAIN_JSON = b"application/json"
_FORM = "application/x-www-form-urlencoded"
_CAPITAL_N, _CAPITAL_I = b"NI"
_DOCUMENTS = (dict, Mapping)


def is_document(annotation: Any) -> bool:
    """Tell whether values of the annotation are documents: models, dataclasses, dicts, and lists and unions of them."""
    plain = plain_type(annotation)
    origin = get_origin(plain)
    if origin is not None:
        return origin in _DOCUMENTS or any(is_document(argument) for argument in get_args(plain))
    if not isinstance(plain, type):
        return False
    return (
        plain in _DOCUMENTS
        or plain is bytes
        or hasattr(plain, "__pydantic_validator__")
        or dataclasses.is_dataclass(plain)
        or _is_typed_dict(plain)
    )


def _is_typed_dict(cls: type) -> bool:
    # Not typing.is_typeddict: before Python 3.12 it does not know those of typing_extensions, which pydantic wants there.
    return issubclass(cls, dict) and hasattr(cls, "__required_keys__")


def content_reader(parameter: Parameter, marker: Body) -> ReadContent:
    """Compile the reader of the one parameter that takes the content.

    Raises:
        SignatureError: the annotation is none that a document can be read as.
    """
    default = default_of(parameter.default if marker.default is MISSING else marker.default)
    annotation = Any if parameter.annotation is MISSING else parameter.annotation
    if plain_type(annotation) is bytes:
        return lambda _, data: data
    codec = codec_of(parameter, annotation, marker.constraints)
    lists = _list_fields(annotation)

    def read(request: Request, data: bytes) -> Any:
        # PERF(bench: wire_body): most documents are announced in just these words.
        if request.header(b"content-type") == _PLAIN_JSON:
            return _from_json(codec.validate_json, data)
        kind = request.content_type
        if is_json(kind):
            return _from_json(codec.validate_json, data)
        if kind == _FORM:
            return codec.validate(_fields(request.POST, lists))
        if not data and not kind:
            return default()
        raise UnsupportedMediaType(
            f"The content is {kind or 'of no type'}; this address takes application/json or {_FORM}."
        )

    return read


def _list_fields(annotation: Any) -> frozenset[str] | None:
    """Return the names, on the wire, of a document's fields that take several values; None when it declares no fields."""
    found = [fields for member in members(annotation) if (fields := _declared(member)) is not None]
    pairs = [pair for fields in found for pair in fields]
    return frozenset(name for name, kind in pairs if collects(kind)) if found else None


def _declared(plain: Any) -> list[tuple[Any, Any]] | None:
    if hasattr(plain, "model_fields"):
        fields = plain.model_fields.items()
        return [(found.validation_alias or name, found.annotation) for name, found in fields]
    if isinstance(plain, type) and (dataclasses.is_dataclass(plain) or _is_typed_dict(plain)):
        return list(get_type_hints(plain).items())
    return None


def _fields(form: ImmutableMultiDict[str], lists: frozenset[str] | None) -> dict[str, Any]:
    """Return a form as a document: all values of a field that takes several, the last one of another."""
    if lists is None:
        return form.mixed()
    fields = form.dict_of_lists().items()
    return {name: values if name in lists else values[-1] for name, values in fields}


def _from_json(validate_json: Callable[[bytes], Any], data: bytes) -> Any:
    from pydantic_core import ValidationError

    # SECURITY: the validator's parser takes NaN and Infinity, which are not JSON (RFC 8259 §6).
    # PERF(bench: wire_body): one byte is found ten times as fast as a word.
    if (_CAPITAL_N in data and b"NaN" in data) or (_CAPITAL_I in data and b"Infinity" in data):
        _refuse_non_numbers(data)
    try:
        return validate_json(data)
    except ValidationError as error:
        found = problems(error) if error.error_count() == 1 else []
        for problem in found:
            if problem["type"] == "json_invalid" and not problem["pointer"]:
                reason = problem["detail"].removeprefix("Invalid JSON: ")
                raise MalformedBody(f"The content is not JSON: {reason}.") from None
        raise


def _refuse_non_numbers(data: bytes) -> None:
    from ..media.json import loads

    try:
        loads(data)
    except ValueError as error:
        raise MalformedBody(f"The content is not JSON: {error}.") from None
