"""Typed values: pydantic models, dataclasses, TypedDicts and every annotation pydantic knows, to bytes and back.

pydantic is imported when the first codec is made, so that an application without typed bodies never loads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ConfigDict, TypeAdapter, ValidationError

__all__ = ["MOST_PROBLEMS", "Codec", "Problem", "pointer", "problems"]

#: How many problems are listed, and how long the list may be as JSON; further ones are only counted.
MOST_PROBLEMS = 100
_LONGEST_LIST = 64 * 1024

#: One thing that is wrong with a value: where (a JSON Pointer, RFC 6901), what, and pydantic's name for it.
Problem = dict[str, str]


class Codec:
    """Reads and writes one annotation.

    Args:
        annotation: any type that pydantic can make a schema of.
        finite: refuse NaN and infinity, which text can spell and JSON cannot.

    Raises:
        TypeError: it cannot; the message is pydantic's first line.
    """

    __slots__ = ("_adapter", "annotation", "validate", "validate_json", "validate_strings", "write")

    def __init__(self, annotation: Any, *, finite: bool = False) -> None:
        self.annotation = annotation
        self._adapter = _adapter(annotation, {"allow_inf_nan": False} if finite else None)
        validator: Any = self._adapter.validator
        #: From Python objects; attributes of foreign objects count as fields.
        self.validate: Callable[..., Any] = validator.validate_python
        #: From the bytes of a document.
        self.validate_json: Callable[..., Any] = validator.validate_json
        #: From text, as paths, queries, headers and cookies carry it.
        self.validate_strings: Callable[..., Any] = validator.validate_strings
        #: To the bytes of a document: only the declared fields.
        self.write: Callable[..., bytes] = self._adapter.serializer.to_json

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """What pydantic knows of the annotation, for who describes it."""
        return self._adapter

    def simplify(self, value: object, **options: Any) -> object:
        """Turn a value into plain JSON types; the options are pydantic's ``include``, ``exclude``, ``by_alias`` and the rest."""
        return self._adapter.dump_python(value, mode="json", warnings=False, **options)

    def unfold(self, value: object, **options: Any) -> object:
        """Turn models into dicts, and leave everything else what it is; the options are those of :meth:`simplify`."""
        return self._adapter.dump_python(value, warnings=False, **options)


def _adapter(annotation: Any, config: ConfigDict | None) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation, PydanticUserError
    from pydantic_core import SchemaError

    try:
        return TypeAdapter(annotation, config=config)
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
