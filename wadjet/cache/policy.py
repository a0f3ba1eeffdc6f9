"""Policy: what a route says of keeping its answers, checked at assembly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from ..errors import ConfigError
from ..http.parameters import is_token

__all__ = ["LONGEST", "OPTIONS", "Policy"]

#: Seconds that an answer is kept when the route says no time: nothing stays for ever.
LONGEST = 86_400.0

#: The methods that are answered from what is kept (RFC 9110 §9.2.3).
_METHODS = frozenset({"GET", "HEAD"})
#: Where arguments come from that are in the address, and so in the key.
_ADDRESS = frozenset({"path", "query"})
#: Who asks: the fields by which private answers are kept apart.
_WHO = ("authorization", "cookie")


def _is_time(value: object) -> bool:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    return type(value) in {int, float} and 0 < value < float("inf")  # type: ignore[operator]  # it is a number then


def _is_fields(value: object) -> bool:
    names = [value] if isinstance(value, str) else value
    return isinstance(names, list | tuple | set | frozenset) and all(
        isinstance(name, str) and is_token(name) and name != "*" for name in names
    )


#: What an option can be, for messages; and whether a value is that.
OPTIONS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "cache_rate": (
        "a number of requests, 1 or more, as 10",
        lambda value: type(value) is int and value > 0,
    ),
    "cache_ttl": ("a time above 0: seconds, or a timedelta", _is_time),
    "cache_vary": ("names of request fields, as ('accept-language',)", _is_fields),
    "cache_private": ("True or False", lambda value: isinstance(value, bool)),
}


@dataclasses.dataclass(frozen=True)
class Policy:
    """How long the answers of one route are kept, and for whom."""

    #: For how many requests one run of the handler is good; None for any number.
    rate: int | None = None
    #: Seconds.
    ttl: float = LONGEST
    #: The request fields that choose among the answers, in small letters.
    vary: tuple[str, ...] = ()
    #: Whether every client has answers of its own, by the fields that say who asks.
    is_private: bool = False

    @classmethod
    def of(
        cls,
        options: Mapping[str, Any],
        methods: Collection[str],
        sources: Iterable[tuple[str, str]],
        where: str,
        *,
        varies: Iterable[str] = (),
        unfit: str = "",
        is_inherited: bool = False,
    ) -> Policy | None:
        """Read the options of a route; None where nothing is to be kept.

        Args:
            options: of the route, with the defaults of what holds it.
            methods: what the route answers.
            sources: where each of the handler's arguments comes from, and its name there, as ``("header", "accept-language")``.
            where: file, line and handler.
            varies: request fields on which its answers depend anyway.
            unfit: why no answer of the handler could be kept; empty if some could.
            is_inherited: whether the route itself says nothing of it; then defaults hold only where they fit.

        Raises:
            ConfigError: an option that cannot be; or an argument on which what is kept would not depend.
        """
        given = {name: options[name] for name in OPTIONS if options.get(name) is not None}
        for name, value in given.items():
            what, is_one = OPTIONS[name]
            if not is_one(value):
                raise ConfigError(f"{where}: {name}={value!r} is not {what}; None keeps nothing")
        unsafe = sorted(set(methods) - _METHODS)
        if unsafe:
            unfit = f"it is for GET, and this route answers {unsafe[0]}; give GET a route of its own"
        if not given or (is_inherited and unfit):
            return None
        if unfit:
            raise ConfigError(f"{where}: {next(iter(given))} does not fit: {unfit}")
        return cls._for_get(given, sources, varies, where)

    @classmethod
    def _for_get(
        cls,
        given: Mapping[str, Any],
        sources: Iterable[tuple[str, str]],
        varies: Iterable[str],
        where: str,
    ) -> Policy | None:
        rate, ttl = given.get("cache_rate"), given.get("cache_ttl")
        if rate is None and ttl is None:
            raise ConfigError(
                f"{where}: {next(iter(given))} says for whom answers are kept, and nothing says for how long; "
                "add cache_rate= (requests) or cache_ttl= (seconds)"
            )
        if ttl is None and rate == 1:
            return None
        seconds = ttl.total_seconds() if isinstance(ttl, timedelta) else ttl
        is_private = given.get("cache_private", False)
        vary = _complete(given.get("cache_vary", ()), sources, where, is_private=is_private)
        return cls(
            rate, LONGEST if seconds is None else float(seconds), tuple(sorted({*vary, *varies})), is_private
        )


def _complete(
    given: str | Iterable[str], sources: Iterable[tuple[str, str]], where: str, *, is_private: bool
) -> tuple[str, ...]:
    """Return the fields that choose among answers: those named, and for private answers those that are read.

    Raises:
        ConfigError: an argument depends on a field that is not among them.
    """
    fields = {name.lower() for name in ([given] if isinstance(given, str) else given)}
    hidden = [(place, name) for place, name in sources if place not in _ADDRESS]
    if is_private:
        taken = {_field_of(*source) for source in hidden} - {""}
        return tuple(sorted(fields.union(_WHO, taken)))
    if "authorization" in fields:
        raise ConfigError(
            f"{where}: cache_vary names 'authorization', which says who asks; write cache_private=True instead"
        )
    for place, name in hidden:
        _check_is_covered(name, _field_of(place, name), fields, where)
    return tuple(sorted(fields))


def _check_is_covered(name: str, field: str, fields: Collection[str], where: str) -> None:
    """Refuse an argument on which answers depend, and not what they are kept under."""
    if field in fields or (fields and not field):
        return
    remedy = f"cache_vary=({field!r},)" if field else "cache_vary= with the fields it is made of"
    raise ConfigError(
        f"{where}: the argument {name!r} is no part of the address, so one client would get what was made for another; "
        f"write {remedy}, or cache_private=True to keep the answers of each client apart"
    )


def _field_of(place: str, name: str) -> str:
    """Return the field that carries an argument; empty where something else makes it."""
    return {"header": name, "cookie": "cookie"}.get(place, "")
