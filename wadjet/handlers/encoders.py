"""A developer's own rules of how values become JSON: ``response_custom_encoder``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigError

__all__ = ["CustomEncoder", "Encoders", "custom_encoder"]

#: A function for each class; or one function for whatever JSON has no form for.
Encoders = Mapping[type, Callable[[Any], Any]] | Callable[[Any], Any]

_LISTS = (list, tuple, set, frozenset, deque)


class CustomEncoder:
    """Replaces values, however deep they are, before JSON is made of them.

    Args:
        functions: by class; the nearest class of a value decides, and what its function returns is not looked into again.
    """

    __slots__ = ("_functions",)

    def __init__(self, functions: Mapping[type, Callable[[Any], Any]]) -> None:
        self._functions = dict(functions)

    def __call__(self, value: Any) -> Any:
        """Return the value with everything replaced that has a function."""
        cls = type(value)
        for base in cls.__mro__:
            function = self._functions.get(base)
            if function is not None:
                return function(value)
        if isinstance(value, Mapping):
            return {key: self(item) for key, item in value.items()}
        return [self(item) for item in value] if isinstance(value, _LISTS) else value


def custom_encoder(encoders: Encoders | None, where: str) -> Callable[[Any], Any] | None:
    """Return what is applied to a result before JSON is made of it; None for nothing.

    Args:
        encoders: functions by class, as Rapidy takes them; or one function, which is applied to the whole result.
        where: file, line and handler, for messages.

    Raises:
        ConfigError: it is neither.
    """
    given: Any = encoders
    if isinstance(given, Mapping):
        if all(isinstance(cls, type) and callable(function) for cls, function in given.items()):
            return CustomEncoder(given)
    elif given is None or (callable(given) and not isinstance(given, type)):
        return given
    raise ConfigError(
        f"{where}: response_custom_encoder={encoders!r} is neither a function nor a dict of classes and functions, "
        "as {float: round}"
    )
