"""StaticFiles: a folder below a path of an application. Its routes have a plan of their own, which binds nothing."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Unpack

from ..concurrency import ThreadPool
from ..conf.settings import Settings
from ..errors import ConfigError
from ..handlers.cached import AT_ONCE
from ..http.exceptions import NotFound
from ..http.headers import field_value
from ..http.openfile import Links
from ..http.request import Request
from ..http.response import RedirectResponse, Response
from ..http.seam import Finalise, Handle, Recover
from ..http.urls import quote_query
from ..routing.matcher import relative_twin
from ..routing.options import RouteOptions
from ..routing.route import Route
from ..routing.router import Declared
from .folder import Folder
from .kept import Kept, Key, Shelf
from .looking import Looking, Miss
from .manifest import StaticMissing, missing, read_manifest
from .names import is_servable
from .sending import FolderResponse

__all__ = ["StaticFiles", "StaticOptions", "folder_named"]

_NO_FIELDS: Key = ()
_LINKS = ("refuse", "inside", "follow")
#: What the answer depends on where a page stands for what is not there.
_CHOICE = ((b"vary", b"Accept, Sec-Fetch-Mode"),)


class StaticOptions(RouteOptions, total=False):
    """What a folder can be told, beside what any route can; see :class:`StaticFiles`."""

    index: str | None
    fallback: str | None
    cache_control: str | None
    precompressed: bool
    symlinks: Links
    dotfiles: bool
    manifest: str | os.PathLike[str] | None
    fresh_for: float


class StaticFiles:
    """The files of a folder, below a path. An application or a router includes it; ``app.static(…)`` does that too.

    Args:
        prefix: the path; ``/`` for all that nothing else answers.
        directory: the folder; a relative one is below the working directory.
        index: the file that answers for its folder; None for none. There are no listings.
        fallback: the file that answers a browser's navigation to what is not there: the page of an application that runs in
            the browser.
        cache_control: what caches are told; None for nothing. Names that stand for one content for ever are told so.
        precompressed: send ``x.br``, ``x.zst`` or ``x.gz`` for ``x`` to clients that take it.
        symlinks: ``refuse`` those below the folder; or follow those that lead to its ``inside``; or ``follow`` all.
        dotfiles: whether names may begin with a dot; ``.well-known`` always may.
        manifest: a bundler's JSON file of sources and files; its files are kept by caches for ever.
        fresh_for: for how many seconds what was found is sent without looking at the files again. In development every request
            looks.
        **options: of its routes. ``name`` is for ``static_url`` too; the path without its slashes, or ``root``.

    Raises:
        ConfigError: an option that cannot be.
    """

    _pool: ThreadPool

    def __init__(
        self,
        prefix: str,
        directory: str | os.PathLike[str],
        *,
        index: str | None = "index.html",
        fallback: str | None = None,
        cache_control: str | None = "no-cache",
        precompressed: bool = True,
        symlinks: Links = "refuse",
        dotfiles: bool = False,
        manifest: str | os.PathLike[str] | None = None,
        fresh_for: float = 1.0,
        **options: Unpack[RouteOptions],
    ) -> None:
        self.prefix = prefix.rstrip("/")
        self.directory = Path(directory)
        self.name = options.get("name") or self.prefix.strip("/").replace("/", ".") or "root"
        #: File, line and call, for messages.
        self.where = self.wadjet_where = f"{_caller()}: static({prefix!r}, {os.fspath(directory)!r})"
        self._index, self._fallback = index or "", fallback
        self._manifest = None if manifest is None else Path(manifest)
        self._fresh_for = fresh_for
        self._files: Mapping[str, str] | None = None
        self._check(cache_control, symlinks)
        self._policy: Any = (precompressed, symlinks, dotfiles, cache_control or "")
        options = {"include_in_schema": False, **options}
        self._routes = [("/{path:path}", Route(None, self, ("GET",), {**options, "name": self.name}))]
        if self._index or fallback:
            self._routes.append(("/", Route(None, self, ("GET",), {**options, "name": f"{self.name}.index"})))
        self._shelf = Shelf()
        self._looks: dict[str, asyncio.Task[Kept | Miss]] = {}
        self._looking: Looking | None = None

    def _check(self, cache_control: str | None, symlinks: str) -> None:
        """Refuse options that cannot be."""
        if not self.prefix.startswith("/") and self.prefix:
            raise ConfigError(f"{self.where}: a path begins with a slash; write '/{self.prefix}'")
        if symlinks not in _LINKS:
            raise ConfigError(
                f"{self.where}: symlinks={symlinks!r} is none of {', '.join(map(repr, _LINKS))}"
            )
        for option, name in (("index", self._index), ("fallback", self._fallback)):
            if name and not is_servable(name, dotfiles=True):
                raise ConfigError(f"{self.where}: {option}={name!r} is no name of a file below the folder")
        try:
            field_value(cache_control or "", "cache-control")
        except ValueError as error:
            raise ConfigError(f"{self.where}: {error}") from None

    def walk(self, prefix: str, inherited: RouteOptions | None, host: str | None) -> Iterator[Declared]:
        """Yield the routes: one for all names, and one for the folder itself where it has an index."""
        for path, route in self._routes:
            yield Declared(prefix + self.prefix + path, route, {**(inherited or {}), **route.options}, host)

    # -- assembled ------------------------------------------------------------------------------------------------------------

    def wadjet_handle(
        self, prepare: Finalise, recover: Recover, settings: Settings, pool: ThreadPool
    ) -> Handle:
        """Return what answers the routes; assembly calls it.

        Args:
            prepare: makes a response final.
            recover: makes a response of what is raised.
            settings: the application's.
            pool: where files are looked at.

        Raises:
            ConfigError: there is no such folder, or no such manifest.
        """
        if not self.directory.is_dir():
            raise ConfigError(
                f"{self.where}: there is no folder {str(self.directory.absolute())!r}; create it, or correct the path"
            )
        self._make(settings, pool)
        shelf, clock, new = self._shelf, time.monotonic, object.__new__

        def at_once(request: Request) -> Response[Any] | None:
            # PERF(bench: wire_not_modified): nothing is asked of the system, and nothing is made but this.
            known = shelf.get(request.path_params.get("path", ""))
            if known is None or clock() >= known.until:
                return None
            asking, key = known.asking, _NO_FIELDS
            for field in request.raw_headers:
                if field[0] in asking:
                    key += (field,)
            answer = known.answers.get(key)
            if answer is None or request.response_callbacks:
                return None
            response = new(Response)
            response._status, response._fields, response.wire_head, response._body = answer  # noqa: SLF001 - as Response.maker()
            response.is_ready = True
            return response

        async def handle(request: Request) -> Response[Any]:
            try:
                return at_once(request) or await prepare(request, await self(request))
            except Exception as error:
                return await recover(request, error)

        setattr(handle, AT_ONCE, at_once)
        return handle

    def _make(self, settings: Settings, pool: ThreadPool) -> None:
        """Make what looks files up."""
        precompressed, links, dotfiles, cache_control = self._policy
        files = {} if self._manifest is None else read_manifest(self._manifest, self.where)
        self._files = None if self._manifest is None else files
        folder = Folder(str(self.directory.absolute()), links, precompressed=precompressed)
        self._looking = Looking(
            folder,
            self._index,
            dotfiles=dotfiles,
            cache_control=cache_control,
            permanent=frozenset(files.values()),
        )
        self._pool = pool
        if settings.DEBUG:
            self._fresh_for = 0.0

    @property
    def looking(self) -> Looking:
        """What looks files up.

        Raises:
            ConfigError: no application has been assembled with it.
        """
        if self._looking is None:
            raise ConfigError(f"{self.where}: no application has it; write `app.include(…)`")
        return self._looking

    def versioned(self, name: str) -> str:
        """Return the name, below the path, of the present version of a file.

        Args:
            name: of the file, or with a manifest of its source.

        Raises:
            StaticMissing: there is no such file.
        """
        looking, files = self.looking, self._files
        if files is not None:
            if name not in files:
                raise missing(name, f"the manifest {str(self._manifest)!r}", files)
            return files[name]
        found = looking.versioned(name, self._fresh_for) if looking.is_servable(name) else None
        if found is None:
            raise missing(name, looking.folder.root, looking.folder.names())
        return found

    # -- requests -------------------------------------------------------------------------------------------------------------

    async def __call__(self, request: Request) -> Response[Any]:
        """Return what answers a request, not yet prepared.

        Raises:
            NotFound: there is no such file.
            Forbidden: it may not be read.
        """
        name = request.path_params.get("path", "")
        found = await self._found(name)
        if isinstance(found, Kept):
            return FolderResponse(self.looking.folder, found, request)
        if found.is_folder:
            query = quote_query(request.raw_query)
            return RedirectResponse(relative_twin(request.raw_path) + (f"?{query}" if query else ""), 308)
        if found.error is NotFound and self._fallback is not None and _navigates(request, name):
            page = await self._found(self._fallback)
            if isinstance(page, Kept):
                return FolderResponse(self.looking.folder, page, request, _CHOICE)
        if self._fallback is not None:
            raise found.error(headers={"vary": "Sec-Fetch-Mode"})  # another client might have had the page
        raise found.error

    async def _found(self, name: str) -> Kept | Miss:
        """Return what is there; what was there a moment ago, if that is known."""
        known = self._shelf.get(name)
        if known is not None and time.monotonic() < known.until:
            return known
        if not self._fresh_for:
            return await self._look(name, known)
        # Many ask for the same: one looks, also for those that come while it does.
        task = self._looks.get(name)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._looks[name] = asyncio.ensure_future(self._look(name, known))
            task.add_done_callback(lambda done: self._looked(name, done))
        return await asyncio.shield(task)

    async def _look(self, name: str, known: Kept | None) -> Kept | Miss:
        """Look, in a thread; keep what is found, but nothing of what is not."""
        now = time.monotonic()
        found = await self._pool.run(self.looking.look, name, known)
        if isinstance(found, Miss):
            self._shelf.drop(name)
            return found
        found.until = now + self._fresh_for
        if found is not known:
            self._shelf.put(name, found)
        return found

    def _looked(self, name: str, task: asyncio.Task[Kept | Miss]) -> None:
        if self._looks.get(name) is task:
            del self._looks[name]
        if not task.cancelled():
            task.exception()  # whoever waited has been told

    def __repr__(self) -> str:
        return f"<StaticFiles {self.prefix or '/'} {self.directory}>"


def folder_named(name: str | None, handlers: Iterable[object]) -> StaticFiles:
    """Return a folder by its name; without one the only one there is, or that called ``static``.

    Args:
        name: of the folder.
        handlers: those of an application, among which it is.

    Raises:
        StaticMissing: there is none.
    """
    folders = {handler.name: handler for handler in handlers if isinstance(handler, StaticFiles)}
    if name is None:
        name = next(iter(folders)) if len(folders) == 1 else "static"
    if name not in folders:
        known = ", ".join(map(repr, sorted(folders))) or "none; write `app.static('/static', 'static')`"
        raise StaticMissing(f"static_url: there is no folder called {name!r}; there are: {known}")
    return folders[name]


def _navigates(request: Request, name: str) -> bool:
    """Tell whether a page is asked for, and not a script, an image or data."""
    mode = request.headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    return request.accept.accepts_html and "." not in name.rpartition("/")[2]


def _caller() -> str:
    """Return file and line of the code outside of the framework that is running."""
    frame = sys._getframe(1)  # noqa: SLF001 - who calls is the question
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "wadjet":
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
