"""A parameter that takes many values of one source: a model, a dataclass, a TypedDict, or a dict of all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from ..http.request import Request
from .content import as_document, declared_fields, list_fields
from .markers import Marker
from .signature import MISSING, Parameter
from .sources import codec_of, default_of, members

__all__ = ["Group", "group_reader"]


class Group(NamedTuple):
    """How one such parameter is read."""

    name: str
    place: str
    #: Raises ValidationError for values that are not of the parameter's type, Missing where there is none and no default.
    read: Callable[[Request], Any]


def group_reader(parameter: Parameter, marker: Marker, others: Collection[str]) -> Group:
    """Compile the reader of a parameter that takes many values.

    Values that no field takes are ignored, unless the type forbids them: of the query and the cookies by the type's own rule
    (pydantic's ``extra="forbid"``). Header fields that nobody asked for are always there, and always ignored.

    Args:
        parameter: the handler's.
        marker: says the source.
        others: names on the wire that other parameters take from the same source.

    Raises:
        SignatureError: the annotation is none that text can be read as.
    """
    codec = codec_of(parameter, parameter.annotation, marker.constraints)
    given = parameter.default if marker.default is MISSING else marker.default
    default = default_of(given)
    found_in = _SOURCES[marker.place](parameter.annotation, frozenset(others))

    def read(request: Request) -> Any:
        found = found_in(request)
        return default() if given is not MISSING and not found else codec.validate(found)

    return Group(parameter.name, marker.place, read)


_Find = Callable[[Request], Mapping[str, Any]]


def _query(annotation: Any, others: frozenset[str]) -> _Find:
    lists = list_fields(annotation)
    return lambda request: as_document(request.query_params, lists, others)


def _cookies(annotation: Any, others: frozenset[str]) -> _Find:  # noqa: ARG001 - a cookie has one value
    return lambda request: {name: value for name, value in request.cookies.items() if name not in others}


def _path(annotation: Any, others: frozenset[str]) -> _Find:  # noqa: ARG001 - as above
    return lambda request: {name: value for name, value in request.path_params.items() if name not in others}


def _headers(annotation: Any, others: frozenset[str]) -> _Find:
    fields = [pair for member in members(annotation) for pair in declared_fields(member) or ()]
    lists = list_fields(annotation) or frozenset()
    if not fields:
        return lambda request: {
            name: value for name, value in request.headers.items() if name.lower() not in others
        }
    wanted = {name: str(name).replace("_", "-").lower() for name, _ in fields}

    def find(request: Request) -> dict[str, Any]:
        headers = request.headers
        return {
            name: headers.getall(field) if name in lists else headers[field]
            for name, field in wanted.items()
            if field in headers
        }

    return find


_SOURCES: dict[str, Callable[[Any, frozenset[str]], _Find]] = {
    "query": _query,
    "cookie": _cookies,
    "path": _path,
    "header": _headers,
}
