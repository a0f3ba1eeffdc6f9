"""Who is measured, on which server, out of which virtual environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.environments import python_of

__all__ = ["BARE", "ENTRIES", "FAST", "LIMITS", "OURS", "STRUCTS", "UNLIMITED", "Entry", "chosen", "floor_of"]

_UVICORN = (
    "{python} -m uvicorn {app} --host {host} --port {port} --http httptools --loop uvloop "
    "--no-access-log --log-level warning"
)
_LANE = (
    "{python} -m wadjet run {app} --host {host} --port {port} --lane fast --no-access-log --log-level warning"
)
_GRANIAN = (
    "{python} -m granian {app} --host {host} --port {port} --http 1 --no-ws --workers 1 --loop uvloop "
    "--runtime-mode st --log-level error --interface "
)
_ASGI, _RSGI = _GRANIAN + "asgi", _GRANIAN + "rsgi"
_OWN = "{python} -m {app} {host} {port}"
_ROBYN = "{python} -m {app} --processes 1 --workers 1 --log-level ERROR --disable-openapi"


class Entry(NamedTuple):
    """One application on one server.

    Args:
        name: who.
        server: where.
        environment: the file under ``requirements/`` that its virtual environment is made from.
        app: module and attribute; the module alone where it starts its own server.
        command: starts the server.
        is_usual: whether it is measured without ``--all`` too.
        models: the library that its orders and records are models of.
        settings: what its environment has beside ours.
        stack: its application in the scenario of the production stack, as ``app``; None where it has none.
    """

    name: str
    server: str
    environment: str
    app: str
    command: str
    is_usual: bool = True
    models: str = "pydantic"
    settings: tuple[tuple[str, str], ...] = ()
    stack: str | None = None

    @property
    def label(self) -> str:
        """Who and where, for a reader."""
        return f"{self.name}, {self.server}"

    @property
    def is_peer(self) -> bool:
        """Whether it is another framework's."""
        return self.name not in {OURS, BARE}

    @property
    def speaks_asgi(self) -> bool:
        """Whether it is an ASGI application on an ASGI server."""
        return self.command in {_UVICORN, _ASGI}

    def argv(self, app: str, host: str, port: int) -> list[str]:
        """Return the command that serves one of the entry's applications."""
        return self.command.format(python=python_of(self.environment), app=app, host=host, port=port).split()

    def variables(self, host: str, port: int) -> Mapping[str, str]:
        """Return the environment variables of its process, beside those of this one."""
        return {"HOST": host, "PORT": str(port), **dict(self.settings)}


BARE, OURS = "bare", "wadjet"

#: Values that no request reaches.
LIMITS = {
    "MAX_BODY_SIZE": 10**12,
    "MAX_REQUEST_LINE": 10**9,
    "MAX_HEADER_BYTES": 10**9,
    "MAX_HEADER_COUNT": 10**9,
    "HEADER_TIMEOUT": 86_400,
    "KEEP_ALIVE_TIMEOUT": 86_400,
    "BODY_TIMEOUT": 86_400,
    "SEND_TIMEOUT": 86_400,
    "MAX_PIPELINED": 10**9,
    "MAX_CONNECTIONS": 10**9,
}

_SECURED = "benchmarks.secured:app"
#: The peers whose production stack is written.
_SECURED_PEERS = {"aiohttp", "blacksheep", "emmett55", "falcon", "litestar", "starlette"}

FAST = Entry(OURS, "fast lane", "wadjet", "benchmarks.app:app", _LANE, stack=_SECURED)
#: The fast lane with models of msgspec: what it is compared with are the peers that have those.
STRUCTS = FAST._replace(
    server="fast lane, msgspec", app="benchmarks.structs:app", models="msgspec", stack=None
)
#: The fast lane with limits that never act; it is compared with the fast lane only.
UNLIMITED = FAST._replace(
    server="fast lane, limits off",
    stack=None,
    settings=tuple((f"WADJET_{name}", str(value)) for name, value in LIMITS.items()),
)


def _peer(name: str, server: str, command: str, *, is_usual: bool = True, models: str = "pydantic") -> Entry:
    attribute = "" if command in {_OWN, _ROBYN} else ":app"
    stack = f"benchmarks.peers.secured_{name}{attribute}" if name in _SECURED_PEERS else None
    app = f"benchmarks.peers.on_{name}{attribute}"
    return Entry(name, server, name, app, command, is_usual, models, stack=stack)


ENTRIES = (
    Entry(BARE, "protocol", "wadjet", "benchmarks.bareproto", _OWN, stack="benchmarks.bareproto"),
    FAST,
    STRUCTS,
    Entry(BARE, "uvicorn", "wadjet", "benchmarks.bare:app", _UVICORN, stack="benchmarks.bare:app"),
    Entry(OURS, "uvicorn", "wadjet", "benchmarks.app:app", _UVICORN, stack=_SECURED),
    Entry(BARE, "granian", "wadjet", "benchmarks.bare:app", _ASGI, stack="benchmarks.bare:app"),
    Entry(OURS, "granian", "wadjet", "benchmarks.app:app", _ASGI, stack=_SECURED),
    _peer("hawkapi", "granian", _ASGI, models="msgspec"),
    _peer("muffin", "granian", _ASGI),
    _peer("lihil", "granian", _ASGI, models="msgspec"),
    _peer("notslowapi", "granian", _ASGI),
    _peer("emmett55", "granian, RSGI", _RSGI),
    _peer("blacksheep", "granian", _ASGI),
    _peer("starlette", "granian", _ASGI),
    _peer("aiohttp", "its own", _OWN),
    _peer("falcon", "granian", _ASGI),
    _peer("litestar", "granian", _ASGI, models="msgspec"),
    _peer("micropie", "granian", _ASGI, is_usual=False),
    _peer("fastapi", "granian", _ASGI, is_usual=False),
    _peer("sanic", "its own", _OWN, is_usual=False),
    _peer("robyn", "its own", _ROBYN, is_usual=False),
    _peer("starlette", "uvicorn", _UVICORN, is_usual=False),
    _peer("blacksheep", "uvicorn", _UVICORN, is_usual=False),
    _peer("fastapi", "uvicorn", _UVICORN, is_usual=False),
)


def chosen(*, everything: bool, names: tuple[str, ...] = ()) -> list[Entry]:
    """Return the entries to measure.

    Args:
        everything: those that are not usual too.
        names: peers, instead of the usual ones; ours and the bare ones are always there.
    """
    if names:
        return [entry for entry in ENTRIES if not entry.is_peer or entry.name in names]
    return [entry for entry in ENTRIES if everything or entry.is_usual]


def floor_of(entry: Entry) -> Entry:
    """Return the bare entry that does the same by hand: of the protocol for the fast lane, of the same server otherwise."""
    server = "protocol" if entry.command == _LANE else entry.server
    return next(one for one in _bare() if one.server == server)


def _bare() -> Iterator[Entry]:
    return (entry for entry in ENTRIES if entry.name == BARE)
