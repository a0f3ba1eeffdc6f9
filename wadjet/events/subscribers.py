"""Subscribers: who is told of which events, in which order, and on which conditions. Compiled at assembly."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from ..errors import ConfigError
from .signals import BeforeRender, RequestEvent

__all__ = ["SUBSCRIPTIONS", "Notify", "Subscriber", "Subscription", "notifier", "subscriber", "subscription"]

#: Takes an event; may be asynchronous. A plain ``def`` runs on the loop.
Subscriber = Callable[[Any], Awaitable[None] | None]
#: Tells an event to those who want it; gives what has to be awaited, None where nothing has.
Notify = Callable[[Any], Awaitable[None] | None]
Predicate = Callable[[Any], bool]
S = TypeVar("S", bound=Subscriber)

#: The attribute of a function that :func:`subscriber` has decorated.
SUBSCRIPTIONS = "wadjet_subscriptions"


class Subscription(NamedTuple):
    """A subscriber with what it wants to be told."""

    function: Subscriber
    #: Events of these classes and their subclasses.
    events: tuple[type, ...]
    #: All of them have to say yes.
    predicates: tuple[Predicate, ...] = ()
    #: Smaller ones come first; of equal ones who was recorded first.
    order: int = 0


def subscriber(
    *events: type, order: int = 0, when: Predicate | None = None, **predicates: Any
) -> Callable[[S], S]:
    """Mark a function for ``app.scan``: it is called with each event of some classes (Pyramid).

    Args:
        *events: the classes; every event if none are given.
        order: those with smaller numbers are called first, and of equal ones who was recorded first.
        when: a function of the event that tells whether to call.
        **predicates: ``request_method`` (one or several), ``path_info`` (a regular expression, matched from the beginning),
            ``route_name``.

    Raises:
        ConfigError: no class, no such predicate, or one that these events cannot answer.
    """

    def decorate(function: S) -> S:
        made = subscription(function, events, order, when, predicates)
        known: tuple[Subscription, ...] = getattr(function, SUBSCRIPTIONS, ())
        setattr(function, SUBSCRIPTIONS, (*known, made))
        return function

    return decorate


def subscription(
    function: Subscriber, events: Sequence[type], order: int, when: Predicate | None, given: dict[str, Any]
) -> Subscription:
    """Check what a subscriber wants; arguments and errors as :func:`subscriber`."""
    where = f"subscriber {getattr(function, '__qualname__', function)!r}"
    if not callable(function):
        raise ConfigError(f"{where}: this is no function; write `def …(event): …`")
    for event in events:
        if not isinstance(event, type):
            raise ConfigError(f"{where}: {event!r} is no class of events; give one, as NewRequest")
    own = () if when is None else (when,)
    predicates = (*_predicates(given, events, where), *own)
    return Subscription(function, tuple(events) or (object,), predicates, order)


def _predicates(given: dict[str, Any], events: Sequence[type], where: str) -> list[Predicate]:
    unknown = given.keys() - _PREDICATES.keys()
    if unknown:
        raise ConfigError(
            f"{where}: there is no predicate {min(unknown)!r}; there are {', '.join(_PREDICATES)} and when="
        )
    if given and not (events and all(issubclass(event, RequestEvent | BeforeRender) for event in events)):
        raise ConfigError(f"{where}: {min(given)}= is about a request, and not all of these events have one")
    return [_PREDICATES[name](value, where) for name, value in given.items()]


def notifier(subscriptions: Iterable[Subscription], event: type) -> Notify | None:
    """Return what tells the events of one class to all who want them, in their order; None where nobody does."""
    wanting = [each for each in subscriptions if issubclass(event, each.events)]
    told = [(each.function, each.predicates) for each in sorted(wanting, key=lambda each: each.order)]
    if not told:
        return None

    def notify(event: Any) -> Awaitable[None] | None:
        rest = iter(told)
        for function, predicates in rest:
            if all(predicate(event) for predicate in predicates):
                pending = function(event)
                if pending is not None and inspect.isawaitable(pending):
                    return _others(event, pending, rest)
        return None

    return notify


async def _others(
    event: Any, pending: Awaitable[None], rest: Iterable[tuple[Subscriber, Sequence[Predicate]]]
) -> None:
    await pending
    for function, predicates in rest:
        if all(predicate(event) for predicate in predicates):
            result = function(event)
            if inspect.isawaitable(result):
                await result


def _request_of(event: Any) -> Any:
    return event["request"] if isinstance(event, BeforeRender) else event.request


def _by_method(value: Any, where: str) -> Predicate:
    methods = frozenset([value] if isinstance(value, str) else value)
    if not methods or any(method != method.upper() for method in methods):
        raise ConfigError(f"{where}: request_method={value!r} is no method in capitals, nor several")
    # Who answers GET answers HEAD.
    methods |= {"HEAD"} & {"HEAD" if method == "GET" else "" for method in methods}
    return lambda event: _request_of(event).method in methods


def _by_path(value: Any, where: str) -> Predicate:
    try:
        matches = re.compile(value).match
    except (re.error, TypeError) as error:
        raise ConfigError(f"{where}: path_info={value!r} is no regular expression: {error}") from None
    return lambda event: matches(_request_of(event).path_info) is not None


def _by_route(value: Any, where: str) -> Predicate:
    if not isinstance(value, str):
        raise ConfigError(f"{where}: route_name={value!r} is no name")

    def is_it(event: Any) -> bool:
        matched = _request_of(event).matched_route
        return matched is not None and matched.name == value

    return is_it


_PREDICATES: dict[str, Callable[[Any, str], Predicate]] = {
    "request_method": _by_method,
    "path_info": _by_path,
    "route_name": _by_route,
}
