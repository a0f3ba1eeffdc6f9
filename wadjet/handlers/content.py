"""An argument from the content of a request: JSON or a form, by what Content-Type says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin, is_typeddict

from ..http.exceptions import MalformedBody, UnsupportedMediaType
from ..http.request import Request
from ..media.registry import is_json
from .signature import MISSING, Parameter, plain_type
from .sources import Body, codec_of, given

__all__ = ["ReadContent", "content_reader", "is_document"]

ReadContent = Callable[[Request, bytes], Any]

_FORM = "application/x-www-form-urlencoded"
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
        or is_typeddict(plain)
    )


def content_reader(parameter: Parameter, marker: Body) -> ReadContent:
    """Compile the reader of the one parameter that takes the content.

    Raises:
        SignatureError: the annotation is none that a document can be read as.
    """
    default = parameter.default if marker.default is MISSING else marker.default
    annotation = Any if parameter.annotation is MISSING else parameter.annotation
    if plain_type(annotation) is bytes:
        return lambda _, data: data
    codec = codec_of(parameter, annotation, marker.constraints)

    def read(request: Request, data: bytes) -> Any:
        kind = request.content_type
        if is_json(kind):
            return _from_json(codec.validate_json, data)
        if kind == _FORM:
            return codec.validate(request.POST.mixed())
        if not data and not kind:
            return given(default)
        raise UnsupportedMediaType(
            f"The content is {kind or 'of no type'}; this address takes application/json or {_FORM}."
        )

    return read


def _from_json(validate_json: Callable[[bytes], Any], data: bytes) -> Any:
    from pydantic_core import ValidationError

    # SECURITY: the validator's parser takes NaN and Infinity, which are not JSON (RFC 8259 §6).
    if b"NaN" in data or b"Infinity" in data:
        _refuse_non_numbers(data)
    try:
        return validate_json(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if found["type"] == "json_invalid":
            raise MalformedBody(
                f"The content is not JSON: {found['msg'].removeprefix('Invalid JSON: ')}."
            ) from None
        raise


def _refuse_non_numbers(data: bytes) -> None:
    from ..media.json import loads

    try:
        loads(data)
    except ValueError as error:
        raise MalformedBody(f"The content is not JSON: {error}.") from None
