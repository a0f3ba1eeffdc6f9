"""What a request is about (Pyramid): the route that matched, and the object that traversal has found."""

from __future__ import annotations

from typing import Any, NamedTuple

from .attached import Attached

__all__ = ["Located", "Location", "names_of"]


class Location(NamedTuple):
    """Where traversal has led."""

    #: The object that the request is about, and the one where the way began.
    context: Any
    root: Any
    #: The name of the view; empty for the default one.
    view_name: str = ""
    #: What follows the name of the view, and what led to the context.
    subpath: tuple[str, ...] = ()
    traversed: tuple[str, ...] = ()
    virtual_root: Any = None
    virtual_root_path: tuple[str, ...] = ()


def names_of(resource: Any) -> tuple[str, ...]:
    """Return the names that lead from the root to a resource: ``__name__`` of each, by way of ``__parent__``."""
    names: list[str] = []
    while (above := getattr(resource, "__parent__", None)) is not None:
        names.append(str(resource.__name__))
        resource = above
    return tuple(reversed(names))


class Located(Attached):
    """What a request is about."""

    __slots__ = ("_location", "_own_values")

    # Unset until they are needed.
    _location: Location
    #: The values of the application's own attributes that are computed once.
    _own_values: dict[str, Any]

    @property
    def kept(self) -> dict[str, Any]:
        """The values of the application's own attributes that are computed once, by name."""
        first = self.first
        try:
            values: dict[str, Any] = first._own_values  # noqa: SLF001 - the first is of our own class
        except AttributeError:
            values = first._own_values = {}  # noqa: SLF001 - as above
        return values

    @property
    def registry(self) -> Any:
        """The registry of the application: ``settings``, and ``notify(event)``.

        Raises:
            ConfigError: no application is answering.
        """
        return self.app.registry

    @property
    def matched_route(self) -> Any:
        """The route that answers, with ``name`` and ``pattern``; None where none matched."""
        plan: Any = self.plan
        return plan if plan is not None and plan.compiled is not None else None

    @property
    def location(self) -> Location:
        """Where traversal has led; where a path was matched, the root alone.

        Raises:
            ConfigError: no application is answering.
        """
        try:
            return self._location
        except AttributeError:
            root = self.app.root_of(self)
            self._location = Location(root, root, virtual_root=root)
            return self._location

    def locate(self, location: Location) -> None:
        """Take down where traversal has led."""
        self._location = location

    @property
    def context(self) -> Any:
        """The object that the request is about."""
        return self.location.context

    def has_permission(self, permission: str, context: Any = None) -> bool:
        """Tell whether who is asking may do something with an object, by its ``__acl__`` (Pyramid).

        Args:
            permission: its name.
            context: the object; None for the one that the request is about.

        Raises:
            ConfigError: no application is answering.
        """
        allowed: bool = self.app.permits(self, self.context if context is None else context, permission)
        return allowed

    @property
    def root(self) -> Any:
        """The object where traversal begins: what ``root_factory`` gives."""
        return self.location.root

    @property
    def view_name(self) -> str:
        """The name of the view: the first segment of the path that leads to no object."""
        return self.location.view_name

    @property
    def subpath(self) -> tuple[str, ...]:
        """The segments after the name of the view."""
        return self.location.subpath

    @property
    def traversed(self) -> tuple[str, ...]:
        """The segments that led to the context."""
        return self.location.traversed

    @property
    def virtual_root(self) -> Any:
        """The object that stands at the root of addresses; the root itself, unless a proxy says otherwise."""
        return self.location.virtual_root

    @property
    def virtual_root_path(self) -> tuple[str, ...]:
        """The segments that led to the virtual root."""
        return self.location.virtual_root_path
