"""What answers where no route does: traversal, then the view that fits the resource best."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from ..auth.guards import refusal_of
from ..auth.permissions import BasePermission
from ..concurrency import ThreadPool, is_async, is_generator
from ..errors import ConfigError
from ..events.registry import Registry
from ..events.signals import BeforeRender, BeforeTraversal, ContextFound
from ..handlers.layers import Layer
from ..handlers.rendering import rendering
from ..handlers.respond import Respond
from ..handlers.returning import Adapters, Makers
from ..handlers.signature import MISSING
from ..http.exceptions import MethodNotAllowed, NotFound
from ..http.request import Request
from ..http.response import Response
from ..routing.options import RouteOptions
from .acl import permits, principals_of
from .resources import DefaultRoot, segments_of, traverse
from .views import ViewConfig

__all__ = ["Traversed", "traversing"]

Answer = Callable[[Request], Awaitable[Any]]

#: A field with the path of the virtual root, which a proxy adds (Zope).
_VIRTUAL_ROOT = b"x-vhm-root"
#: What access control lists have refused: 401 with the ways there are, or 403.
_ASKED = BasePermission()


class Traversed(Protocol):
    """What an application says of its resources."""

    #: The views.
    views: list[ViewConfig]
    #: Gives the root for a request; may be asynchronous.
    root_factory: Callable[[Request], Any] | None


class _View(NamedTuple):
    config: ViewConfig
    answer: Answer


def traversing(
    app: Traversed,
    registry: Registry,
    pool: ThreadPool,
    adapters: Adapters,
) -> Answer | None:
    """Return what answers a request by traversal; None where there is neither a view nor a root.

    Args:
        app: the application.
        registry: of the application, for its events.
        pool: where a plain ``def`` runs.
        adapters: of the application, for results.

    Raises:
        ConfigError: a view that cannot be, or two for the same.
    """
    configs, root_of = app.views, app.root_factory or DefaultRoot
    if not configs and app.root_factory is None:
        return None
    _check_each_once(configs)
    views = [_View(config, _compiled(app, config, registry, pool, adapters)) for config in configs]

    async def answer(request: Request) -> Any:
        await registry.notify(BeforeTraversal(request))
        # SECURITY: of anybody else the field would choose what permissions are asked about.
        virtual = (request.header(_VIRTUAL_ROOT) if request.is_proxied() else None) or b""
        segments = segments_of(request.sent_path_info or request.path_info.encode())
        root = root_of(request)
        root = await root if inspect.isawaitable(root) else root
        request.locate(await traverse(root, segments, segments_of(virtual)))
        await registry.notify(ContextFound(request))
        return await _chosen(views, request)

    return answer


async def _chosen(views: Iterable[_View], request: Request) -> Any:
    context, name = request.context, request.view_name
    fitting = [
        view for view in views if view.config.name == name and isinstance(context, view.config.context)
    ]
    if not fitting:
        raise NotFound
    classes = type(context).__mro__
    fitting.sort(key=lambda view: (_distance(classes, view.config.context), not view.config.methods))
    for config, answer in fitting:
        if not config.methods or request.method in config.methods:
            return await answer(request)
    allow = sorted({"OPTIONS", *(method for view in fitting for method in view.config.methods)})
    if request.method == "OPTIONS":
        return Response(None, 204, {"allow": ", ".join(allow)})
    raise MethodNotAllowed(allow)


def _distance(classes: Sequence[type], cls: type) -> int:
    """Return how far a class is from that of an object; one that it is of by registration only is as far as ``object``."""
    return classes.index(cls) if cls in classes else len(classes)


def _check_each_once(configs: Iterable[ViewConfig]) -> None:
    known: dict[tuple[Any, ...], ViewConfig] = {}
    for config in configs:
        for method in config.methods or {""}:
            other = known.setdefault((config.context, config.name, method), config)
            if other is not config:
                raise ConfigError(
                    f"{config.where}: {other.where} has the name {config.name!r} for {config.context.__name__} "
                    f"and {method or 'every method'} already; keep one, or give another name=, context= or request_method="
                )


def _compiled(
    app: Any, config: ViewConfig, registry: Registry, pool: ThreadPool, adapters: Adapters
) -> Answer:
    """Return what asks for the permission, calls a view and renders what it returns."""
    layer: Layer = _calling(config, pool)
    if config.renderer is not None:
        options: RouteOptions = {"renderer": config.renderer}
        makers = Makers(Respond.of(options, config.where), MISSING, config.where, adapters)
        layer = rendering(
            layer,
            options,
            makers,
            makers,
            registry.notifier(BeforeRender),
            app.find_template,
            streams=is_generator(_function_of(config)),
        )
    permission = config.permission

    async def answer(request: Request) -> Any:
        if permission is not None and not permits(request.context, principals_of(request), permission):
            raise refusal_of(_ASKED, request)
        return await layer(request, {})

    return answer


def _calling(config: ViewConfig, pool: ThreadPool) -> Layer:
    view, function = config.view, _function_of(config)
    takes_both, waits = _takes_both(config), is_async(function)

    def of_class(*given: Any) -> Any:
        return function(view(*given))

    call = of_class if inspect.isclass(view) else function

    async def run(request: Request, bound: dict[str, Any]) -> Any:  # noqa: ARG001 - a layer has it
        given = (request.context, request) if takes_both else (request,)
        if waits:
            return await call(*given)
        await request.buffer()
        return await pool.run(call, *given)

    return run


def _function_of(config: ViewConfig) -> Any:
    """Return what answers: the view, or the method of a class."""
    return getattr(config.view, config.attr or "__call__") if inspect.isclass(config.view) else config.view


def _takes_both(config: ViewConfig) -> bool:
    """Tell whether a view takes context and request, and not the request alone."""
    signature = inspect.signature(config.view)
    for count in (1, 2):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count == 2
    raise ConfigError(f"{config.where}: a view takes (request) or (context, request), and not {signature}")
