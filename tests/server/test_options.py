"""Options of a server are read from arguments and environment, and checked before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run import certify
from wadjet.server.options import LANES, OptionError, Options, export_limits


def read(environ: dict[str, str] | None = None, **given: Any) -> Options:
    return Options.read(given.pop("host", None), given.pop("port", None), given, environ or {})


@pytest.mark.parametrize(
    ("environ", "port", "found"),
    [
        ({}, None, 8000),
        ({"PORT": "5000"}, None, 5000),
        ({"PORT": "5000", "WADJET_PORT": "6000"}, None, 6000),
        ({"PORT": "5000", "WADJET_PORT": "6000"}, 7000, 7000),
        ({}, "7000", 7000),
        ({"PORT": "5000"}, 0, 0),
    ],
)
def test_a_port_is_given_or_the_environments(
    environ: dict[str, str], port: int | str | None, found: int
) -> None:
    assert read(environ, port=port).port == found


def test_the_host_is_this_machine_unless_ours_says_otherwise() -> None:
    assert read({"HOST": "laptop"}).host == "127.0.0.1"
    assert read({"WADJET_HOST": "0.0.0.0"}).host == "0.0.0.0"


def test_the_number_of_workers_is_given_or_the_environments() -> None:
    assert read({"WEB_CONCURRENCY": "3"}).workers == 3
    assert read({"WEB_CONCURRENCY": "3"}, workers=2).workers == 2
    assert read({"WEB_CONCURRENCY": "3"}, reload=True).workers == 1


@pytest.mark.parametrize("workers", ["many", "0", "-1", "²"])
def test_a_number_of_workers_that_is_none_is_refused(workers: str) -> None:
    with pytest.raises(OptionError, match="is no number of processes"):
        read({"WEB_CONCURRENCY": workers})


def test_a_lane_chooses_the_protocol_unless_one_is_named() -> None:
    assert [read(lane=lane).passed["http"] for lane in LANES] == list(LANES.values())
    assert read(http="h11").passed["http"] == "h11"
    with pytest.raises(OptionError, match="lane 'slow' is none; choose one of fast, asgi"):
        read(lane="slow")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("acces_log", "; write access_log="),
        ("timeout_graceful_shutdown", "; write drain_timeout="),
        ("limit_concurrency", "; write max_connections="),
        ("header_timeot", "; write header_timeout="),
        ("sunshine", r"run\(\)$"),
    ],
)
def test_an_option_that_is_none_is_refused_with_what_is_near(name: str, near: str) -> None:
    with pytest.raises(OptionError, match=rf"{name}= is no option of run\(\).*{near}|{near}"):
        Options.read(None, None, {name: 1}, {})


def test_what_uvicorn_takes_is_passed_on() -> None:
    assert read(backlog=5).passed["backlog"] == 5


def test_a_log_level_that_is_none_is_refused() -> None:
    with pytest.raises(OptionError, match="log level 'loud' is none; choose one of critical"):
        read(log_level="loud")


def test_limits_go_into_the_environment() -> None:
    environ: dict[str, str] = {}
    rest = export_limits({"header_timeout": 2.5, "max_body_size": None, "lane": "asgi"}, environ)
    assert rest == {"lane": "asgi"}
    assert environ == {"WADJET_HEADER_TIMEOUT": "2.5"}


def test_a_limit_that_cannot_be_leaves_the_environment_alone() -> None:
    environ: dict[str, str] = {}
    with pytest.raises(OptionError, match="MAX_CONNECTIONS=0 is no whole number from 1"):
        export_limits({"max_connections": 0, "header_timeout": 5}, environ)
    with pytest.raises(
        OptionError, match="MAX_CONNECTIONS=many is no whole number from 1; give one, as 10000"
    ):
        export_limits({"max_connections": "many"}, environ)
    assert environ == {}


def test_a_key_that_cannot_be_used_is_found_at_once(tmp_path: Path, needs: Callable[[str], str]) -> None:
    certify(tmp_path, needs("openssl"), "-passout", "pass:secret")
    files: dict[str, Any] = {"ssl_certfile": tmp_path / "c.pem", "ssl_keyfile": tmp_path / "k.pem"}
    assert read(**files, ssl_keyfile_password="secret").passed["ssl_keyfile_password"] == "secret"
    for wrong in (None, "guess"):
        with pytest.raises(
            OptionError, match="give PEM files that belong together, and ssl_keyfile_password="
        ):
            read(**files, ssl_keyfile_password=wrong)
