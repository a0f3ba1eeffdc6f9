"""What reads and writes one annotation, and what it says of a wrong value. pydantic's; msgspec's is in ``structs``.

pydantic is imported when the first codec is made, so that an application without typed bodies never loads it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import ConfigDict, TypeAdapter, ValidationError

__all__ = [
    "MOST_PROBLEMS",
    "Codec",
    "Problem",
    "PydanticCodec",
    "Sure",
    "pointer",
    "problems",
]

#: How many problems are listed, and how long the list may be as JSON; further ones are only counted.
MOST_PROBLEMS = 100
_LONGEST_LIST = 64 * 1024
#: What a schema holds beside schemas; what is written, and what keys are, says nothing of numbers that are read.
_NO_SCHEMAS = frozenset({"default", "keys_schema", "metadata", "serialization"})

#: One thing that is wrong with a value: where (a JSON Pointer, RFC 6901), what, and pydantic's name for it.
Problem = dict[str, str]
#: Tells of an instance of a class whether it can be written as it is; None where all can.
Sure = Callable[[Any], bool] | None


class Codec(ABC):
    """Reads and writes one annotation; :func:`wadjet.media.models.codec_for` chooses whose.

    What a value has wrong is pydantic's ``ValidationError``, whichever library found it.
    """

    __slots__ = ("annotation", "validate", "validate_json", "validate_strings", "write")

    #: As it was given.
    annotation: Any
    #: Whether some of a document may be anything, numbers included that no float can hold.
    is_open: bool = False
    #: From Python objects; with ``from_attributes=True`` the attributes of foreign objects count as fields.
    validate: Callable[..., Any]
    #: From the bytes of a document.
    validate_json: Callable[[bytes], Any]
    #: From text, as paths, queries, headers and cookies carry it.
    validate_strings: Callable[[Any], Any]
    #: To the bytes of a document: only the declared fields of what was validated.
    write: Callable[..., bytes]

    @abstractmethod
    def sure(self) -> Mapping[type, Sure]:
        """Return the classes whose instances may be written without being validated again."""

    @abstractmethod
    def writer(self, **options: Any) -> Callable[[Any], bytes]:
        """Return the function that writes what was validated; the options are those of :meth:`simplify`.

        Raises:
            TypeError: the library has no such option.
        """

    @abstractmethod
    def simplify(self, value: object, **options: Any) -> object:
        """Turn a value into plain JSON types; the options are pydantic's ``include``, ``exclude``, ``by_alias`` and the rest."""

    @abstractmethod
    def unfold(self, value: object, **options: Any) -> object:
        """Turn models into dicts, and leave everything else what it is; the options are those of :meth:`simplify`."""


class PydanticCodec(Codec):
    """Reads and writes pydantic models, dataclasses, TypedDicts, and every annotation that pydantic knows.

    Args:
        annotation: any type that pydantic can make a schema of.
        finite: of what clients send: refuse NaN and infinity, which text can spell and JSON cannot.

    Raises:
        TypeError: it cannot; the message is pydantic's first line.
    """

    __slots__ = ("adapter", "is_open")

    def __init__(self, annotation: Any, *, finite: bool = False) -> None:
        self.annotation = annotation
        #: What pydantic knows of the annotation, for who describes it.
        self.adapter = _adapter(annotation, {"allow_inf_nan": False} if finite else None)
        validator: Any = self.adapter.validator
        self.validate = validator.validate_python
        self.validate_json = validator.validate_json
        self.validate_strings = validator.validate_strings
        self.write = self.adapter.serializer.to_json
        self.is_open = _is_open(self.adapter.core_schema)

    def sure(self) -> Mapping[type, Sure]:
        """Models, which were validated when they were made, and lists of them."""
        if _is_model(self.annotation):
            return {self.annotation: None}
        if get_origin(self.annotation) is list and _is_model(get_args(self.annotation)[0]):
            # PERF(bench: inproc_records): classes are compared faster than a validator walks the list.
            members = {get_args(self.annotation)[0]}
            return {list: lambda value: {*map(type, value)} <= members}
        return MappingProxyType({})

    def writer(self, **options: Any) -> Callable[[Any], bytes]:
        """Return the serialiser with its options."""
        write = self.write
        if options == {"by_alias": True}:
            # PERF(bench: wire_body): a partial puts its keywords together anew for every value.
            return lambda value: write(value, by_alias=True)
        return partial(write, **options)

    def simplify(self, value: object, **options: Any) -> object:
        """See :meth:`Codec.simplify`."""
        return self.adapter.dump_python(value, mode="json", warnings=False, **options)

    def unfold(self, value: object, **options: Any) -> object:
        """See :meth:`Codec.unfold`."""
        return self.adapter.dump_python(value, warnings=False, **options)


def _is_open(schema: Any) -> bool:
    """Tell whether a schema takes anything somewhere: ``Any``, a bare list or dict, fields that no model declares."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("type") == "any" or part.get("extra_fields_behavior") == "allow":
                return True
            waiting += [value for key, value in part.items() if key not in _NO_SCHEMAS]
        elif isinstance(part, list | tuple):
            waiting += part
    return False


def _is_model(annotation: Any) -> bool:
    """Tell whether the annotation is a class whose instances were validated when they were made."""
    return isinstance(annotation, type) and hasattr(annotation, "__pydantic_validator__")


def _adapter(annotation: Any, config: ConfigDict | None) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation, PydanticUserError
    from pydantic_core import SchemaError

    try:
        adapter = TypeAdapter(annotation, config=config)
        adapter.rebuild()  # a name that stands for a class would be looked up only when the first value comes
    except (
        PydanticSchemaGenerationError,
        PydanticUndefinedAnnotation,
        PydanticUserError,
        SchemaError,
    ) as error:
        if config is not None:  # a type with a configuration of its own takes no other
            return _adapter(annotation, None)
        reason = str(error).partition("\n")[0]
        raise TypeError(reason) from error
    return adapter


def pointer(location: tuple[int | str, ...]) -> str:
    """Write a location as a JSON Pointer (RFC 6901): ``("items", 0)`` is ``/items/0``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)


def problems(error: ValidationError) -> list[Problem]:
    """List the first problems that a validation found. The input itself is never repeated: it may be secret, or hostile."""
    from pydantic_core import from_json

    # SECURITY: a small document can have 100 000 problems; making all of them Python objects would block the loop.
    text = error.json(include_url=False, include_context=False, include_input=False)
    listed = from_json(text[:_LONGEST_LIST], allow_partial=True)
    return [
        {"pointer": pointer(found["loc"]), "detail": found["msg"], "type": found["type"]}
        for found in listed[:MOST_PROBLEMS]
        if "msg" in found  # the last member: the problem has not been cut
    ]
