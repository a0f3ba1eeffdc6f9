"""Server processes for the scenarios: one for each lane and loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.scenarios.serving import serving

#: Each server by its name: the lane and the loop.
SERVERS = {"fast": ("fast", "uvloop"), "fast-asyncio": ("fast", "asyncio"), "asgi": ("asgi", "uvloop")}


@pytest.fixture(scope="session")
def port_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """Give the port of a server by its name; each is started when it is asked for first."""
    ports: dict[str, int] = {}
    with ExitStack() as stack:

        def started(name: str) -> int:
            if name not in ports:
                lane, loop = SERVERS[name]
                ports[name] = stack.enter_context(serving(tmp_path_factory.mktemp(name), lane, loop))
            return ports[name]

        yield started


@pytest.fixture(params=SERVERS, scope="session")
def server(request: pytest.FixtureRequest) -> str:
    """Each server's name."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def port(server: str, port_of: Callable[[str], int]) -> int:
    """Each server's port."""
    return port_of(server)
