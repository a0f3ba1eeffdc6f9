"""View: a class whose methods answer, a new instance for each request (OpenViper)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, ClassVar, cast

from ..auth.guards import check_object_permissions
from ..errors import RouteError
from ..http.exceptions import MethodNotAllowed
from ..http.request import Request
from ..http.response import Response
from ..routing.route import METHODS, Route, RouteOptions
from ..routing.router import Verbs
from ..routing.stacks import stacks_of
from .endpoints import Endpoint, endpoints, is_code, middleware_of, only, options_of, public
from .methods import Method, method_of

__all__ = ["View", "ViewHandler"]


class View:
    """A class-based view: subclass it, and write one method for each HTTP method that it answers.

    HEAD, OPTIONS and the Allow of a 405 come by themselves. Class attributes that are called as an option of routes are the
    options of all its routes; a verb without a path above a method, ``@get(status_code=201)``, says those of one. A verb with a
    path, and :func:`action`, answer below the view's path.

    Args:
        **initkwargs: attributes of the instance; the class must have, annotate or allow them.

    Raises:
        TypeError: it does not.
    """

    #: What is answered where a method of that name exists.
    http_method_names: ClassVar[Iterable[str]] = ["get", "post", "put", "patch", "delete", "head", "options"]
    #: A model of the content, for the OpenAPI document; only where no parameter takes the content.
    serializer_class: ClassVar[Any] = None
    #: Where it answers when it is included without a prefix.
    path: ClassVar[str | None] = None
    #: Functions that run before each method, or around it, as :meth:`Route.middleware <wadjet.Route.middleware>` takes them; and
    #: classes, ``(class, options)`` and dotted paths, as the application's middleware.
    middleware: ClassVar[Iterable[Any]] = ()
    #: Further names that ``as_view`` takes.
    ALLOWED_KWARGS: ClassVar[Iterable[str]] = frozenset()

    #: What a route has chosen; None when ``dispatch`` is called by hand.
    wadjet_method: Method | None = None

    def __init__(self, **initkwargs: Any) -> None:
        for name, value in initkwargs.items():
            _check_attribute(type(self), name)
            setattr(self, name, value)

    # -- answering ----------------------------------------------------------------------------------------------------------

    async def dispatch(self, request: Request, /, **kwargs: Any) -> Response[Any]:
        """Call the method for a request and return the response that its result makes.

        Who overrides it stands around every method, actions included. Where nobody does, routes call the methods themselves.

        Args:
            request: the request.
            **kwargs: the other arguments of the method.
        """
        method = self.wadjet_method or _method_for(type(self), request.method)
        if method is not None:
            return await method.answer(self, request, kwargs)
        result = (
            self.options(request) if request.method == "OPTIONS" else self.http_method_not_allowed(request)
        )
        found: Response[Any] = await result if inspect.isawaitable(result) else result
        return found

    async def options(self, request: Request) -> Any:
        """Answer OPTIONS when ``dispatch`` is called by hand; elsewhere the answer has all methods of the path."""
        return Response(None, 204, {"allow": ", ".join(self.allowed_methods())})

    def http_method_not_allowed(self, request: Request) -> Any:
        """Answer a method that the view lacks when ``dispatch`` is called by hand; elsewhere the path's own 405 does.

        Raises:
            MethodNotAllowed: always.
        """
        raise MethodNotAllowed(self.allowed_methods())

    @classmethod
    def allowed_methods(cls) -> list[str]:
        """List what the view answers at its own path, for Allow."""
        found = _own_methods(cls)
        return sorted({*found, "OPTIONS", *(["HEAD"] if "GET" in found else [])})

    async def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Ask the permissions of the route whether a request may have to do with an object.

        Args:
            request: the request.
            obj: what it is about.

        Raises:
            Unauthorized: it is not known who asks.
            PermissionDenied: it is, and they may not.
        """
        await check_object_permissions(request, obj)

    # -- registering --------------------------------------------------------------------------------------------------------

    @classmethod
    def as_view(cls, **initkwargs: Any) -> ViewHandler:
        """Return what a router takes as a handler.

        Args:
            **initkwargs: given to ``__init__`` for each request.

        Raises:
            TypeError: ``__init__`` does not take them.
        """
        return ViewHandler(cls, initkwargs)

    @classmethod
    def register(cls, router: Verbs, path: str, *, name: str | None = None, **initkwargs: Any) -> Route:
        """Record the view, with its actions, at a path.

        Args:
            router: an application or a router.
            path: as any route has it.
            name: for ``url_for``, instead of the class's.
            **initkwargs: see :meth:`as_view`.
        """
        return router.add(path, cls.as_view(**initkwargs), name=name)

    @classmethod
    def wadjet_routes(cls, base: str, held: Route) -> Iterator[tuple[str, Route]]:
        """Yield the routes of :meth:`as_view`, so that the class itself can be included."""
        return cls.as_view().wadjet_routes(base, held)


class ViewHandler:
    """A view with what its instances are given: a router makes routes of it; called with a request, it answers.

    Args:
        view_class: the view.
        initkwargs: what its ``__init__`` is given.

    Raises:
        TypeError: ``__init__`` does not take them.
    """

    def __init__(self, view_class: type[View], initkwargs: dict[str, Any]) -> None:
        _check_initkwargs(view_class, initkwargs)
        self.view_class = view_class
        self.view_initkwargs = initkwargs
        self.path = view_class.path
        self.new: Callable[[], View] = partial(view_class, **initkwargs) if initkwargs else view_class
        self.__name__ = self.__qualname__ = view_class.__name__
        self.__doc__ = view_class.__doc__
        self.__wrapped__ = view_class

    async def __call__(self, request: Request, **kwargs: Any) -> Response[Any]:
        """Answer a request by hand, as a test does."""
        return await self.new().dispatch(request, **kwargs)

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.view_initkwargs.items())
        return f"{self.__name__}.as_view({given})"

    def wadjet_routes(self, base: str, held: Route) -> Iterator[tuple[str, Route]]:
        """Yield its routes; see :class:`~wadjet.routing.route.RouteSource`.

        Raises:
            RouteError: it has none, lacks a method that was asked for, or two things are said of one method.
        """
        verbs = public(self._attribute("http_method_names"), self.__name__)
        found = list(endpoints(self.view_class, _written(self.view_class, verbs)))
        if held.methods:
            found = list(only(found, held.methods, self.__name__))
        if not found:
            raise RouteError(
                f"{self.__name__} at {base} answers nothing; "
                f"write a method that is called {', '.join(verbs)}, or an @action"
            )
        own = options_of(self.view_class)
        shared = {**own, **held.options, "name": held.options.get("name") or own.get("name")}
        for endpoint in found:
            yield endpoint.path(base), self._route(endpoint, held, base, shared)

    def _route(self, endpoint: Endpoint, held: Route, base: str, shared: dict[str, Any]) -> Route:
        view, verb, name = self.view_class, endpoint.verb, shared["name"]
        label = name or self.__name__
        if endpoint.name is not None:
            label = f"{label}.{endpoint.name}"
        said: RouteOptions = {} if verb is None else verb.options
        around, stacked = middleware_of(view)
        stacks = (*stacks_of(held.options, held), *stacks_of({"middleware": stacked}, view))
        options = {**shared, "name": name and label, **said}
        options["middleware"] = (*stacks, *(() if verb is None else stacks_of(said, verb)))
        handler = method_of(
            view,
            endpoint.attribute,
            label,
            self.new,
            serializer_class=self._attribute("serializer_class"),
            dispatched=view.dispatch is not View.dispatch,
        )
        aliases = () if endpoint.name is None else (endpoint.name,)
        made = Route(endpoint.path(base), handler, endpoint.methods, cast("RouteOptions", options), aliases)
        made.origins = (held,) if verb is None else (held, verb)
        made.around = [*held.around, *around, *(verb.around if verb else ())]
        made.errors = {**held.errors, **(verb.errors if verb else {})}
        return made

    def _attribute(self, name: str) -> Any:
        return self.view_initkwargs.get(name, getattr(self.view_class, name))


def _written(view: type[View], verbs: Iterable[str]) -> list[str]:
    """Leave out what every view has by being one: it is no method that somebody wrote."""
    return [verb for verb in verbs if getattr(view, verb, None) is not getattr(View, verb, None)]


def _own_methods(view: type[View]) -> dict[str, str]:
    """Return what a class answers at its own path: HTTP method → method."""
    found = endpoints(view, _written(view, public(view.http_method_names, view.__name__)))
    return {method: each.attribute for each in found if not each.tail for method in each.methods}


def _method_for(view: type[View], method: str) -> Method | None:
    """Return the method of a class for a request that no route has matched."""
    own = _own_methods(view)
    name = own.get(method) or (own.get("GET") if method == "HEAD" else None)
    return None if name is None else method_of(view, name, f"{view.__name__}.{name}", view)


def _check_initkwargs(view: type[View], initkwargs: dict[str, Any]) -> None:
    if view.__init__ is View.__init__:
        for name in initkwargs:
            _check_attribute(view, name)
        return
    try:
        inspect.signature(view).bind(**initkwargs)
    except TypeError as error:
        raise TypeError(f"{view.__name__}.as_view(): {error}") from None


def _check_attribute(view: type[View], name: str) -> None:
    """Refuse what an instance cannot be given, and what would change nothing: routes are made of the class."""
    called = f"{view.__name__}.as_view({name}=…)"
    if name in view.ALLOWED_KWARGS:
        return
    if name in RouteOptions.__annotations__:
        raise TypeError(f"{called}: an option of routes is a class attribute, or stands beside the path")
    if name.upper() in METHODS or (hasattr(view, name) and is_code(view, name)):
        raise TypeError(f"{called}: {name!r} is a method of the view; override it in a subclass")
    annotated = any(name in inspect.get_annotations(base) for base in view.__mro__)
    if name.startswith(("_", "wadjet_")) or not (annotated or hasattr(view, name)):
        raise TypeError(f"{called}: the view has no attribute {name!r}; give the class one")
