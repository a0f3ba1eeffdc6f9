"""Typed values by msgspec: Structs, attrs classes, and what holds them. Imported when an annotation has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from . import json
from .codecs import Codec, PydanticCodec, Sure
from .shapes import checks, declared_only, is_shallow, parts, plain

if TYPE_CHECKING:
    from pydantic_core import InitErrorDetails, ValidationError

__all__ = ["CONSTRAINTS", "Meta", "StructCodec"]

#: What ``msgspec.Meta`` takes.
CONSTRAINTS = (
    *("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz"),
    *("title", "description", "examples", "extra_json_schema", "extra"),
)
#: How else browsers and people spell booleans.
_BOOLEANS = dict.fromkeys(("on", "yes", "y", "t"), "true") | dict.fromkeys(("off", "no", "n", "f"), "false")
_TEXTS = (inspect.StrType, inspect.AnyType)
#: What JSON has no form for, and msgspec would make one of.
_KEPT = (bytes, bytearray, datetime, date, time, timedelta, UUID, Decimal)
_NO_OPTIONS = {
    "by_alias": "a field has one name on the wire; say it where the class is defined, with rename=",
    "exclude_unset": "msgspec does not know what was set; declare such fields as `int | UnsetType = UNSET`",
    "exclude_defaults": "say it where the class is defined, with omit_defaults=True",
}
#: A step of msgspec's paths. Of a dict the key is not told.
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")
#: What msgspec says, and what we call it: pydantic's word where it has one.
_TYPES = (
    (re.compile(r"(Object missing required field) `(.+)`", re.DOTALL), "missing"),
    (re.compile(r"(Object contains unknown field) `(.+)`", re.DOTALL), "extra_forbidden"),
    (re.compile(r"(Invalid enum value|Invalid value) .*", re.DOTALL), "enum"),
    (re.compile(r"(Expected .+), got .+", re.DOTALL), "type"),
    (re.compile(r"(Expected .+)", re.DOTALL), "constraint"),
)


class StructCodec(Codec):
    """Reads and writes Structs and attrs classes. What msgspec does not know within them is pydantic's."""

    __slots__ = ("_convert", "_flags", "kind")

    def __init__(self, annotation: Any, *, finite: bool = False) -> None:
        self.annotation = annotation
        #: What msgspec knows of the annotation, for who describes it.
        self.kind = _kind_of(annotation)
        within = parts(self.kind)
        if finite:
            _refuse_open_classes(within)
        foreign = _foreign(within)
        self._flags = _flags(self.kind) if finite else frozenset()
        self._convert = partial(msgspec.convert, type=annotation, strict=False, dec_hook=foreign)
        decode = msgspec.json.Decoder(annotation, dec_hook=foreign).decode
        # SECURITY: text spells NaN for a float; a JSON document can for a decimal only.
        is_decimal = finite and any(isinstance(part, inspect.DecimalType) for part in within)
        is_number = is_decimal or (finite and any(isinstance(part, inspect.FloatType) for part in within))
        self.validate_json = _reading(
            decode if is_shallow(self.kind) else _shallow(decode), finite=is_decimal
        )
        self.validate_strings = _reading(self._from_plain, finite=is_number)
        self.validate = self._validate
        self.write = msgspec.json.Encoder(enc_hook=json.simplify).encode

    def _from_plain(self, value: Any) -> Any:
        if self._flags and isinstance(value, Mapping):
            value = {name: _flag(text) if name in self._flags else text for name, text in value.items()}
        return self._convert(value)

    def _validate(self, value: Any, *, from_attributes: bool = False) -> Any:
        return self.validate_strings(declared_only(self.kind, value) if from_attributes else value)

    def sure(self) -> Mapping[type, Sure]:
        """Instances of just the declared classes, and lists of them: msgspec writes their fields and no others."""
        return checks(self.kind)

    def writer(self, **options: Any) -> Callable[[Any], bytes]:
        """Return the encoder, or what makes the choice of the options before."""
        _check(options)
        if not options.keys() - {"by_alias"}:
            return self.write
        return lambda value: json.dumps(self.simplify(value, **options))

    def simplify(self, value: object, **options: Any) -> object:
        """See :meth:`Codec.simplify`; fields are chosen by their names on the wire."""
        return _chosen(msgspec.to_builtins(value, enc_hook=json.simplify), **options)

    def unfold(self, value: object, **options: Any) -> object:
        """See :meth:`Codec.unfold`; fields are chosen by their names on the wire. What msgspec does not know is plain too."""
        return _chosen(msgspec.to_builtins(value, builtin_types=_KEPT, enc_hook=json.simplify), **options)


def _kind_of(annotation: Any) -> inspect.Type:
    try:
        return plain(inspect.type_info(annotation))
    except NameError as error:
        raise TypeError(f"{error}; define or import it at the top of the module") from error


def _refuse_open_classes(within: list[Any]) -> None:
    """Refuse attrs classes that msgspec would fill past their own ``__init__``.

    Raises:
        TypeError: there is one.
    """
    for part in within:
        for each in getattr(getattr(part, "cls", None), "__attrs_attrs__", ()):
            # SECURITY: msgspec sets attributes by their names: a client could set what no caller can.
            if each.name.startswith("_") or not each.init or each.converter is not None:
                raise TypeError(
                    f"{part.cls.__name__}.{each.name} is private, not for __init__, or converted; "
                    "msgspec would set it as the client sends it: take a class of public fields, and make this one of it"
                )


def _foreign(within: list[Any]) -> Callable[[Any, Any], Any]:
    """Return what reads the classes that msgspec does not know."""
    codecs = {part.cls: PydanticCodec(part.cls) for part in within if isinstance(part, inspect.CustomType)}
    return lambda cls, value: codecs[cls].validate(value)


def _flags(kind: Any) -> frozenset[str]:
    """Return the names on the wire of the fields that are booleans and cannot be text."""
    members = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    fields = [field for member in members for field in getattr(plain(member), "fields", ())]
    kinds = {field.encode_name: [*map(type, parts(field.type))] for field in fields}
    return frozenset(
        name for name, found in kinds.items() if inspect.BoolType in found and not {*found} & {*_TEXTS}
    )


def _flag(text: Any) -> Any:
    return _BOOLEANS.get(text.lower(), text) if isinstance(text, str) else text


def _reading(read: Callable[[Any], Any], *, finite: bool) -> Callable[[Any], Any]:
    """Return a reader that raises what every codec raises, and refuses what is no number."""

    def checked(given: Any) -> Any:
        try:
            value = read(given)
        except msgspec.ValidationError as error:
            raise _refusal(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _error("json_invalid", f"Invalid JSON: {_lowered(error)}") from None
        except RecursionError:
            raise _error("json_invalid", "Invalid JSON: nested too deeply") from None
        if finite:
            _refuse_non_numbers(value)
        return value

    return checked


def _lowered(error: Exception) -> str:
    text = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
    return text.removeprefix("JSON is malformed: ").lower()


def _shallow(decode: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Refuse documents that nest deeper than what can be written again."""

    def read(data: bytes) -> Any:
        value = decode(data)
        if json.may_be_deep(data):
            try:
                json.loads(data)
            except ValueError as error:
                raise _error("json_invalid", f"Invalid JSON: {error}") from None
        return value

    return read


def _refuse_non_numbers(value: Any) -> None:
    found = msgspec.to_builtins(value, builtin_types=(Decimal,), enc_hook=lambda _: None)
    lines = [
        _line("finite_number", "Input should be a finite number", place) for place in _non_numbers(found)
    ]
    if lines:
        raise _raised(lines)


def _non_numbers(value: Any, place: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    if isinstance(value, float | Decimal):
        # Not isfinite() of a decimal: it has no signalling NaN, and large ones are infinite to it.
        if not (isfinite(value) if isinstance(value, float) else value.is_finite()):
            yield place
    elif isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _non_numbers(item, (*place, step))


# -- errors ---------------------------------------------------------------------------------------------------------------


def _refusal(error: msgspec.ValidationError) -> ValidationError:
    """Say what msgspec found in the words of the other codec; the input is not repeated."""
    from pydantic_core import ValidationError

    text, found, path = str(error).rpartition(" - at `")
    place, is_whole = _place(path) if found else ((), True)
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        foreign = cause.errors(include_url=False, include_context=False, include_input=False)
        return _raised([_line(each["type"], each["msg"], (*place, *each["loc"])) for each in foreign])
    if cause is not None:
        return _raised([_line("value_error", _of_developer(cause), place)])
    return _raised([_said(text if found else path, place, is_whole=is_whole)])


def _place(path: str) -> tuple[tuple[int | str, ...], bool]:
    """Return where msgspec found it, and whether that is all: of a dict it does not tell the key."""
    steps: list[int | str] = []
    for step in _STEP.finditer(path.removesuffix("`").rpartition("`")[2]):
        name, index = step["name"], step["index"]
        if name is None and index is None:
            return tuple(steps), False
        steps.append(name if index is None else int(index))
    return tuple(steps), True


def _said(text: str, place: tuple[int | str, ...], *, is_whole: bool) -> InitErrorDetails:
    for pattern, kind in _TYPES:
        if match := pattern.fullmatch(text):
            name = match.groups()[1:] if is_whole else ()
            return _line(kind, match[1], (*place, *name))
    return _line("value_error", text, place)


def _of_developer(cause: BaseException) -> str:
    """Return what a class says of a value; the validators of attrs repeat it, so theirs is not told."""
    trace = cause.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    is_theirs = trace is not None and trace.tb_frame.f_globals["__name__"].startswith("attr.")
    return "Input is not what a validator takes" if is_theirs else f"Value error, {cause}"


def _line(kind: str, detail: str, place: tuple[int | str, ...]) -> InitErrorDetails:
    from pydantic_core import PydanticCustomError

    return {"type": PydanticCustomError(kind, detail), "loc": place, "input": None}


def _error(kind: str, detail: str) -> ValidationError:
    return _raised([_line(kind, detail, ())])


def _raised(lines: list[InitErrorDetails]) -> ValidationError:
    from pydantic_core import ValidationError

    return ValidationError.from_exception_data("msgspec", lines)


# -- options --------------------------------------------------------------------------------------------------------------


def _check(options: Mapping[str, Any]) -> None:
    for name, remedy in _NO_OPTIONS.items():
        if options.get(name, name == "by_alias") is not (name == "by_alias"):
            raise TypeError(f"response_{name} is not for Structs and attrs classes: {remedy}")


def _chosen(value: object, **options: Any) -> object:
    """Return plain data with the fields that a route chooses."""
    _check(options)
    if options.get("exclude_none"):
        value = json.without_none(value)
    choice = {name: options[name] for name in ("include", "exclude") if name in options}
    return PydanticCodec(Any).unfold(value, **choice) if choice else value
