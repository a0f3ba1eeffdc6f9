"""Whose requests are counted together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ConfigError
from ..http.request import Request
from ..security.ratelimit import network_of, short_key
from ..types import Scope

__all__ = ["Key", "KeyFunction", "key_of"]

#: How many addresses are remembered.
_MOST_KNOWN = 1024
#: Gives the key of a scope; None for what is not counted.
KeyFunction = Callable[[Scope], str | None]
Key = Callable[[Request], str | None]


def key_of(by: str | KeyFunction, where: str) -> Key:
    """Return what gives the key of a request.

    Args:
        by: ``ip``, ``user``, ``anon``, ``path``, or a function of the scope.
        where: who says so, for messages.

    Raises:
        ConfigError: it is none of these.
    """
    if callable(by):
        return _function(by)
    if by not in _KEYS:
        raise ConfigError(f"{where}={by!r} is not one of {', '.join(_KEYS)}, and no function of the scope")
    return _KEYS[by]


def _by_address(request: Request) -> str:
    """SECURITY: no field that anybody can send counts, but where a trusted proxy stands (RFC 7239 §8.1)."""
    arrival = request._arrival  # noqa: SLF001 - :attr:`client`, written out
    client = request.client if arrival is None else arrival.client
    if client is None:
        return "ip unknown"
    # PERF(bench: stack_rate_limit): a connection has many requests, and the hash of a text is computed once.
    address = client[0]
    return _known.get(address) or _key_of_address(address)


#: The keys of addresses that were here lately.
_known: dict[str, str] = {}


def _key_of_address(address: str) -> str:
    key = "ip " + network_of(address)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[address] = key
    return key


def _user_of(request: Request) -> Any:
    root = request.first
    was_personal = root.is_personal
    user: Any = root.user
    root.is_personal = was_personal  # who counts makes no answer personal
    return user


def _by_user(request: Request) -> str:
    user = _user_of(request)
    if not user:
        return _by_address(request)
    for name in ("pk", "id", "username"):
        value = getattr(user, name, None)
        if value is not None:
            return short_key(f"user {value}")
    raise ConfigError(
        f"RATE_LIMIT_BY='user' needs to tell users apart, and {type(user).__qualname__} has neither pk nor id nor username; "
        "give it one, or count with key_func="
    )


def _by_address_of_nobody(request: Request) -> str | None:
    return None if _user_of(request) else _by_address(request)


def _by_path(request: Request) -> str:
    return short_key(f"{_by_address(request)} {request.path}")


def _function(function: KeyFunction) -> Key:
    def key(request: Request) -> str | None:
        found: Any = function(request.scope)
        if found is None:
            return None
        if not isinstance(found, str):
            raise ConfigError(
                f"the key_func of a rate limit gave {type(found).__name__}; it gives a text, or None for what is not counted"
            )
        return short_key(f"own {found}")

    return key


_KEYS: dict[str, Key] = {"ip": _by_address, "user": _by_user, "path": _by_path, "anon": _by_address_of_nobody}
