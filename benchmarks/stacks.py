"""What middleware costs a request, in a protocol class without sockets: ``python -m benchmarks.stacks``.

All stacks are fed in turns, and the fastest turn of each counts: what else the machine does is no difference between them.
``stack_count`` is the arithmetic of the rate limit alone.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.inproc import fastest, loop_factory
from benchmarks.inwire import Load, alive, ask, lane, written
from benchmarks.scenarios import SCENARIOS
from wadjet import BaseMiddleware, Wadjet
from wadjet.http.constantfields import ConstantFields
from wadjet.http.request import Request
from wadjet.http.response import Head
from wadjet.middleware import (
    CompressionMiddleware,
    CORSMiddleware,
    CSRFMiddleware,
    RateLimitMiddleware,
    RequestIdMiddleware,
    SecurityMiddleware,
)
from wadjet.security.ratelimit import SECOND, Sliding

__all__ = ["COUNT", "STACKS", "application", "measure_stacks"]

_ASKED = next(scenario.asked for scenario in SCENARIOS if scenario.key == "S2")
_ROUNDS = 60
_TURNS = 10
_CONNECTIONS = 32
_MANY = 10**9


class Header(BaseMiddleware):
    """Adds one field that is always the same."""

    def __init__(self, app: Any, number: int) -> None:
        super().__init__(app)
        self._fields = ConstantFields({f"x-header-{number}": "value"})

    def after(self, request: Request, response: Head) -> None:
        response.add_constant(self._fields)


STACKS: Mapping[str, Sequence[Any]] = {
    "stack_none": (),
    "stack_six": tuple((Header, {"number": number}) for number in range(6)),
    "stack_request_id": (RequestIdMiddleware,),
    "stack_rate_limit": ((RateLimitMiddleware, {"max_requests": _MANY}),),
    "stack_security": ((SecurityMiddleware, {"allowed_hosts": ["127.0.0.1"]}),),
    "stack_cors": ((CORSMiddleware, {"allowed_origins": ["https://app.test"]}),),
    "stack_compression": (CompressionMiddleware,),
    "stack_csrf": ((CSRFMiddleware, {"secret": "secret"}),),
}
COUNT = "stack_count"


def application(stack: Sequence[Any]) -> Wadjet:
    """Return an application that answers a small document inside a stack."""
    app = Wadjet(middleware=stack)

    @app.get(_ASKED.path)
    async def message() -> dict[str, str]:
        return {"message": "Hello, World!"}

    return app


def measure_stacks(rounds: int = _ROUNDS) -> dict[str, float]:
    """Return CPU microseconds a request, by the name of the stack.

    Args:
        rounds: how often each has its turn.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner, ExitStack() as lives:
        loads = {}
        for name, stack in STACKS.items():
            app = application(stack)
            lives.enter_context(alive(runner, app))
            protocols = lane(runner, app)
            size = len(runner.run(ask(protocols, _ASKED)))
            loads[name] = Load(protocols, written(_ASKED), size)
        found = runner.run(_in_turns({name: load.turn for name, load in loads.items()}, rounds))
        for load in loads.values():
            load.close()
        return found | {COUNT: runner.run(fastest(_count))}


async def _in_turns(turns: Mapping[str, Callable[[], Awaitable[None]]], rounds: int) -> dict[str, float]:
    best = dict.fromkeys(turns, float("inf"))
    gc.disable()
    for _ in range(rounds):
        for name, turn in turns.items():
            start = time.process_time()
            for _ in range(_TURNS):
                await turn()
            best[name] = min(best[name], time.process_time() - start)
        gc.collect()
    gc.enable()
    return {name: seconds / _TURNS / _CONNECTIONS * 1e6 for name, seconds in best.items()}


async def _count(times: int) -> None:
    """Count as often, at moments that let uses end."""
    window = Sliding(_MANY, SECOND)
    for now in range(SECOND, SECOND + times * 1_000_000, 1_000_000):
        window.use_one("ip 127.0.0.1", now)


if __name__ == "__main__":
    json.dump(measure_stacks(), sys.stdout)
