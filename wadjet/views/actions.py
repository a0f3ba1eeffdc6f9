"""@action: a method of a view that answers at a path of its own. The mark is all that it leaves on the function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar, overload

from ..errors import RouteError
from ..http.parameters import is_token
from ..routing.route import Route

__all__ = ["Action", "action", "mark_of"]

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "wadjet_action"


class Action(NamedTuple):
    """What ``@action`` says."""

    #: In capitals.
    methods: tuple[str, ...]
    #: Whether it is about one of what the view answers for.
    detail: bool
    #: Below the view's path, without slashes at its ends.
    url_path: str
    name: str
    #: The verb that stands below it and says its options, middleware and error handlers.
    verb: Route | None


@overload
def action(methods: F, /) -> F: ...
@overload
def action(
    methods: Iterable[str] | None = ...,
    detail: bool = ...,
    url_path: str | None = ...,
    name: str | None = ...,
) -> Callable[[Any], Any]: ...
def action(
    methods: Any = None, detail: bool = False, url_path: str | None = None, name: str | None = None
) -> Any:
    """Mark a method of a view as an action (OpenViper). Decorates a function, or a verb that says its options.

    Args:
        methods: in any case; those of the verb that it decorates, else GET.
        detail: answer at ``<path>/{id}/<url_path>``, not at ``<path>/<url_path>``; where the view's path ends in a parameter,
            that one is used.
        url_path: the function's name unless given; may have parameters.
        name: for ``url_for``, instead of the function's.

    Raises:
        RouteError: the function is private or is an action already, or it cannot be a route.
    """
    if callable(methods):  # @action without parentheses
        return action()(methods)
    _check_path(url_path)
    given = None if methods is None else _checked(methods)

    def decorate(decorated: Any) -> Any:
        verb = decorated if isinstance(decorated, Route) else None
        kept = verb.handler if verb else decorated
        function = _plain(kept)
        own_name: str = function.__name__
        _check(function, own_name, verb)
        chosen = given or (verb.methods if verb else ("GET",))
        setattr(function, _MARK, Action(chosen, detail, url_path or own_name, name or own_name, verb))
        return kept

    return decorate


def mark_of(attribute: object) -> Action | None:
    """Return what ``@action`` said of an attribute of a class."""
    return getattr(_plain(attribute), _MARK, None)


def _plain(attribute: Any) -> Any:
    """Return the function of a static method or class method."""
    return getattr(attribute, "__func__", attribute)


def _checked(methods: Iterable[str] | str) -> tuple[str, ...]:
    if isinstance(methods, str):
        raise RouteError(f"@action(methods={methods!r}) is one text; write methods=[{methods!r}]")
    found = tuple(dict.fromkeys(method.upper() for method in methods))
    wrong = [method for method in found if not is_token(method)]
    if wrong or not found:
        raise RouteError(
            f"@action(methods={[*methods]!r}): name at least one method, each a word, as in methods=['POST']"
        )
    return found


def _check_path(url_path: str | None) -> None:
    if url_path is not None and (not url_path or url_path != url_path.strip("/")):
        raise RouteError(
            f"@action(url_path={url_path!r}) stands between slashes already; write 'search' or 'by-year/{{year:int}}'"
        )


def _check(function: Any, name: str, verb: Route | None) -> None:
    if name.startswith("_"):
        raise RouteError(
            f"@action stands above {name}(), which is private and never becomes a route; rename it"
        )
    if mark_of(function) is not None:
        raise RouteError(f"{name}() has two @action; keep one, which can name several methods")
    if verb is not None and verb.path is not None:
        raise RouteError(
            f"{name}() has the path {verb.path!r} already; drop it, and say it as @action(url_path=…)"
        )
