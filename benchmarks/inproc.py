"""The cost of one request without server and sockets: microseconds, own calls, and garbage that only the collector frees.

Run in the environment of the application: ``python -m benchmarks.inproc benchmarks.app:app wadjet`` prints one JSON object,
case → figures. ``PERF(bench: case)`` in a comment of the package names the case that shows what the line is worth.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from benchmarks.scenarios import SCENARIOS, TYPED_PATH, Answer, Asked, Scenario, complaint

__all__ = [
    "CASES",
    "LOOKUPS",
    "App",
    "Cost",
    "call",
    "fastest",
    "loop_factory",
    "measure",
    "measure_lookups",
    "measure_production",
    "own_calls",
    "started",
]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_BY_KEY = {scenario.key: scenario for scenario in SCENARIOS}

#: Whole requests.
CASES = {
    "inproc_plaintext": _BY_KEY["S1"],
    "inproc_json": _BY_KEY["S2"],
    "inproc_path": TYPED_PATH,
    "inproc_query": _BY_KEY["S3"],
    "inproc_order": _BY_KEY["S4"],
    "inproc_records": _BY_KEY["S6"],
    "inproc_stream": _BY_KEY["S9"],
}

#: Look-ups in a router of two hundred routes.
LOOKUPS = {"route_literal": "/resource50", "route_parameter": "/resource50/42"}

_BATCHES = 15
_BATCH_SECONDS = 0.03
_CYCLES = 100


class Cost(NamedTuple):
    """What one request costs.

    Args:
        us: CPU microseconds in the fastest batch, for the others were disturbed; an empty application's are subtracted.
        calls: calls of Python functions whose source is in the package, resumed generators included.
        garbage: objects in reference cycles that it leaves behind.
    """

    us: float
    calls: int
    garbage: float


def measure(app: App, package: str) -> dict[str, Cost]:
    """Measure whole requests.

    Args:
        app: an ASGI application.
        package: whose calls are counted.

    Raises:
        RuntimeError: an answer is wrong.
    """
    return _measured(app, package, CASES)


def measure_production() -> dict[str, Cost]:
    """Measure Wadjet's production stack, and what it is compared with.

    Raises:
        RuntimeError: an answer is wrong.
    """
    from benchmarks.production import PRODUCTION

    found: dict[str, Cost] = {}
    for case, (app, scenario) in PRODUCTION.items():
        found |= _measured(app, "wadjet", {case: scenario})
    return found


def _measured(app: App, package: str, cases: Mapping[str, Scenario]) -> dict[str, Cost]:
    found = {}
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        life = runner.run(started(app))
        for case, scenario in cases.items():
            wrong = complaint(scenario, lambda asked: runner.run(call(app, asked)))
            if wrong is not None:
                raise RuntimeError(wrong)
            found[case] = runner.run(_cost(app, scenario.asked, package))
        life.cancel()
    return found


def measure_lookups() -> dict[str, Cost]:
    """Measure Wadjet's router alone."""
    from wadjet.routing.converters import CONVERTERS
    from wadjet.routing.matcher import Entry, Matcher
    from wadjet.routing.pattern import Pattern

    paths = [f"/resource{number}{rest}" for number in range(100) for rest in ("", "/{id:int}")]
    entries = [Entry(Pattern.parse(path, CONVERTERS), {"GET": path}) for path in paths]
    match = Matcher(entries, _Unmatched()).match
    found = {}
    for case, path in LOOKUPS.items():
        raw = path.encode()

        async def look(count: int, path: str = path, raw: bytes = raw) -> None:
            for _ in range(count):
                match("GET", path, raw)

        with own_calls("wadjet") as calls:
            match("GET", path, raw)
        found[case] = Cost(asyncio.run(fastest(look)), len(calls), 0.0)
    return found


class _Unmatched:
    """What the router answers where nothing matches: here it never does."""

    not_found = bad_path = redirect = ""

    def not_allowed(self, allow: tuple[str, ...], /) -> str:
        return ""

    def options(self, allow: tuple[str, ...], /) -> str:
        return ""


@contextmanager
def own_calls(package: str) -> Iterator[list[str]]:
    """Record the qualified names of a package's functions as they are called."""
    folder = str(Path(importlib.import_module(package).__file__ or "").parent)
    names: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(folder):
            names.append(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)


async def _cost(app: App, asked: Asked, package: str) -> Cost:
    async def run(count: int, app: App = app) -> None:
        for _ in range(count):
            await app(_scope(asked), _receive(asked), _drop)

    async def run_nothing(count: int) -> None:
        await run(count, _nothing)

    await run(50)
    scope, receive = _scope(asked), _receive(asked)
    with own_calls(package) as calls:
        await app(scope, receive, _drop)
    gc.collect()
    gc.disable()
    await run(_CYCLES)
    garbage = gc.collect() / _CYCLES
    gc.enable()
    return Cost(await fastest(run) - await fastest(run_nothing), len(calls), garbage)


async def fastest(run: Callable[[int], Awaitable[None]]) -> float:
    """Return the microseconds of one of ``run(count)``'s repetitions, in the fastest of some batches."""
    start = time.process_time()
    await run(20)
    count = max(20, int(_BATCH_SECONDS / (time.process_time() - start) * 20))
    best = float("inf")
    for _ in range(_BATCHES):
        start = time.process_time()
        await run(count)
        best = min(best, (time.process_time() - start) / count)
    return best * 1e6


async def _nothing(scope: Message, receive: Receive, send: Send) -> None:
    pass


async def _drop(message: Message) -> None:
    pass


async def call(app: App, asked: Asked) -> Answer:
    """Send one request to an application."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(_scope(asked), _receive(asked), keep)
    head, *rest = messages
    fields = tuple((name.decode().lower(), value.decode("latin-1")) for name, value in head["headers"])
    return Answer(head["status"], fields, b"".join(message.get("body", b"") for message in rest))


def _scope(asked: Asked) -> Message:
    """Return a scope as uvicorn makes it."""
    path, _, query = asked.path.partition("?")
    fields = [(b"host", b"127.0.0.1:8000")]
    fields += [(name.encode(), value.encode()) for name, value in asked.headers]
    if asked.content:
        fields.append((b"content-length", b"%d" % len(asked.content)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": asked.method,
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": fields,
        "state": {},
    }


def _receive(asked: Asked) -> Receive:
    messages = iter([{"type": "http.request", "body": asked.content, "more_body": False}])

    async def receive() -> Message:
        for message in messages:
            return message
        await asyncio.get_running_loop().create_future()  # the client stays
        raise AssertionError

    return receive


async def started(app: App) -> asyncio.Task[None]:
    """Run the startup half of the lifespan protocol; the task waits for the other half."""
    started = asyncio.Event()
    told = iter(["lifespan.startup"])

    async def receive() -> Message:
        for kind in told:
            return {"type": kind}
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def send(_: Message) -> None:
        started.set()

    async def live() -> None:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)

    life = asyncio.create_task(live())
    await asyncio.wait_for(started.wait(), 10)
    return life


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _main(app: str, package: str) -> None:
    module, _, name = app.partition(":")
    found = measure(getattr(importlib.import_module(module), name), package)
    if package == "wadjet":
        found |= measure_lookups() | measure_production()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main(*sys.argv[1:])
