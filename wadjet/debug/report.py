"""All that is shown of a crash, as data: bounded, without secrets, and there even where a part of it cannot be had."""

from __future__ import annotations

import dataclasses
import os
import platform
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from ..conf.declarations import secrets_of
from ..conf.masking import is_secret
from ..conf.settings import Settings
from ..http.request import Request
from .commands import as_curl, as_test, content_of, target_of
from .frames import Failure, failures, secret_locals
from .secrets import Masker
from .values import cut, shown

__all__ = ["Report", "Row", "Section", "Surroundings", "report"]


class Surroundings(NamedTuple):
    """What stands around a request that fails."""

    settings: Settings
    #: The middleware, outermost first, by module and class.
    middleware: Sequence[str] = ()


class Row(NamedTuple):
    """A name, what it stands for, and a word on that."""

    name: str
    value: str
    note: str = ""


class Section(NamedTuple):
    """Rows under one heading."""

    title: str
    rows: tuple[Row, ...]


class Report(NamedTuple):
    """A crash."""

    identifier: str
    #: None where nothing gives requests their ids.
    request_id: str | None
    method: str
    target: str
    #: What was raised, then what it came from.
    failures: tuple[Failure, ...]
    sections: tuple[Section, ...]
    curl: str
    test: str


def report(error: BaseException, request: Request, identifier: str, around: Surroundings) -> Report:
    """Return what is shown of a crash.

    Args:
        error: what was raised.
        request: what was asked.
        identifier: the id that the log has, too.
        around: what stands around it.
    """
    masker = Masker([*_secrets(request, around.settings), *secret_locals(error)])
    found = tuple(failures(error, masker))
    sections: list[tuple[str, Callable[[], Iterable[Row]]]] = [
        ("Request", lambda: _request(request, masker)),
        ("Route", lambda: _route(request, masker)),
        ("Middleware", lambda: _middleware(request, found, around.middleware)),
        ("Query", lambda: _pairs(request.query_params.items(), masker)),
        ("Form", lambda: _form(request, masker)),
        ("Header fields", lambda: _fields(request, masker)),
        ("Settings", lambda: _settings(around.settings, masker)),
        ("System", _system),
    ]
    request_id = request.state.get("request_id")
    return Report(
        identifier,
        None if request_id is None else str(request_id)[:200],
        request.method,
        _told(lambda: target_of(request, masker)),
        found,
        tuple(Section(title, _rows(read)) for title, read in sections),
        _told(lambda: as_curl(request, masker)),
        _told(lambda: as_test(request, masker)),
    )


def _told(read: Callable[[], str]) -> str:
    try:
        return read()
    except Exception as error:
        return f"cannot be told: {type(error).__name__}"


def _rows(read: Callable[[], Iterable[Row]]) -> tuple[Row, ...]:
    """Return rows; where they cannot be had, why: a broken request is what brought us here."""
    try:
        return tuple(read())
    except Exception as error:
        return (Row("cannot be read", type(error).__name__),)


# -- the sections -----------------------------------------------------------------------------------------------------------


def _request(request: Request, masker: Masker) -> Iterator[Row]:
    yield Row("URL", f"{request.scheme}://{masker.text(request.host)}{target_of(request, masker)}")
    yield Row("HTTP", request.http_version)
    yield Row("Client", "unknown" if request.client is None else str(request.client[0]))
    if request.root_path:
        yield Row("Mounted at", request.root_path)
    content = content_of(request)
    if content:
        yield Row("Content", shown(content.decode("utf-8", "replace"), masker), f"{len(content)} bytes")
    for name, value in request.state.items():
        yield Row(f"state[{name!r}]", shown(value, masker, str(name)))


def _route(request: Request, masker: Masker) -> Iterator[Row]:
    plan: Any = request.plan
    if plan is None:
        return
    yield Row("Name", str(plan.name))
    yield Row("Pattern", str(plan.pattern))
    compiled = getattr(plan, "compiled", None)
    if compiled is not None:
        yield Row("Methods", ", ".join(compiled.route.methods))
        yield Row("Handler", compiled.route.where)
    for name, value in request.path_params.items():
        yield Row(f"{{{name}}}", shown(value, masker, name), type(value).__name__)


def _middleware(request: Request, found: Sequence[Failure], names: Sequence[str]) -> Iterator[Row]:
    """Yield the middleware, outermost first; that through whose own code the error went is marked."""
    names = [*names, *_of_the_route(request)]
    code = {f"{frame.file}:{frame.function}" for failure in found[:1] for frame in failure.frames}
    for place, name in enumerate(names, 1):
        module, _, kind = name.rpartition(":")
        file = module.replace(".", "/")
        is_in = any(f"{file}.py:{kind}." in step or f"{file}/__init__.py:{kind}." in step for step in code)
        yield Row(str(place), f"{module}.{kind}", "the error went through its code" if is_in else "")


def _of_the_route(request: Request) -> Iterator[str]:
    compiled = getattr(request.plan, "compiled", None)
    for stack in () if compiled is None else compiled.declared.options.get("middleware", ()):
        for entry in stack.entries:
            made = entry[0] if isinstance(entry, tuple) else entry
            yield (
                ":".join(made.rsplit(".", 1))
                if isinstance(made, str)
                else f"{made.__module__}:{made.__qualname__}"
            )


def _settings(settings: Settings, masker: Masker) -> Iterator[Row]:
    """Yield the settings, those first that somebody has chosen."""
    for one in sorted(settings.described(), key=lambda one: one.source == _DEFAULTS):
        yield Row(one.name, cut(masker.text(one.value)), one.source)


def _fields(request: Request, masker: Masker) -> Iterator[Row]:
    for name, value in request.raw_headers:
        text = name.decode("latin-1")
        yield Row(text, masker.named(text, value.decode("latin-1")))


def _form(request: Request, masker: Masker) -> Iterator[Row]:
    form = getattr(request.first, "_form", None)
    return iter(()) if form is None else _pairs(form.items(), masker)


def _pairs(pairs: Iterable[tuple[str, Any]], masker: Masker) -> Iterator[Row]:
    for name, value in pairs:
        yield Row(masker.text(name), shown(value, masker, name))


#: Where a value is from that nobody has chosen.
_DEFAULTS = "the defaults"


def _system() -> Iterator[Row]:
    yield Row("Python", platform.python_version())
    yield Row("Process", str(os.getpid()))


# -- the secrets ------------------------------------------------------------------------------------------------------------


def _secrets(request: Request, settings: Settings) -> Iterator[str]:
    """Yield what the application and the client keep secret: it is masked wherever it stands."""
    for one in dataclasses.fields(settings):
        yield from secrets_of(type(settings), one.name, getattr(settings, one.name))
    for name, value in request.raw_headers:
        if is_secret(name.decode("latin-1")):
            yield from _of_field(value.decode("latin-1"))
    for pair in request.query_string.split("&"):
        parameter, _, sent = pair.partition("=")
        if is_secret(unquote_plus(parameter)):
            yield from (sent, unquote_plus(sent))
    form = getattr(request.first, "_form", None) or {}
    yield from (value for name, value in form.items() if is_secret(name) and isinstance(value, str))


def _of_field(value: str) -> Iterator[str]:
    """Yield a field's value, and the secrets in it: credentials behind their scheme, cookies behind their names."""
    yield value
    scheme, _, credentials = value.partition(" ")
    yield credentials
    if scheme.lower() == "basic":
        try:
            yield b64decode(credentials, validate=True).decode().partition(":")[2]
        except ValueError:  # these are no credentials
            return
    for cookie in value.split(";"):
        yield cookie.partition("=")[2].strip().strip('"')
