"""What we use of uvicorn beyond its documented options: each name, so that a release without it is known by this test."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
import uvicorn.config
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from uvicorn.supervisors import ChangeReload
from uvicorn.supervisors.basereload import BaseReload
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from wadjet.server.http1 import Connection
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
        (ServerState(), ["connections", "default_headers", "tasks", "total_requests"]),
        (Multiprocess, ["handle_hup", "handle_int", "handle_term", "handle_ttou", "join_all", "run"]),
        (
            Process,
            ["exitcode", "is_alive", "join", "kill", "pid", "start", "target", "terminate"],
        ),
        (BaseReload, ["run", "signal_handler"]),
    ],
    ids=["config", "Config", "Server", "ServerState", "Multiprocess", "Process", "BaseReload"],
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
        (uvicorn.Config.load, ["http_protocol_class", "loaded_app", "ws_protocol_class"]),
        (uvicorn.Config.__init__, ["root_path"]),
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


def test_a_protocol_is_made_and_told_of_the_end_as_ours_expects() -> None:
    startup = inspect.getsource(uvicorn.Server.startup)
    for name in (
        "config=config",
        "server_state=self.server_state",
        "app_state=self.lifespan.state",
        "_loop=_loop",
    ):
        assert name in startup
    assert list(inspect.signature(Connection).parameters) == ["config", "server_state", "app_state", "_loop"]
    shutdown = inspect.getsource(uvicorn.Server.shutdown)
    assert "in list(self.server_state.connections)" in shutdown  # the lane leaves the set while it is told
    assert "connection.shutdown()" in shutdown


def test_a_websocket_protocol_takes_a_connection_as_uvicorns_own_protocol_gives_it() -> None:
    theirs = inspect.getsource(HttpToolsProtocol.handle_websocket_upgrade)
    for call in ("connection_made(self.transport)", "data_received(", "set_protocol(protocol)"):
        assert call in theirs
    for name in ("config=self.config", "server_state=self.server_state", "app_state=self.app_state"):
        assert name in theirs


def test_the_default_fields_are_renewed_as_a_whole() -> None:
    assert "self.server_state.default_headers = " in inspect.getsource(uvicorn.Server.on_tick)


def test_a_websocket_protocol_has_what_ours_changes() -> None:
    theirs = inspect.getsource(WebSocketsSansIOProtocol)
    for name in (
        "self.queue.put_nowait(",
        "self.handshake_complete = True",
        "self.close_sent = True",
        "self.disconnected = True",
        "self.close_timer = self.loop.call_later(self.close_timeout",
        "self.initial_response: tuple",
        "self.read_paused = False",
        "self.writable.set()",
        "self.conn = ServerProtocol(",
        "self.conn.send_close(",
        "self.conn.data_to_send()",
        "def stop_keepalive(self)",
        "def handle_parser_exception(self)",
        "def keepalive_timeout(self)",
    ):
        assert name in theirs
