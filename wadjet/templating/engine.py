"""The engine: one Jinja2 environment for an application, which escapes everything and renders off the loop what takes long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, Undefined
from jinja2 import Template as Compiled
from jinja2.runtime import Context
from jinja2.utils import missing as absent
from markupsafe import Markup

from ..concurrency import ThreadPool
from ..http.request import Request
from ..http.response import Template
from ..http.urls import quote_path
from ..media import json
from .search import TemplateMissing, missing, search_path

__all__ = ["Computed", "Engine"]

#: A page with more characters is rendered in a thread from then on: it would keep the loop for too long.
_LARGE = 65536
#: Rendering keeps the interpreter to itself, so more threads would gain nothing.
_THREADS = 4
#: How many folders, given by ``template_dir=``, have an environment of their own.
_MOST_FOLDERS = 32

#: Makes the value of a name for one request.
Computed = Callable[[Request], object]


class _Place:
    """Where templates stand, and what is known of them.

    Args:
        environment: which reads them.
        folders: in the order in which they are searched.
    """

    __slots__ = ("environment", "folders", "sizes")

    def __init__(self, environment: Environment, folders: list[Path]) -> None:
        self.environment = environment
        self.folders = folders
        #: How many characters each made last.
        self.sizes: dict[str, int] = {}


class Engine:
    """Renders the templates of an application.

    Every value is escaped for HTML, unless it says by ``__html__`` that it is markup. A template can name ``request``,
    ``url_for``, ``static_url``, ``csp_nonce``, what its context has, and what is in :attr:`names`.

    Args:
        directory: the application's folder; a relative one is below the working directory.
        packages: dotted names of packages whose folders ``templates`` are searched after it.
        is_strict: whether a name that nothing gives is an error, and files are read again when they have changed: for
            development.

    Raises:
        ConfigError: a package that cannot be imported.
    """

    def __init__(self, directory: str, packages: tuple[str, ...] = (), *, is_strict: bool = False) -> None:
        folders = search_path(directory, packages)
        self._is_strict = is_strict
        #: Jinja2's environment, for filters, tests, globals and extensions of your own.
        self.environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,  # SECURITY: CWE-79; for every file, whatever its name ends in
            auto_reload=is_strict,
            undefined=StrictUndefined if is_strict else Undefined,
        )
        #: Names that are computed when a template uses them, and only then.
        self.names: dict[str, Computed] = {
            "csp_nonce": attrgetter("csp_nonce"),
            "csrf_input": _csrf_input,
            "csrf_token": _csrf_token,
            "static_url": _static_url,
            "url_for": _url_for,
        }
        self.environment.context_class = type("_Named", (_Named,), {"names": self.names})
        self.environment.policies["json.dumps_function"] = _dumps
        self._own = _Place(self.environment, folders)
        self._elsewhere: dict[str, _Place] = {}
        self._pool = ThreadPool("wadjet-template", _THREADS)

    async def render(self, request: Request, template: Template) -> str:
        """Return the text of a template, or with ``name#block`` that of one block of it.

        Args:
            request: what is answered.
            template: its name, its context and its folder, or None for those of the application.

        Raises:
            TemplateMissing: there is no such template, or no such block in it.
            jinja2.TemplateError: it has a mistake.
        """
        place = self._place(template.directory)
        render = partial(self._text, place, request, template)
        if self._is_strict or place.sizes.get(template.name, _LARGE) >= _LARGE:
            # What has not been rendered before is read and compiled first.
            text = await self._pool.run(render)
        else:
            text = render()
        place.sizes[template.name] = len(text)
        return text

    def find(self, name: str) -> None:
        """Look whether a template is there; it is not read as one yet, for filters may be added until it is used.

        Args:
            name: of the template, or ``name#block``.

        Raises:
            TemplateMissing: there is no such template.
        """
        page = name.partition("#")[0]
        loader = self.environment.loader
        try:
            if loader is not None:
                loader.get_source(self.environment, _checked(page))
        except TemplateNotFound:
            raise TemplateMissing(self._missing(self._own, page, page)) from None

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown()

    @staticmethod
    def _missing(place: _Place, wanted: str, asked: str) -> str:
        return missing(wanted, asked, place.folders, place.environment.list_templates())

    def _text(self, place: _Place, request: Request, template: Template) -> str:
        name, _, block = template.name.partition("#")
        context = {"request": request, **template.context}
        try:
            compiled = place.environment.get_template(_checked(name))
            return _block(compiled, block, context) if block else compiled.render(context)
        except TemplateNotFound as error:
            wanted = str(error.name or name)
            raise TemplateMissing(self._missing(place, wanted, name)) from None

    def _place(self, directory: str | None) -> _Place:
        """Return where a template stands: in the application's folders, or in another one and those of the packages."""
        if directory is None:
            return self._own
        place = self._elsewhere.get(directory)
        if place is None:
            if len(self._elsewhere) >= _MOST_FOLDERS:
                self._elsewhere.clear()
            folders = [Path(directory).absolute(), *self._own.folders[1:]]
            place = _Place(self.environment.overlay(loader=FileSystemLoader(folders)), folders)
            self._elsewhere[directory] = place
        return place


def _checked(name: str) -> str:
    """Return the name of a template, which stays below the folders and has one form only.

    Raises:
        TemplateNotFound: it climbs, is absolute, or would be on another system.
    """
    # SECURITY: CWE-22, path traversal; a second form of a name would have a place of its own in every cache.
    if not {"", ".", ".."}.isdisjoint(name.split("/")) or not {"\\", ":", "\0"}.isdisjoint(name):
        raise TemplateNotFound(name)
    return name


class _Named(Context):
    """The names that a template knows: those of its context, and those that are computed when they are used."""

    names: Mapping[str, Computed]

    def resolve_or_missing(self, key: str) -> Any:
        """Return the value of a name."""
        value = super().resolve_or_missing(key)
        if value is not absent or key not in self.names:
            return value
        request = super().resolve_or_missing("request")
        return self.names[key](request) if isinstance(request, Request) else value


def _csrf_token(request: Request) -> str:
    return request.csrf_token


def _csrf_input(request: Request) -> Markup:
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(request.csrf_token)


def _url_for(request: Request) -> Callable[..., str]:
    def url_for(name: str, /, **values: object) -> str:
        return cast("str", quote_path(request.root_path) + request.app.url_for(name, **values))

    return url_for


def _static_url(request: Request) -> Callable[..., str]:
    def static_url(file: str, /, folder: str | None = None) -> str:
        return cast("str", quote_path(request.root_path) + request.app.static_url(file, folder))

    return static_url


def _block(template: Compiled, name: str, values: Mapping[str, Any]) -> str:
    render = template.blocks.get(name)
    if render is None:
        known = ", ".join(sorted(template.blocks)) or "none"
        raise TemplateMissing(f"the template {template.name!r} has no block {name!r}; it has: {known}")
    try:
        return "".join(render(template.new_context(dict(values))))
    except Exception:
        template.environment.handle_exception()


def _dumps(value: object, **_: object) -> str:
    return json.dumps(value).decode()
