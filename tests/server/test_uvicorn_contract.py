"""What we use of uvicorn beyond its documented options: each name, so that a release without it is known by this test."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
import uvicorn.config
from uvicorn.lifespan.on import LifespanOn
from uvicorn.server import ServerState
from uvicorn.supervisors import ChangeReload
from uvicorn.supervisors.basereload import BaseReload
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from wadjet.server.options import LANES
from wadjet.server.process import Config, Server
from wadjet.server.workers import Worker, Workers

CONFIG = uvicorn.Config("tests:app", workers=2, log_config=None)


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        (uvicorn.config, ["LOG_LEVELS", "STARTUP_FAILURE"]),
        (
            CONFIG,
            [
                *(
                    "app",
                    "factory",
                    "http",
                    "is_ssl",
                    "lifespan",
                    "limit_concurrency",
                    "load",
                    "load_app",
                    "reload",
                ),
                *("timeout_graceful_shutdown", "timeout_keep_alive", "timeout_worker_healthcheck"),
            ],
        ),
        (
            uvicorn.Server(CONFIG),
            ["capture_signals", "config", "force_exit", "server_state", "should_exit", "started"],
        ),
        (ServerState(), ["connections", "default_headers", "tasks"]),
        (Multiprocess, ["handle_hup", "handle_int", "handle_term", "handle_ttou", "join_all", "run"]),
        (
            Process,
            ["exitcode", "is_alive", "join", "kill", "pid", "start", "target", "terminate"],
        ),
        (BaseReload, ["run", "signal_handler"]),
    ],
    ids=str,
)
def test_uvicorn_has_what_we_name(thing: object, names: list[str]) -> None:
    assert [name for name in names if not hasattr(thing, name)] == []


@pytest.mark.parametrize(
    ("function", "attributes"),
    [
        (uvicorn.Server.startup, ["servers"]),
        (uvicorn.Server._serve, ["lifespan"]),
        (LifespanOn.__init__, ["shutdown_failed"]),
        (Multiprocess.__init__, ["processes", "processes_num", "should_exit", "signal_queue", "sockets"]),
        (Process.__init__, ["parent_conn", "process"]),
    ],
)
def test_uvicorn_sets_what_we_read(function: Callable[..., Any], attributes: list[str]) -> None:
    text = inspect.getsource(function)
    assert [name for name in attributes if f"self.{name}" not in text] == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Config, uvicorn.Config), (Server, uvicorn.Server), (Worker, Process), (Workers, Multiprocess)],
)
def test_what_we_override_is_there_and_takes_the_same(ours: type, theirs: type) -> None:
    own = {name: value for name, value in vars(ours).items() if inspect.isfunction(value) and name[0] != "_"}
    assert own
    for name, function in own.items():
        assert list(inspect.signature(function).parameters) == list(
            inspect.signature(getattr(theirs, name)).parameters
        ), name


def test_a_worker_serves_with_its_server_attribute() -> None:
    assert "self.server.run(sockets)" in inspect.getsource(Process.target)
    assert isinstance(inspect.getattr_static(Process, "server"), property)


def test_the_reloader_takes_what_we_give() -> None:
    assert issubclass(ChangeReload, BaseReload)
    assert list(inspect.signature(ChangeReload).parameters) == ["config", "target", "sockets"]


def test_the_protocol_of_the_asgi_lane_is_uvicorns() -> None:
    assert LANES["asgi"] in uvicorn.config.HTTP_PROTOCOLS
