"""The options of routes: which there are, and what each can be."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from datetime import timedelta
from typing import Any, Literal, TypedDict

from ..errors import ConfigError
from ..http.decoding import CODINGS
from ..http.parameters import is_token, parse_parameters

__all__ = ["RouteOptions", "SharedOptions", "check_options"]


class SharedOptions(TypedDict, total=False):
    """What an application, a router and a route can be told of routes; what is nearer to the route wins."""

    name: str | None
    #: The status of what the handler returns, unless it says one itself.
    status_code: int
    #: Whether GET answers HEAD too.
    allow_head: bool
    #: Whether a plain ``def`` handler runs on the loop instead of in a thread.
    inline: bool
    #: What happens to the path's twin with or without a trailing slash: a 308, or nothing.
    slashes: Literal["redirect", "strict"]
    #: The most bytes of content, as it is sent and as it is when it has been decoded.
    max_body_size: int
    #: How long an ``async def`` handler may take, in seconds; then it is cancelled, and the answer is a 503.
    timeout: float | timedelta | None
    #: The codings of content that are decoded, ``("gzip", "deflate")``; content in another one is 415.
    content_encodings: Sequence[str]
    #: Whether other sites may make its unsafe requests in the name of a client: for what authenticates without cookies.
    csrf_exempt: bool
    #: How it is found out who is asking, instead of ``AUTH_BACKENDS``: instances, classes, dotted paths.
    authentication_classes: Sequence[Any]
    #: What is asked of them, instead of ``DEFAULT_PERMISSION_CLASSES``; all have to let a request through.
    permission_classes: Sequence[Any]
    #: How often a client may ask, instead of ``DEFAULT_THROTTLE_CLASSES``.
    throttle_classes: Sequence[Any]
    #: Whether answers have an entity tag, made of their content, and conditional requests are answered.
    etag: bool
    #: For how many requests one run of the handler is good (view.py): it runs for the first, and then for every so many.
    cache_rate: int | None
    #: How long one run of the handler is good, in seconds.
    cache_ttl: float | timedelta | None
    #: The request fields on which the answer depends, beside the address.
    cache_vary: str | Collection[str] | None
    #: Whether the answers of each client, told by Cookie and Authorization, are kept apart.
    cache_private: bool | None
    #: What makes a response of the result: ``json``, ``string``, a template's name, or a function of value and request.
    renderer: str | Callable[[Any, Any], Any] | None
    #: The media types that are offered, with their renderers; the client's Accept chooses.
    produces: Mapping[str, str | Callable[[Any, Any], Any]] | Sequence[str] | None
    response_validate: bool
    response_type: Any
    response_content_type: str | None
    response_charset: str
    #: Either of these lets the content leave compressed where the client takes it: in these threads, or by this function (zlib's
    #: format); above so many bytes.
    response_zlib_executor: Executor | Callable[[bytes], bytes] | None
    response_zlib_executor_size: int | None
    response_include_fields: set[str] | dict[str, Any] | None
    response_exclude_fields: set[str] | dict[str, Any] | None
    response_by_alias: bool
    response_exclude_unset: bool
    response_exclude_defaults: bool
    response_exclude_none: bool
    #: Functions by class, or one for the whole result: applied before JSON is made of it.
    response_custom_encoder: Mapping[type, Callable[[Any], Any]] | Callable[[Any], Any] | None
    response_json_encoder: Callable[[Any], str | bytes] | None
    #: What the route goes under in the OpenAPI document; what it is called there; whether it is there at all.
    tags: Sequence[str]
    operation_id: str
    include_in_schema: bool


class RouteOptions(SharedOptions, total=False):
    """Everything a route can be told; the same for verbs, routers and the imperative registration.

    An option of a router is the default of what it holds.
    """

    #: What stands around the route, or around all that a router holds: as the application's, outermost first, and inside of it.
    middleware: Sequence[Any]


_FLAG = "True or False"
_CLASSES = ("a list, as [IsAuthenticated]", lambda value: isinstance(value, list | tuple))
_NAMES = "a set of names of fields, as {'id'}, or a dict of them"


def _is_media_type(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    essence, parameters = parse_parameters(str.__str__(value))
    main, slash, sub = essence.partition("/")
    return bool(slash) and all(map(is_token, (main, sub, *parameters))) and value.isascii()


def _is_time(value: Any) -> bool:
    if isinstance(value, timedelta):
        return value > timedelta(0)
    return value is None or (type(value) in (int, float) and 0 < value < math.inf)


#: What an option can be, for messages; and whether a value is that.
_OPTIONS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ("a text that is not empty, as 'user'", lambda value: isinstance(value, str) and value != ""),
    "allow_head": (_FLAG, lambda value: isinstance(value, bool)),
    "authentication_classes": _CLASSES,
    "permission_classes": _CLASSES,
    "throttle_classes": _CLASSES,
    "csrf_exempt": (_FLAG, lambda value: isinstance(value, bool)),
    "etag": (_FLAG, lambda value: isinstance(value, bool)),
    "inline": (_FLAG, lambda value: isinstance(value, bool)),
    "slashes": ("'redirect' or 'strict'", lambda value: value in ("redirect", "strict")),
    "max_body_size": ("a number of bytes, as 1_000_000", lambda value: type(value) is int and value >= 0),
    "timeout": ("a time above 0: seconds, or a timedelta", _is_time),
    "include_in_schema": (_FLAG, lambda value: isinstance(value, bool)),
    "operation_id": (
        "a text that is not empty, as 'show_user'",
        lambda value: isinstance(value, str) and value != "",
    ),
    **{
        f"response_{name}": (_FLAG, lambda value: isinstance(value, bool))
        for name in ("validate", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none")
    },
    **{
        f"response_{name}_fields": (_NAMES, lambda value: value is None or isinstance(value, set | dict))
        for name in ("include", "exclude")
    },
    "response_charset": ("the name of a charset, as 'utf-8'", lambda value: isinstance(value, str)),
    "response_content_type": (
        "a media type, as 'application/json'",
        lambda value: value is None or _is_media_type(value),
    ),
    "response_json_encoder": (
        "a function of a value that makes text",
        lambda value: value is None or callable(value),
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
