"""A page made of rows: read, one more added, put in order, rendered with every text escaped; ours and that of each peer."""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

from sqlalchemy import delete

from benchmarks.data.messages import ADDED, CONNECTIONS, MESSAGES, TEMPLATES
from benchmarks.data.page import Fortune
from benchmarks.data.postgres import postgres
from benchmarks.entries import ENTRIES, FAST, Entry
from benchmarks.environments import Unavailable, provide
from benchmarks.faults.figure import Figure
from benchmarks.figures import ratio
from benchmarks.promises import PAGE
from benchmarks.scenarios import Asked, Scenario, complaint
from benchmarks.wire import Server, running
from wadjet.db import Database, request_connection

__all__ = ["PAGE_OF_FORTUNES", "PEERS", "are_fortunes", "entries", "fill", "fortunes"]

#: Those that have no database of their own; SQLAlchemy is what their users take.
PEERS = ("starlette", "fastapi", "litestar", "blacksheep", "aiohttp", "sanic", "falcon")
#: Of a round: long enough for what opening connections costs to count for little.
_SECONDS = 3
_ROW = re.compile(r"<tr><td>(\d+)</td><td>(.*?)</td></tr>")


def are_fortunes(content: bytes) -> bool:
    """Tell whether a page has all of them, in order and escaped."""
    found = _ROW.findall(content.decode())
    texts = [html.unescape(text) for _, text in found]
    return texts == sorted([*MESSAGES, ADDED]) and not any("<" in text for _, text in found)


PAGE_OF_FORTUNES = Scenario(
    "fortunes", "fortunes", Asked("/fortunes"), 200, "text/html", are_fortunes, connections=16
)


def entries(url: str) -> list[Entry]:
    """Return who is measured, ours first; each on the server that serves it best.

    Args:
        url: of a database with the fortunes.
    """
    peers = [entry for entry in ENTRIES if entry.name in PEERS and entry.server != "uvicorn"]
    ours = (
        ("WADJET_DATABASE_URL", url),
        ("WADJET_DATABASE_POOL_SIZE", str(CONNECTIONS)),
        ("WADJET_TEMPLATES_DIR", str(TEMPLATES)),
    )
    theirs = (("FORTUNES_URL", url.replace("postgresql:", "postgresql+asyncpg:", 1)),)
    return [
        FAST._replace(
            environment="fortunes_wadjet", app="benchmarks.data.page:app", settings=ours, stack=None
        ),
        *(
            entry._replace(
                environment=f"fortunes_{entry.name}",
                app=entry.app.replace(".on_", ".fortunes_"),
                settings=theirs,
                stack=None,
            )
            for entry in peers
        ),
    ]


async def fill(url: str) -> None:
    """Keep the fortunes, and nothing else, in their table."""
    async with Database(url) as database:
        await database.create_all(Fortune.metadata)
        async with request_connection() as connection:
            await connection.execute(delete(Fortune))
        for number, message in enumerate(MESSAGES, 1):
            await Fortune.objects.create(id=number, message=message)


def fortunes(*, quick: bool) -> Iterator[Figure]:
    """Measure the page, ours and that of each peer."""
    with postgres() as url, ExitStack() as stack:
        asyncio.run(fill(url))
        servers, found = dict[str, Server](), dict[str, list[float]]()
        for entry in entries(url):
            try:
                provide(entry.environment)
                servers[entry.name] = stack.enter_context(running(entry))
                _check(servers[entry.name])
            except (Unavailable, OSError, RuntimeError, subprocess.SubprocessError) as error:
                servers.pop(entry.name, None)
                yield Figure(
                    f"fortunes, {entry.name}", "a page", " ".join(str(error).split())[:200], is_kept=False
                )
            else:
                found[entry.name] = []
        for number in range(2 if quick else 6):
            for name in sorted(found, reverse=bool(number % 2)):
                found[name].append(_measured(servers[name]))
    ours = found.pop(FAST.name)
    for name, theirs in found.items():
        times = ratio(theirs, ours)
        yield Figure(
            f"fortunes, {name} beside ours",
            f"> {PAGE:g} x our CPU",
            f"{times.median:.2f} x ({times.least:.2f} to {times.most:.2f}); {min(theirs):.0f} us beside {min(ours):.0f} us",
            times.median > PAGE,
        )


def _check(server: Server) -> None:
    """Look at the page, and put the server under load once.

    Raises:
        RuntimeError: it is not the page of fortunes.
    """
    server.resume()
    try:
        wrong = complaint(PAGE_OF_FORTUNES, server.ask)
        if wrong is not None:
            raise RuntimeError(wrong)
        server.warm(PAGE_OF_FORTUNES)
    finally:
        server.pause()


def _measured(server: Server) -> float:
    server.resume()
    try:
        return server.measure(PAGE_OF_FORTUNES, _SECONDS).cpu_us
    finally:
        server.pause()
