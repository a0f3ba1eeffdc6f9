"""The words of ASGI: which keys a scope and each message have, and of which types. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import Any, NamedTuple

from ..types import Message, Scope
from .faults import require
from .fields import check_request_headers

__all__ = ["check_message", "check_scope"]

METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Z]+")


class Rule(NamedTuple):
    """What one key of a scope or message must hold."""

    key: str
    holds: Callable[[Any], bool]
    demand: str
    is_required: bool = False


def check_scope(scope: Scope) -> None:
    """Check what a server gives when a connection begins.

    Raises:
        LintError: The scope breaks a rule of ASGI HTTP and WebSocket 2.5, or lifespan 2.0.
    """
    kind = scope.get("type")
    require(kind in SCOPES, f"a scope's type must be one of {', '.join(SCOPES)}", kind, "ASGI, Scope")
    assert isinstance(kind, str)
    _check_keys(scope, SCOPES[kind], "scope", f"ASGI, {kind} scope")
    if kind != "lifespan":
        _check_path(scope, f"ASGI, {kind} scope")
        check_request_headers(scope["headers"])


def check_message(message: Message) -> str:
    """Check the types of a message's values, and give its type.

    Raises:
        LintError: A value has the wrong type, or the message an unknown type.
    """
    require(isinstance(message, Mapping), "a message must be a dict", message, "ASGI, Events")
    kind = message.get("type")
    require(kind in MESSAGES, "a message must have a type that ASGI knows", kind, "ASGI, Events")
    assert isinstance(kind, str)
    _check_keys(message, MESSAGES[kind], kind, f"ASGI, {kind}")
    return kind


def _check_keys(mapping: Mapping[str, Any], rules: Iterable[Rule], name: str, source: str) -> None:
    for key, holds, demand, is_required in rules:
        require(key in mapping or not is_required, f"{name} must have {key!r}", sorted(mapping), source)
        if key in mapping:
            require(holds(mapping[key]), f"{name}[{key!r}] must be {demand}", mapping[key], source)


def _check_path(scope: Scope, source: str) -> None:
    path, root_path = scope["path"], scope.get("root_path", "")
    if path == "*":
        method = scope.get("method")
        require(method == "OPTIONS", "only OPTIONS may have the path '*'", method, "RFC 9112 §3.2.4")
        return
    require(path.startswith("/") or not path, "a path must begin with a slash", path, source)
    require(path.startswith(root_path), f"a path must begin with its root_path {root_path!r}", path, source)


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _in(*values: object) -> Callable[[Any], bool]:
    return lambda value: value in values


def _is_address(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str)


def _is_client(value: Any) -> bool:
    return value is None or (_is_address(value) and isinstance(value[1], int))


def _is_server(value: Any) -> bool:
    return value is None or (_is_address(value) and isinstance(value[1], int | None))


def _is_asgi(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(version, str) for version in value.values())


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and METHOD.fullmatch(value) is not None


def _is_scheme(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _maps_names(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and all(isinstance(key, str) for key in value))


def _is_status(value: Any) -> bool:
    return _is(int)(value) and 100 <= value <= 599


def _is_raw_path(value: Any) -> bool:
    return value is None or (isinstance(value, bytes) and b"?" not in value)


def _are_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


_ASGI = Rule("asgi", _is_asgi, "a dict of strings", is_required=True)
_STATE = Rule("state", _is(Mapping), "a dict")
_HTTP_VERSION = _in("1.0", "1.1", "2", "3")
_CONNECTION = (
    _ASGI,
    _STATE,
    Rule("path", _is(str), "a str", is_required=True),
    Rule("raw_path", _is_raw_path, "None, or bytes without the query"),
    Rule("query_string", _is(bytes), "bytes", is_required=True),
    Rule("root_path", _is(str), "a str"),
    Rule("headers", _is(list, tuple), "a list of pairs", is_required=True),
    Rule("client", _is_client, "None, or host and port"),
    Rule("server", _is_server, "None, or host and port, or path and None"),
    Rule("extensions", _maps_names, "None, or a dict with str keys"),
)
_HEADERS = Rule("headers", _is(Iterable), "an iterable of pairs")
_MORE_BODY = Rule("more_body", _is(bool), "a bool")
_BODY = (Rule("body", _is(bytes), "bytes"), _MORE_BODY)
_STATUS = Rule("status", _is_status, "an int from 100 to 599", is_required=True)
_TEXT = (
    Rule("bytes", _is(bytes, NoneType), "bytes or None"),
    Rule("text", _is(str, NoneType), "a str or None"),
)
_REASON = Rule("reason", _is(str, NoneType), "a str or None")
_FAILURE = (Rule("message", _is(str), "a str"),)

SCOPES: dict[str, tuple[Rule, ...]] = {
    "http": (
        *_CONNECTION,
        Rule("http_version", _HTTP_VERSION, "one of 1.0, 1.1, 2, 3", is_required=True),
        Rule("method", _is_method, "an upper-case token", is_required=True),
        Rule("scheme", _is_scheme, "a str that is not empty"),
    ),
    "websocket": (
        *_CONNECTION,
        Rule("http_version", _HTTP_VERSION, "one of 1.0, 1.1, 2, 3"),
        Rule("scheme", _is_scheme, "a str that is not empty"),
        Rule("subprotocols", _are_names, "a list of str"),
    ),
    "lifespan": (_ASGI, _STATE),
}

MESSAGES: dict[str, tuple[Rule, ...]] = {
    "http.request": _BODY,
    "http.disconnect": (),
    "http.response.start": (_STATUS, _HEADERS, Rule("trailers", _is(bool), "a bool")),
    "http.response.body": _BODY,
    "http.response.trailers": (_HEADERS, Rule("more_trailers", _is(bool), "a bool")),
    "http.response.pathsend": (Rule("path", _is(str), "a str", is_required=True),),
    "http.response.zerocopysend": (_MORE_BODY,),
    "http.response.push": (Rule("path", _is(str), "a str", is_required=True), _HEADERS),
    "http.response.early_hint": (Rule("links", _is(Iterable), "an iterable of bytes"),),
    "http.response.debug": (Rule("info", _is(Mapping), "a dict"),),
    "websocket.connect": (),
    "websocket.accept": (Rule("subprotocol", _is(str, NoneType), "a str or None"), _HEADERS),
    "websocket.receive": _TEXT,
    "websocket.send": _TEXT,
    "websocket.disconnect": (Rule("code", _is(int), "an int"), _REASON),
    "websocket.close": (Rule("code", _is(int), "an int"), _REASON),
    "websocket.http.response.start": (_STATUS, _HEADERS),
    "websocket.http.response.body": _BODY,
    "lifespan.startup": (),
    "lifespan.startup.complete": (),
    "lifespan.startup.failed": _FAILURE,
    "lifespan.shutdown": (),
    "lifespan.shutdown.complete": (),
    "lifespan.shutdown.failed": _FAILURE,
}
