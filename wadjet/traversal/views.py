"""``view_config``: which function answers for which class of resources, under which name (Pyramid)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from ..errors import ConfigError

__all__ = ["VIEWS", "ViewConfig", "configured", "view_config"]

F = TypeVar("F", bound=Callable[..., Any])

#: The attribute of what :func:`view_config` has decorated.
VIEWS = "wadjet_views"


class ViewConfig(NamedTuple):
    """A view as it was declared."""

    #: A function of the request, or of context and request; or a class that is made of these.
    view: Any
    #: Resources of this class.
    context: type
    #: Empty for the default view.
    name: str
    renderer: Any
    #: In capitals; none for every method.
    methods: frozenset[str]
    permission: str | None
    #: Of a class: the method that answers.
    attr: str | None

    @property
    def where(self) -> str:
        """The view, for messages."""
        return f"view {getattr(self.view, '__module__', '')}.{getattr(self.view, '__qualname__', self.view)}"


def view_config(
    *,
    context: type = object,
    name: str = "",
    renderer: Any = None,
    request_method: str | tuple[str, ...] | None = None,
    permission: str | None = None,
    attr: str | None = None,
) -> Callable[[F], F]:
    """Mark a function, a class or its method for ``app.scan``: it is a view of resources (Pyramid).

    Args:
        context: the class of the resources; every resource if it is not given.
        name: of the view; empty for the default one.
        renderer: as the option of routes.
        request_method: one or several; GET answers HEAD too. Every method if none is given.
        permission: who does not have it by ``__acl__`` is answered 401 or 403.
        attr: of a class, the method that answers; ``__call__`` if it is not given.

    Raises:
        ConfigError: an argument that cannot be.
    """

    def decorate(view: F) -> F:
        made = configured(view, context, name, renderer, request_method, permission, attr)
        setattr(view, VIEWS, (*view.__dict__.get(VIEWS, ()), made))
        return view

    return decorate


def configured(
    view: Any, context: Any, name: Any, renderer: Any, methods: Any, permission: Any, attr: str | None
) -> ViewConfig:
    """Check and return a view; arguments and errors as :func:`view_config`."""
    given = () if methods is None else (methods,) if isinstance(methods, str) else tuple(methods)
    found = ViewConfig(view, context, name, renderer, frozenset(given), permission, attr)
    is_name = isinstance(name, str) and not name.startswith("@@") and "/" not in name
    rules = (
        (callable(view), "this is no function and no class"),
        (isinstance(context, type), f"context={context!r} is no class of resources"),
        (is_name, f"name={name!r} is no name of a view; write it without @@ and slashes"),
        (not any(map(str.islower, given)), f"request_method={methods!r} is not in capitals"),
        (attr is None or hasattr(view, attr), f"attr={attr!r} is no method of it"),
    )
    for holds, what in rules:
        if not holds:
            raise ConfigError(f"{found.where}: {what}")
    return found if "GET" not in given else found._replace(methods=found.methods | {"HEAD"})
