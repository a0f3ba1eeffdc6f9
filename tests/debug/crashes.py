"""Code that fails, as an application's own does: it lies in no library."""

from __future__ import annotations

import dataclasses
from typing import Any, NoReturn

__all__ = [
    "Broken",
    "Login",
    "Unspeakable",
    "caused",
    "circle",
    "deep",
    "grouped",
    "handled",
    "hidden",
    "many_locals",
    "outer",
    "raised",
    "through_a_library",
]


class Broken(Exception):
    """An application's own."""


class Unspeakable(Exception):
    """Says nothing of itself."""

    def __str__(self) -> str:
        raise RuntimeError("not even this")

    __repr__ = __str__


@dataclasses.dataclass
class Login:
    """What a form brought."""

    name: str
    password: str


def outer(password: str) -> NoReturn:
    """Fail one call below."""
    user = "bo"
    login = Login(user, password)
    inner(login, {"token": "t0p", "n": 1})


def inner(login: Login, options: dict[str, Any]) -> NoReturn:
    """Fail."""
    raise Broken(f"no {login.name} {options['n']}")


def caused() -> NoReturn:
    """Fail because of something."""
    try:
        outer("hunter2")
    except Broken as error:
        raise LookupError("because") from error


def handled() -> NoReturn:
    """Fail while handling something."""
    try:
        outer("hunter2")
    except Broken:
        raise LookupError("while")  # noqa: B904 - the context is what is tested


def hidden() -> NoReturn:
    """Fail, and say that what was before does not matter."""
    try:
        outer("hunter2")
    except Broken:
        raise LookupError("only this") from None


def grouped() -> NoReturn:
    """Fail several times at once."""
    raise ExceptionGroup("many", [raised(Broken("one")), ExceptionGroup("inner", [raised(KeyError("two"))])])


def circle() -> NoReturn:
    """Fail with an exception that came from itself, by a detour."""
    first, second = Broken("first"), Broken("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def deep(depth: int = 0) -> NoReturn:
    """Fail when the stack is full."""
    deep(depth + 1)


def many_locals(number: int = 60) -> NoReturn:
    """Fail among more variables than anybody reads."""
    names = {f"v{place}": place for place in range(number)}
    exec(compile("raise Broken", "<made>", "exec"), {"Broken": Broken}, names)
    raise AssertionError("unreachable")


def through_a_library() -> NoReturn:
    """Fail within the standard library."""
    import json

    json.loads("{")
    raise AssertionError("unreachable")


def raised(error: Exception) -> Exception:
    """Return an exception that has been raised."""
    try:
        raise error
    except Exception as caught:
        return caught
