"""The environment, read into Settings: defaults, then classes, then ``.env``, then variables, then what the code says."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigError, Problem, SettingsError
from ..logs import settings as _log
from . import declarations
from .dotenv import Line, read_dotenv
from .kinds import checked, read_text, takes_several
from .settings import Origin, Settings

__all__ = ["environment_of", "read", "unknown"]

_PREFIX = "WADJET_"
#: Of a variable that names a file which holds the value, as containers are given their secrets.
_FILE = "_FILE"
#: Variables that choose an application or a server rather than a setting.
_OTHERS = frozenset({"APP", "ENV", "HOST", "PORT", "SETTINGS"})
_ENVIRONMENTS = ("production", "development", "test")
_DEVELOPMENT = "development"
_PRODUCTION = "production"


def read(
    given: Settings | type[Settings] | str | None,
    environ: Mapping[str, str],
    *,
    debug: bool | None = None,
    directory: Path = Path(),
) -> Settings:
    """Return the settings of an application.

    Args:
        given: an instance, a class, a path ``package.module:Class``; None for ``WADJET_SETTINGS``, and else the defaults.
        environ: the environment; its ``WADJET_<NAME>`` variables override, and ``WADJET_<NAME>_FILE`` name files that do.
        debug: True chooses development and sets ``DEBUG``; False forbids it.
        directory: where ``.env`` stands, which is read in development only.

    Raises:
        SettingsError: all values that cannot be, and insecure choices in production.
        ConfigError: no such class, or one that says something in vain.
    """
    environment = environment_of(environ, debug=debug)
    lines = {name: Line(text, f"the variable {name}") for name, text in environ.items()}
    if environment == _DEVELOPMENT:
        lines = read_dotenv(directory / ".env") | lines
    located = lines.get(_PREFIX + "SETTINGS")
    settings = _located(given or (located.text if located else None) or Settings)
    return _Reading(settings, environment).whole(lines, debug)


def environment_of(environ: Mapping[str, str], *, debug: bool | None = None) -> str:
    """Return the environment: ``WADJET_ENV``, else development where the code asks for ``debug``, else production.

    Raises:
        ConfigError: there is none of that name, or it is production and the code asks for ``debug``.
    """
    environment = environ.get(_PREFIX + "ENV") or (_DEVELOPMENT if debug else _PRODUCTION)
    if environment not in _ENVIRONMENTS:
        raise ConfigError(f"WADJET_ENV={environment!r} is not one of {', '.join(_ENVIRONMENTS)}")
    if debug and environment == _PRODUCTION:
        raise ConfigError(
            "debug=True would show tracebacks to everyone, and WADJET_ENV says production; take one of the two away"
        )
    return environment


def unknown(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """Say of each ``WADJET_<NAME>`` variable that no setting is called so, and which one may be meant.

    Args:
        settings: of the application.
        environ: the environment.
    """
    names = [field.name for field in dataclasses.fields(settings)]
    for variable in environ:
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in _OTHERS or name in names or name.removesuffix(_FILE) in names:
            continue
        near = difflib.get_close_matches(name, [*names, *_OTHERS], 1)
        hint = f"; is it {_PREFIX}{near[0]}?" if near else ""
        yield f"{variable} is set, but there is no such setting{hint}"


def _located(given: Settings | type[Settings] | str) -> Settings | type[Settings]:
    found: Any = given
    if isinstance(given, str):
        module, _, name = given.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigError(
                f"settings {module}:{name} cannot be imported ({error}); write 'package.module:Class'"
            ) from error
    cls = found if isinstance(found, type) else type(found)
    if not issubclass(cls, Settings):
        raise ConfigError(f"settings are a subclass or an instance of wadjet.conf.Settings, not {found!r}")
    vain = declarations.mistakes(cls)
    if vain:
        raise ConfigError("; ".join(vain))
    return found  # type: ignore[no-any-return] # settings, or a class of them


class _Reading:
    """One reading: it goes on after a mistake, so that all are told at once."""

    def __init__(self, given: Settings | type[Settings], environment: str) -> None:
        self._given = given
        self._cls = given if isinstance(given, type) else type(given)
        self._environment = environment
        self._annotations = declarations.annotations_of(self._cls)
        self._problems: dict[str, Problem] = {}
        self._sources: dict[str, str] = {} if isinstance(given, type) else dict(given.origin.sources)

    def whole(self, lines: Mapping[str, Line], debug: bool | None) -> Settings:
        """Return the settings, with their sources."""
        values = self._overrides(lines)
        if debug is not None:
            values["DEBUG"] = debug
            self._sources["DEBUG"] = "the code"
        settings = self._made(values)
        normal = self._checked(settings)
        self._check_debug(settings, debug)
        if self._problems:
            raise SettingsError(tuple(self._problems.values()))
        settings = dataclasses.replace(settings, **normal)
        for message in unknown(settings, {name: line.text for name, line in lines.items()}):
            _log.warning("%s", message)
        return settings.read_from(Origin(self._environment, self._sources))

    def _overrides(self, lines: Mapping[str, Line]) -> dict[str, Any]:
        found = {}
        for name in self._annotations:
            line = lines.get(_PREFIX + name)
            # A setting of that very name is none that is kept in a file.
            file = None if name + _FILE in self._annotations else lines.get(_PREFIX + name + _FILE)
            if line is not None and file is not None:
                self._refuse(
                    name, "", line.where, f"given twice, for there is {_PREFIX}{name}{_FILE} too; keep one"
                )
                continue
            line = self._content(name, file) if file is not None else line
            if line is None:
                continue
            self._sources[name] = line.where
            try:
                found[name] = read_text(line.text, self._annotations[name])
            except ValueError as error:
                self._refuse(name, line.text, line.where, str(error))
        return found

    def _content(self, name: str, file: Line) -> Line | None:
        """Return what a file holds; each of its lines is one value of a list."""
        try:
            text = Path(file.text).read_text("utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            self._refuse(name, file.text, file.where, f"no file that can be read ({error})")
            return None
        if "\n" in text and takes_several(self._annotations[name]):
            text = json.dumps(text.splitlines())
        return Line(text, f"the file {file.text}")

    def _made(self, values: dict[str, Any]) -> Settings:
        """Return settings with what could be read; the defaults stand where it could not."""
        if not isinstance(self._given, type):
            return dataclasses.replace(self._given, **values)
        for field in dataclasses.fields(self._given):
            is_needed = field.default is field.default_factory is dataclasses.MISSING and field.init
            if is_needed and field.name not in values:
                self._problems.setdefault(
                    field.name,
                    Problem(
                        field.name,
                        f"{field.name} is not set, and {declarations.place_of(self._cls)} has no default; "
                        f"set {_PREFIX}{field.name}",
                    ),
                )
                values[field.name] = None
        try:
            return self._given(**values)
        except Exception as error:
            if self._problems:  # it may not like what stands in for what could not be read
                raise SettingsError(tuple(self._problems.values())) from error
            raise

    def _checked(self, settings: Settings) -> dict[str, Any]:
        """Return the values that are kept in another form than they were given in."""
        found = {}
        for name, annotation in self._annotations.items():
            value = getattr(settings, name)
            # Our own defaults are right, and applications are made by the thousand in tests.
            if name in self._problems or value is getattr(Settings, name, dataclasses.MISSING):
                continue
            try:
                normal = checked(value, annotation)
            except ValueError as error:
                self._refuse(name, value, self._sources.get(name) or settings.source(name), str(error))
            else:
                if normal is not value:
                    found[name] = normal
        return found

    def _check_debug(self, settings: Settings, debug: bool | None) -> None:
        if settings.DEBUG is True and debug is None and self._environment == _PRODUCTION:
            text = (
                f"DEBUG=True from {self._sources.get('DEBUG') or settings.source('DEBUG')} would show tracebacks to everyone; "
                "pass debug=True to Wadjet(), or set WADJET_ENV=development"
            )
            self._problems.setdefault("DEBUG", Problem("DEBUG", text))

    def _refuse(self, name: str, value: object, source: str, why: str) -> None:
        shown = declarations.shown(self._cls, name, value)
        example = _example(name)
        remedy = f"; write one, as {name}={example}" if example and not why.endswith("keep one") else ""
        self._problems[name] = Problem(name, f"{name}={shown} from {source} is {why}{remedy}")


def _example(name: str) -> str:
    """Return what a setting could be."""
    default = getattr(Settings, name, None)
    return (
        ""
        if default in {None, "", ()} or not isinstance(default, (int, float, str, tuple))
        else repr(default)
    )
