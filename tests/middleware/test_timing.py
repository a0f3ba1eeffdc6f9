"""Server-Timing, in development."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import BaseMiddleware, Request, Response, Wadjet
from wadjet.http.exceptions import Forbidden


class Asynchronous(BaseMiddleware):
    async def before(self, request: Request) -> Response[Any] | None:
        await asyncio.sleep(0)
        if "early" in request.query_params:
            return Response("early")
        if "refused" in request.query_params:
            raise Forbidden
        return None

    async def after(self, request: Request, response: Any) -> None:
        await asyncio.sleep(0)


class Synchronous(BaseMiddleware):
    def before(self, request: Request) -> None:
        if "crash" in request.query_params:
            raise ValueError

    def after(self, request: Request, response: Any) -> None:
        response.headers.set("x-after", "1")


class Nothing(BaseMiddleware):
    pass


class Wrong(BaseMiddleware):
    def before(self, request: Request) -> Any:
        return {}


def application(
    *, debug: bool = True, middleware: tuple[Any, ...] = (Asynchronous, Nothing, Synchronous)
) -> Wadjet:
    app = Wadjet(middleware=middleware, debug=debug)

    @app.get("/")
    async def index() -> Any:
        return "ok", {"server-timing": "db;dur=5"}

    @app.get("/crash")
    async def crash() -> None:
        raise ValueError

    return app


def phases(sent: Sent) -> list[str]:
    (said,) = [value.decode() for value in sent.getall(b"server-timing") if not value.startswith(b"db")]
    members = said.split(", ")
    # Milliseconds, as Server Timing §3.1 has them.
    assert all(re.fullmatch(r"[A-Za-z.]+;dur=\d+\.\d{3}", member) for member in members), members
    return [member.partition(";")[0] for member in members]


BEFORE = ["Asynchronous.before", "Synchronous.before"]
AFTER = ["Synchronous.after", "Asynchronous.after", "total"]


@pytest.mark.parametrize(
    ("target", "status", "expected"),
    [
        ("/", 200, [*BEFORE, "handler", *AFTER]),
        ("/crash", 500, [*BEFORE, "handler", *AFTER]),
        ("/nowhere", 404, [*BEFORE, "handler", *AFTER]),
        ("/?early", 200, ["Asynchronous.before", "Asynchronous.after", "total"]),
        ("/?refused", 403, ["Asynchronous.before", "Asynchronous.after", "total"]),
        ("/?crash", 500, [*BEFORE, *AFTER]),
    ],
)
def test_each_phase_is_told_in_its_order(target: str, status: int, expected: list[str]) -> None:
    sent = run(application(), target=target)
    assert (sent.status, phases(sent)) == (status, expected)


def test_the_whole_takes_as_long_as_its_phases() -> None:
    (said,) = [value for value in run(application()).getall(b"server-timing") if not value.startswith(b"db")]
    *parts, total = [float(duration) for duration in re.findall(rb"dur=([\d.]+)", said)]
    assert sum(parts) <= total + 0.001 * len(parts)


def test_what_the_handler_says_stays() -> None:
    assert b"db;dur=5" in run(application()).getall(b"server-timing")


def test_in_production_nobody_is_told() -> None:
    assert run(application(debug=False)).getall(b"server-timing") == [b"db;dur=5"]
    assert run(application(debug=False), target="/nowhere").getall(b"server-timing") == []


def test_a_mistake_in_a_hook_is_still_told_by_its_name() -> None:
    sent = run(application(middleware=(Wrong,)))
    assert sent.status == 500
    assert b"test_timing.Wrong.before() returned dict" in sent.body
