"""What the options of a route can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ConfigError
from ..http.decoding import CODINGS
from .route import RouteOptions

__all__ = ["check_options"]

_FLAG = "True or False"
#: What an option can be, for messages; and whether a value is that.
_OPTIONS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ("a text that is not empty, as 'user'", lambda value: isinstance(value, str) and value != ""),
    "allow_head": (_FLAG, lambda value: isinstance(value, bool)),
    "csrf_exempt": (_FLAG, lambda value: isinstance(value, bool)),
    "etag": (_FLAG, lambda value: isinstance(value, bool)),
    "inline": (_FLAG, lambda value: isinstance(value, bool)),
    "slashes": ("'redirect' or 'strict'", lambda value: value in ("redirect", "strict")),
    "max_body_size": ("a number of bytes, as 1_000_000", lambda value: type(value) is int and value >= 0),
    "include_in_schema": (_FLAG, lambda value: isinstance(value, bool)),
    "operation_id": (
        "a text that is not empty, as 'show_user'",
        lambda value: isinstance(value, str) and value != "",
    ),
    "tags": (
        "a list of texts, as ['users']",
        lambda value: isinstance(value, list | tuple) and all(isinstance(tag, str) for tag in value),
    ),
    "content_encodings": (
        f"a list of codings, of {', '.join(CODINGS)}",
        lambda value: isinstance(value, list | tuple) and set(value) <= set(CODINGS),
    ),
}


def check_options(options: RouteOptions, where: str) -> None:
    """Refuse options with values that they cannot have.

    Raises:
        ConfigError: one has such a value; the message says what it could be.
    """
    for option, value in options.items():
        what, is_one = _OPTIONS.get(option, ("", None))
        if is_one is not None and not is_one(value) and (option, value) != ("name", None):
            raise ConfigError(f"{where}: {option}={value!r} is not {what}")
