"""Name and values → path: the inverse of matching, and no more than that.

A value that the route itself would not read back is refused, so no link is made that leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from wadjet.errors import RouteError
from wadjet.http.urls import quote_path, quote_segment
from wadjet.routing.pattern import UNSAFE, Parameter, Pattern, Segment, nearest

__all__ = ["Named", "NoSuchRoute", "Reverse", "fill"]


class NoSuchRoute(RouteError, LookupError):
    """No route has the name that `url_for` was asked for."""


class Named(NamedTuple):
    """A route's name and pattern, and where it was declared."""

    name: str
    pattern: Pattern
    origin: str = "?"


class Reverse:
    """The names of an application's routes."""

    __slots__ = ("_patterns",)

    def __init__(self, routes: Iterable[Named]) -> None:
        """Take all named routes; several of one path may share a name.

        Raises:
            RouteError: a name stands for two paths.
        """
        seen: dict[str, Named] = {}
        for route in routes:
            other = seen.setdefault(route.name, route)
            if (other.pattern.shape, other.pattern.names) != (route.pattern.shape, route.pattern.names):
                raise RouteError(
                    f"two routes are called {route.name!r}: {other.origin} ({other.pattern}) and "
                    f"{route.origin} ({route.pattern}); give one another name="
                )
        self._patterns = {name: route.pattern for name, route in seen.items()}

    def url_for(self, name: str, /, **values: object) -> str:
        """Return the percent-encoded path of a route, below the application's root path.

        Args:
            name: the route's.
            values: one for each parameter of its path.

        Raises:
            NoSuchRoute: no route has the name.
            TypeError: a parameter has no value, a value has no parameter, or a value has no form in a URL.
            ValueError: the route would not read a value back.
        """
        pattern = self._patterns.get(name)
        if pattern is None:
            raise NoSuchRoute(f"no route is called {name!r}; {nearest(name, self._patterns)}")
        return fill(pattern, values)


def fill(pattern: Pattern, values: Mapping[str, object]) -> str:
    """Return the percent-encoded path of a pattern with these values; raises as `Reverse.url_for`."""
    _check_names(pattern, values)
    try:
        return "/" + "/".join(_text(segment, values) for segment in pattern.segments)
    except TypeError as error:
        raise TypeError(f"{pattern}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{pattern}: {error}") from None


def _check_names(pattern: Pattern, values: Mapping[str, object]) -> None:
    missing = [name for name in pattern.names if name not in values]
    surplus = [name for name in values if name not in pattern.names]
    faults = [f"needs {', '.join(missing)}"] if missing else []
    faults += [f"has no {', '.join(surplus)}"] if surplus else []
    if faults:
        raise TypeError(f"{pattern} {' and '.join(faults)}")


def _text(segment: Segment, values: Mapping[str, object]) -> str:
    """One segment, percent-encoded."""
    if isinstance(segment, str):
        return quote_segment(segment)
    if isinstance(segment, Parameter):
        text = _spelt(segment, values)
    else:
        texts = tuple(_spelt(parameter, values) for parameter in segment.parameters)
        text = segment.join(texts)
        if segment.split(text) != texts:
            raise ValueError(f"{text!r} would be read as {segment.split(text)}")
    if not text or UNSAFE.search(text):
        # SECURITY: an empty segment at the front would make the path a reference to another host.
        raise ValueError(f"{text!r:.80} is empty, a dot segment or has a control character, as no path may")
    spans = isinstance(segment, Parameter) and segment.converter.spans
    return quote_path(text) if spans else quote_segment(text)


def _spelt(parameter: Parameter, values: Mapping[str, object]) -> str:
    value = values[parameter.name]
    try:
        return parameter.converter.to_text(value)
    except (TypeError, ValueError) as error:
        # A subclass of ValueError may be made of other arguments than a message.
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{parameter.name}={value!r:.80}: {error}") from None
