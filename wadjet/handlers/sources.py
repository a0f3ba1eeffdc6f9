"""Where an argument comes from: one reader for each source."""

from __future__ import annotations

import copy
import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from ..errors import SignatureError
from ..http.content import MULTIPART, URLENCODED
from ..http.exceptions import UnsupportedMediaType
from ..http.request import Request
from ..http.uploads import UploadFile
from ..media.codecs import Codec
from ..media.models import codec_for, constraint
from .markers import Marker
from .signature import MISSING, Parameter, plain_type

__all__ = [
    "SOURCES",
    "Getters",
    "Missing",
    "Reader",
    "collects",
    "default_of",
    "is_upload",
    "members",
    "reader",
    "takes_blank",
]

#: What File() takes itself, for who misspells it.
_OF_FILES = ("max_size", "content_types")
_COLLECTIONS = (list, set, frozenset, tuple)


class Missing(ValueError):
    """The request does not bring a value, and there is no default."""


class Reader(NamedTuple):
    """How one parameter is read from its source."""

    name: str
    place: str
    wire_name: str
    #: Whether it takes every value of the name.
    collects: bool
    #: Makes the value of the text; None where the text is the value.
    validate: Callable[[Any], Any] | None
    #: Gives the value where the request brings none, or raises Missing.
    default: Callable[[], Any]

    def read(self, get: Callable[[str], Any], getall: Callable[[str], list[Any]]) -> Any:
        """Return the value that a source has, or the default.

        Args:
            get: gives the last value of a name.
            getall: gives all of them.

        Raises:
            Missing: it has none, and there is no default.
            ValidationError: it has one that is not of the parameter's type.
        """
        found = (getall(self.wire_name) or None) if self.collects else get(self.wire_name)
        if found is None:
            return self.default()
        return found if self.validate is None else self.validate(found)


#: What gives the last value of a name, and what gives all of them.
Getters = tuple[Callable[[str], Any], Callable[[str], list[Any]]]


def _query(request: Request) -> Getters:
    query = request.query_params
    return query.last_values().get, query.getall


def _headers(request: Request) -> Getters:
    return request.headers.get, request.headers.getall


def _form(request: Request) -> Getters:
    kind = request.content_type
    if kind and kind not in {URLENCODED, MULTIPART}:
        raise UnsupportedMediaType(f"The content is {kind}; this address takes {MULTIPART} or {URLENCODED}.")
    form = request.POST
    return form.last_values().get, form.getall


def _filled(validate: Callable[[Any], Any], default: Callable[[], Any], value: Any) -> Any:
    """Validate a field of a form; what was not filled in, which browsers send as an empty text, was not given."""
    if isinstance(value, list):
        filled = [item for item in value if item != ""]
        return validate(filled) if filled else default()
    return default() if value == "" else validate(value)


#: How each source of a request is read. PERF(bench: inproc_query): where a dict holds the values, it is the dict that is asked.
SOURCES: dict[str, Callable[[Request], Getters]] = {
    "path": lambda request: (request.path_params.get, list),
    "query": _query,
    "header": _headers,
    "cookie": lambda request: (request.cookies.get, list),
    "form": _form,
}


def default_of(default: Any) -> Callable[[], Any]:
    """Return what gives a default, to each request its own where a handler could change it, or raises Missing."""
    if default is MISSING:
        return _missing
    return partial(copy.deepcopy, default) if _is_mutable(default) else lambda: default


def _missing() -> Any:
    raise Missing


def _is_mutable(value: object) -> bool:
    """Tell by Python's own rule: what has a hash does not change its value. A sentinel has one, and stays itself."""
    if dataclasses.is_dataclass(value) or hasattr(value, "__pydantic_validator__"):
        return True
    try:
        hash(value)
    except TypeError:
        return True
    return False


def reader(parameter: Parameter, marker: Marker, path_types: Mapping[str, Any]) -> Reader:
    """Compile the reader of a parameter that text carries: path, query, header or cookie.

    Args:
        parameter: the handler's.
        marker: says the source.
        path_types: what the converters make of the path's values, by name.

    Raises:
        SignatureError: the annotation is none that text can be read as.
    """
    name = marker.wire_name(parameter.name)
    default = default_of(parameter.default if marker.default is MISSING else marker.default)
    annotation = parameter.annotation
    is_list = collects(annotation)
    if is_list and marker.place in {"path", "cookie"}:
        raise SignatureError(
            f"{parameter.where} is a list, but the {marker.place} has one value of a name; annotate the type of one"
        )
    made = path_types.get(name, str) if marker.place == "path" else str
    # What a form has may be a file.
    is_made = annotation is MISSING or (
        annotation is made and not marker.constraints and marker.place != "form"
    )
    validate = None if is_made else _validator(parameter, marker, collects=is_list)
    if annotation is str and validate is not None:
        validate = _from_text(parameter.where, made, validate)
    validate = _of_what_is_filled(parameter, marker, validate, default)
    return Reader(parameter.name, marker.place, name, is_list, validate, default)


def _of_what_is_filled(
    parameter: Parameter,
    marker: Marker,
    validate: Callable[[Any], Any] | None,
    default: Callable[[], Any],
) -> Callable[[Any], Any] | None:
    if validate is None or marker.place != "form" or takes_blank(parameter.annotation):
        return validate
    return partial(_filled, validate, default)


def _from_text(where: str, made: Any, validate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the function for a parameter that is a str, if what is made for it can be one."""
    if made is object:
        return partial(_text_of_path, where, validate)
    if made is not str:
        raise SignatureError(_no_text(where, getattr(made, "__name__", made)))
    return validate


def _text_of_path(where: str, validate: Callable[[str], str], value: object) -> str:
    """Validate what a converter made that does not say what it makes: text as a rule, so only a value can tell."""
    if not isinstance(value, str):
        raise SignatureError(_no_text(where, type(value).__name__))
    return validate(value)


def _no_text(where: str, made: object) -> str:
    return f"{where} is a str, but the path makes {made} of it; annotate that, or drop the converter"


def members(annotation: Any) -> list[Any]:
    """Return the types that a union is made of, without None."""
    plain = plain_type(annotation)
    if get_origin(plain) is None or get_origin(plain) in {*_COLLECTIONS, Literal}:
        return [plain]
    return [plain_type(member) for member in get_args(plain) if member is not type(None)] or [plain]


def collects(annotation: Any) -> bool:
    """Tell whether values of the annotation are made of several."""
    return any((get_origin(member) or member) in _COLLECTIONS for member in members(annotation))


def takes_blank(annotation: Any) -> bool:
    """Tell whether an empty text can be a value of the annotation, or nobody knows."""
    if get_origin(plain_type(annotation)) in _COLLECTIONS:
        return any(map(takes_blank, get_args(plain_type(annotation)))) or not get_args(plain_type(annotation))
    return any(
        member in (Any, object, bytes, MISSING)
        or (isinstance(member, type) and issubclass(member, str | UploadFile))
        or (get_origin(member) is Literal and "" in get_args(member))
        or (get_origin(member) in _COLLECTIONS and takes_blank(member))
        for member in members(annotation)
    )


def is_upload(annotation: Any) -> bool:
    """Tell whether values of the annotation are files of a form, or several."""
    plain = plain_type(annotation)
    if isinstance(plain, type) and get_origin(plain) is None:
        return issubclass(plain, UploadFile)
    return get_origin(plain) is not Literal and any(map(is_upload, get_args(plain)))


def _validator(parameter: Parameter, marker: Marker, *, collects: bool) -> Callable[[Any], Any]:
    annotation = parameter.annotation
    codec = codec_of(parameter, annotation, marker.constraints)
    if is_upload(annotation):
        return codec.validate
    # A converter of the path may have made the value already.
    is_text = not collects and marker.place != "path"
    validate = codec.validate_strings if is_text else codec.validate
    spelled = _spelled(annotation)
    if not spelled:
        return partial(_of_form, codec, validate) if marker.place == "form" and is_text else validate
    if collects:
        return lambda texts: codec.validate([spelled.get(text, text) for text in texts])
    return lambda text: codec.validate(spelled[text]) if text in spelled else validate(text)


def _of_form(codec: Codec, validate: Callable[[Any], Any], value: Any) -> Any:
    """Validate a field; a file is refused as any object of another type is."""
    return validate(value) if isinstance(value, str) else codec.validate(value)


def _spelled(annotation: Any) -> dict[str, Any]:
    """Return the values of literals and enumerations that text spells but does not equal: numbers and booleans."""
    plain = plain_type(annotation)
    values: Iterable[Any] = ()
    if get_origin(plain) is Literal:
        values = get_args(plain)
    elif isinstance(plain, type) and issubclass(plain, Enum):
        values = [member.value for member in plain]
    else:
        return {text: value for part in get_args(plain) for text, value in _spelled(part).items()}
    return {
        text: value
        for value in values
        if not isinstance(value, str | None)
        for text in {str(value), str(value).lower()}
    }


def codec_of(parameter: Parameter, annotation: Any, constraints: dict[str, Any]) -> Codec:
    """Return the codec of a parameter's annotation.

    Raises:
        SignatureError: there is none.
    """
    try:
        codec = codec_for(_constrained(parameter, annotation, constraints), finite=True)
    except TypeError as error:
        raise SignatureError(
            f"{parameter.where} has a type that no text or document can be read as ({error})"
        ) from error
    if constraints:
        _check_applies(parameter, codec)
    return codec


def _constrained(parameter: Parameter, annotation: Any, constraints: dict[str, Any]) -> Any:
    """Return the annotation with its constraints; a misspelt one would be no constraint at all."""
    if not constraints:
        return annotation
    make, known = constraint(annotation)
    known = [*known, *_OF_FILES] if is_upload(annotation) else known
    for name in constraints:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise SignatureError(f"{parameter.where} has no constraint {name!r}{hint}")
    return Annotated[annotation, make(**constraints)]


def _check_applies(parameter: Parameter, codec: Codec) -> None:
    """Try one value: pydantic finds out only then that a constraint is none of the type's."""
    from pydantic_core import ValidationError

    file = UploadFile("0")
    for value in ("0", ["0"], file, [file]):
        try:
            codec.validate(value)
        except ValidationError:
            continue
        except TypeError as error:
            raise SignatureError(f"{parameter.where}: {error}; this type has no such constraint") from error
