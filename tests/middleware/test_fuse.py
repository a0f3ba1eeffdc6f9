"""Fusing: one coroutine for the hooks of an application and the guards of a route says what two say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wadjet.errors import ConfigError
from wadjet.http.request import Request
from wadjet.http.response import Response
from wadjet.middleware.fuse import Ring, fuse, fuse_rings

_READY = ((b"content-type", b"text/plain"),)


class Hook:
    """Writes down what it sees, and does what it is told to."""

    def __init__(self, name: str, trail: list[str], before: str | None, after: str | None) -> None:
        self._name, self._trail, self._does = name, trail, {"before": before, "after": after}
        self.before: Callable[..., Any] | None = None if before is None else self._before
        self.after: Callable[..., Any] | None = None if after is None else self._after

    def _before(self, request: Request) -> Any:
        self._trail.append(f"{self._name}>")
        what = self._does["before"]
        answers = {"answers": response("ready"), "answers badly": response("bad"), "returns nonsense": 7}
        return self._done(what, answers.get(str(what)))

    def _after(self, request: Request, response: Any) -> Any:
        self._trail.append(f"<{self._name} {response.status_code} {sorted(response.raw_headers)}")
        what = self._does["after"]
        if what == "changes":
            response.headers.append("x-seen", self._name)
        elif what == "spoils":
            response.headers.set("content-length", "1")
        return self._done(what, 7 if what == "returns nonsense" else None)

    def _done(self, what: str | None, result: Any) -> Any:
        if what == "raises":
            raise ValueError(self._name)
        return _later(result) if what == "waits" else result


async def _later(result: Any) -> Any:
    await asyncio.sleep(0)
    return result


def response(kind: str) -> Response[Any]:
    if kind == "ready":
        return Response.made(b"content", 200, _READY)
    return Response("content", 201, headers={"content-length": "1"} if kind == "bad" else None)


_BEFORES = st.sampled_from(
    [None, "passes", "waits", "answers", "answers badly", "raises", "returns nonsense"]
)
_AFTERS = st.sampled_from([None, "passes", "changes", "waits", "raises", "spoils", "returns nonsense"])
_HOOKS = st.lists(st.tuples(_BEFORES, _AFTERS), max_size=3)
_GUARDS = st.lists(st.tuples(_BEFORES, st.none() | _AFTERS), max_size=3)


@given(_HOOKS, _GUARDS, st.sampled_from(["ready", "plain", "bad"]))
def test_one_coroutine_does_what_two_do(
    outer: list[tuple[str | None, str | None]], inner: list[tuple[str | None, str | None]], kind: str
) -> None:
    def run(make: Callable[[Ring, Ring, Any, Any], Any]) -> tuple[list[str], Any]:
        trail: list[str] = []

        async def call(request: Request) -> Response[Any]:
            trail.append("handler")
            return response(kind)

        async def prepare(request: Request, early: Response[Any]) -> Response[Any]:
            trail.append("prepare")
            return early

        def recovering(name: str) -> Any:
            async def recover(request: Request, error: Exception) -> Response[Any]:
                trail.append(f"{name} {type(error).__name__}")
                return Response(name, 500)

            return recover

        def ring(name: str, what: list[tuple[str | None, str | None]]) -> Ring:
            hooks = [Hook(f"{name}{place}", trail, *each) for place, each in enumerate(what)]
            return Ring(hooks, recovering(name))

        handle = make(ring("outer", outer), ring("inner", inner), call, prepare)
        found = asyncio.run(handle(Request.blank("/")))
        return trail, (found.status_code, sorted(found.raw_headers), found.body)

    def nested(outer: Ring, inner: Ring, call: Any, prepare: Any) -> Any:
        around = fuse(inner.hooks, call, prepare, inner.recover)
        return fuse(outer.hooks, around, prepare, outer.recover)

    assert run(fuse_rings) == run(nested)


def test_what_is_no_hook_at_all_leaves_the_handle_as_it_is() -> None:
    async def call(request: Request) -> Response[Any]:
        raise ConfigError("never called")

    none = Ring((), call)  # type: ignore[arg-type]  # never called either
    assert fuse_rings(none, none, call, call) is call  # type: ignore[arg-type]  # as above
