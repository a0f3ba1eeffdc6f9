"""The arguments of a handler: one function, made at assembly, that reads them of a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ..http.request import Request
from .binding import Binding
from .sources import SOURCES, Reader

__all__ = ["compile_arguments", "takes_path_alone"]

#: Puts some of the arguments among the others; raises ValueError as :meth:`Reader.read` does.
_Fill = Callable[[Request, dict[str, Any]], None]


def takes_path_alone(binding: Binding, path_names: Collection[str]) -> bool:
    """Tell whether the arguments are the values of the path, all of them and unchanged, and nothing else."""
    others = binding.request_names or binding.content or binding.groups
    is_path = all(reader.place == "path" for reader in binding.readers)
    return is_path and not others and _takes_path_as_it_is(binding.readers, path_names)


def _takes_path_as_it_is(readers: Iterable[Reader], path_names: Collection[str]) -> bool:
    """Tell whether all values of the path are arguments, unchanged, and nothing else of it is."""
    of_path = [reader for reader in readers if reader.place == "path"]
    plain = {reader.name for reader in of_path if reader.validate is None and reader.name == reader.wire_name}
    return plain == set(path_names) and len(plain) == len(of_path)


def compile_arguments(
    binding: Binding, path_names: Collection[str] = ()
) -> Callable[[Request], dict[str, Any]]:
    """Return the function that makes the arguments; the content must have been read before.

    It raises UnprocessableEntity with everything that is wrong, in every source.

    Args:
        binding: what was decided of the parameters.
        path_names: what the path captures.
    """
    takes_path = bool(path_names) and _takes_path_as_it_is(binding.readers, path_names)
    fills = _fills(binding, takes_path=takes_path)
    content_name, read_content = binding.content or ("", None)
    explain, explain_content = binding.explain, binding.explain_content
    if read_content is not None and not fills and not takes_path:
        return _content_alone(content_name, read_content, explain_content)

    def arguments(request: Request) -> dict[str, Any]:
        bound: dict[str, Any] = {**request.path_params} if takes_path else {}
        try:
            for fill in fills:
                fill(request, bound)
        except ValueError as error:
            raise explain(request, error) from None
        if read_content is not None:
            try:
                bound[content_name] = read_content(request)
            except ValueError as error:
                raise explain_content(error) from None
        return bound

    return arguments


def _content_alone(
    name: str, read: Callable[[Request], Any], explain: Callable[[ValueError], Exception]
) -> Callable[[Request], dict[str, Any]]:
    def arguments(request: Request) -> dict[str, Any]:
        try:
            return {name: read(request)}
        except ValueError as error:
            raise explain(error) from None

    return arguments


def _fills(binding: Binding, *, takes_path: bool) -> tuple[_Fill, ...]:
    """Return what fills in the arguments: each source is looked up once."""
    readers = [reader for reader in binding.readers if not (takes_path and reader.place == "path")]
    fills: list[_Fill] = [_request_itself(binding.request_names)] if binding.request_names else []
    for place in dict.fromkeys(reader.place for reader in readers):
        own = [reader for reader in readers if reader.place == place]
        fills.append(_of_query(own) if place == "query" else _of_source(place, own))
    fills += [_of_group(group.name, group.read) for group in binding.groups]
    return tuple(fills)


def _request_itself(names: Sequence[str]) -> _Fill:
    def fill(request: Request, bound: dict[str, Any]) -> None:
        for name in names:
            bound[name] = request

    return fill


def _of_source(place: str, readers: Sequence[Reader]) -> _Fill:
    source_of = SOURCES[place]

    def fill(request: Request, bound: dict[str, Any]) -> None:
        get, getall = source_of(request)
        for reader in readers:
            bound[reader.name] = reader.read(get, getall)

    return fill


def _of_query(readers: Sequence[Reader]) -> _Fill:
    def fill(request: Request, bound: dict[str, Any]) -> None:
        values = request.query_values()
        # PERF(bench: inproc_query): Reader.read, written out for values that lie in lists.
        for name, _, wire_name, collects, validate, default in readers:
            found: Any = values.get(wire_name)
            if found is None:
                bound[name] = default()
            elif collects:
                bound[name] = found if validate is None else validate(found)
            else:
                bound[name] = found[-1] if validate is None else validate(found[-1])

    return fill


def _of_group(name: str, read: Callable[[Request], Any]) -> _Fill:
    def fill(request: Request, bound: dict[str, Any]) -> None:
        bound[name] = read(request)

    return fill
