"""What a handler writes beside an annotation: where the argument comes from, and what it may be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Any, get_args, get_origin

from ..http.filerules import FileRules
from .signature import MISSING

__all__ = ["Body", "Cookie", "File", "Form", "Header", "Marker", "Path", "Query", "marks_in"]


class Marker:
    """Says where a parameter comes from: ``Annotated[str, Header()]``, or as a default, ``x: str = Header()``.

    Args:
        default: the value when the request brings none.
        alias: the name on the wire, when it is not the parameter's.
        **constraints: what pydantic's ``Field`` takes: ``ge``, ``le``, ``min_length``, ``pattern``, ``description`` …
    """

    __slots__ = ("alias", "constraints", "default")

    #: What the source is called in problem details; OpenAPI's word.
    place = ""

    def __init__(self, default: Any = MISSING, *, alias: str | None = None, **constraints: Any) -> None:
        # ``Query(...)`` is FastAPI's way to say that there is no default.
        self.default = MISSING if default is ... else default
        self.alias = alias
        self.constraints = constraints

    def wire_name(self, parameter: str) -> str:
        """Return the name on the wire of a parameter."""
        return self.alias or parameter


class Path(Marker):
    """From the path, by name."""

    __slots__ = ()
    place = "path"


class Query(Marker):
    """From the query, by name; a list takes every value."""

    __slots__ = ()
    place = "query"


class Header(Marker):
    """From a header field: ``x_request_id`` is ``X-Request-ID``; a list takes every field."""

    __slots__ = ()
    place = "header"

    def wire_name(self, parameter: str) -> str:
        """Return the field name of a parameter."""
        return (self.alias or parameter.replace("_", "-")).lower()


class Cookie(Marker):
    """From a cookie, by name."""

    __slots__ = ()
    place = "cookie"


class Body(Marker):
    """From the content: JSON or a form, by its Content-Type; ``bytes`` take it as it is."""

    __slots__ = ()
    place = "body"


class Form(Marker):
    """From a field of a form, by name; a list takes every value. The content has to be a form."""

    __slots__ = ()
    place = "form"


class File(Form):
    """From a form, a file; what is annotated :class:`UploadFile` needs no marker, unless it is to say more.

    Args:
        default: the value when the form brings none.
        alias: the name on the wire, when it is not the parameter's.
        max_size: the most bytes of one file; more is a 413, said while it comes.
        content_types: the media types that are taken, ``["image/png", "image/jpeg"]``; of a range, ``image/*``, those that have a
            magic number. Another one is a 415, and so is content that does not begin as its type does.
        **constraints: what pydantic's ``Field`` takes: ``description``, and of a list of files ``max_length`` …
    """

    __slots__ = ("content_types", "max_size")

    def __init__(
        self,
        default: Any = MISSING,
        *,
        alias: str | None = None,
        max_size: int | None = None,
        content_types: str | Collection[str] | None = None,
        **constraints: Any,
    ) -> None:
        super().__init__(default, alias=alias, **constraints)
        self.max_size = max_size
        self.content_types = content_types

    def rules(self) -> FileRules | None:
        """Return what each file may be; None where anything will do.

        Raises:
            ValueError: a size or a media type that is none.
        """
        if self.max_size is None and self.content_types is None:
            return None
        return FileRules.of(self.max_size, self.content_types)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Say in a schema how large a file may be (OpenAPI 3.1 §4.8.14.4)."""
        said: dict[str, Any] = handler(schema)
        if self.max_size is not None:
            for each in _files_of(said):
                each["maxLength"] = self.max_size
        return said


def _files_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas of files in the schema of one, of several, or of one that may be missing."""
    if schema.get("format") == "binary":
        return [schema]
    parts = [schema.get("items", {}), *schema.get("anyOf", ())]
    return [found for part in parts if part for found in _files_of(part)]


def marks_in(annotation: Any) -> Iterator[Marker]:
    """Yield the markers anywhere in an annotation."""
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        yield from (extra for extra in parts[1:] if isinstance(extra, Marker))
    for part in parts:
        yield from marks_in(part)
