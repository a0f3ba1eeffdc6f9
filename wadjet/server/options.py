"""What a server is asked for: options read, checked, and given to those who know them."""

from __future__ import annotations

import difflib
import functools
import inspect
import os
import ssl
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

from ..conf.declarations import annotations_of
from ..conf.kinds import read_text, unwrapped
from ..conf.settings import Settings
from ..errors import ConfigError

__all__ = ["DEFAULT_LANE", "LANES", "LIMITS", "OptionError", "Options", "export_limits"]


class OptionError(ConfigError):
    """An option, a file or a name of an application that a server cannot work with."""


#: How bytes become requests, each with what uvicorn calls ``http``.
LANES = {"fast": "wadjet.server.http1:Connection", "asgi": "httptools"}
DEFAULT_LANE = "fast"

#: The settings that are options of a server too, each in lower case with its type: all numbers.
LIMITS: dict[str, type[int | float]] = {
    name.lower(): kind
    for name, annotation in annotations_of(Settings).items()
    if (kind := unwrapped(annotation)[0]) in {int, float}
}

#: What uvicorn calls otherwise. One thing has one name, and the setting holds on every lane.
_RENAMED = {
    "limit_concurrency": "max_connections",
    "timeout_graceful_shutdown": "drain_timeout",
    "timeout_keep_alive": "keep_alive_timeout",
    "reload_dir": "reload_dirs",
    "ws_max_size": "websocket_max_size",
    "ws_ping_interval": "websocket_ping_interval",
    "ws_ping_timeout": "websocket_ping_interval",
    "ws_per_message_deflate": "websocket_deflate",
}

#: What we ask of uvicorn, unless the caller asks for something else.
_DEFAULTS: dict[str, Any] = {
    "interface": "asgi3",
    # SECURITY: forwarded headers are believed by our own rule, never by the server's.
    "proxy_headers": False,
    "server_header": False,
    # Seconds without an answer after which a worker is taken for dead: a long import of the program is no death.
    "timeout_worker_healthcheck": 30,
}


class Options(NamedTuple):
    """What was asked for."""

    host: str
    port: int
    uds: str | None
    fd: int | None
    workers: int
    reload: bool
    #: What ``uvicorn.Config`` gets beside the application.
    passed: dict[str, Any]

    @property
    def is_supervised(self) -> bool:
        """Whether other processes serve, which import the application themselves."""
        return self.reload or self.workers > 1

    @classmethod
    def read(
        cls, host: str | None, port: int | str | None, given: Mapping[str, Any], environ: Mapping[str, str]
    ) -> Options:
        """Read options; what is None counts as not given.

        Args:
            host: an address; ``WADJET_HOST``, else 127.0.0.1.
            port: a port; ``WADJET_PORT``, then ``PORT``, else 8000.
            given: ``lane``, and what ``uvicorn.Config`` takes.
            environ: the environment.

        Raises:
            OptionError: one is misspelt, or cannot be.
        """
        given = {name: value for name, value in given.items() if value is not None}
        _check_names(given)
        asked = {**_DEFAULTS, **given}
        lane = asked.pop("lane", DEFAULT_LANE)
        if lane not in LANES:
            raise OptionError(f"lane {lane!r} is none; choose one of {', '.join(LANES)}")
        asked.setdefault("http", LANES[lane])
        reload = bool(asked.get("reload"))
        workers = asked["workers"] = _workers(given, environ, reload=reload)
        options = cls(
            host or environ.get("WADJET_HOST") or "127.0.0.1",
            _port(port, environ),
            asked.get("uds"),
            asked.get("fd"),
            workers,
            reload,
            asked,
        )
        _check_together(options)
        return options


def export_limits(given: Mapping[str, Any], environ: MutableMapping[str, str]) -> dict[str, Any]:
    """Put the limits among some options into the environment, where settings are read from; return the other options.

    Processes that are started later inherit them.

    Args:
        given: options; a limit that is None counts as not given.
        environ: the environment.

    Raises:
        OptionError: a value that the setting cannot have.
    """
    limits = {name: value for name, value in given.items() if name in LIMITS and value is not None}
    annotations = annotations_of(Settings)
    for name, value in limits.items():
        setting = name.upper()
        try:
            read_text(str(value), annotations[setting])
        except ValueError as error:
            default = getattr(Settings, setting)
            raise OptionError(f"{setting}={value} is {error}; give one, as {default}") from None
    environ.update({f"WADJET_{name.upper()}": str(value) for name, value in limits.items()})
    return {name: value for name, value in given.items() if name not in LIMITS}


@functools.cache
def _names() -> frozenset[str]:
    import uvicorn  # loaded only where something is served

    taken = inspect.signature(uvicorn.Config).parameters
    return frozenset({*taken, "lane", *LIMITS} - {"app", *_RENAMED})


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if name in _names():
            continue
        near = [_RENAMED[name]] if name in _RENAMED else difflib.get_close_matches(name, _names(), 1)
        hint = f"; write {near[0]}=" if near else ""
        raise OptionError(f"{name}= is no option of run(){hint}")


def _port(port: int | str | None, environ: Mapping[str, str]) -> int:
    found = port if port is not None else environ.get("WADJET_PORT", environ.get("PORT", "8000"))
    text = str(found)
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise OptionError(f"port {text!r} is not a number from 0 to 65535")
    return int(text)


def _workers(given: Mapping[str, Any], environ: Mapping[str, str], *, reload: bool) -> int:
    if reload:
        if given.get("workers", 1) != 1:
            raise OptionError("reload= serves with one process; leave out workers=, or reload=")
        return 1
    text = str(given.get("workers", environ.get("WEB_CONCURRENCY") or "1"))
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise OptionError(f"workers {text!r} is no number of processes; give 1 or more")
    return int(text)


def _check_together(options: Options) -> None:
    if options.uds is not None and options.fd is not None:
        raise OptionError("uds= and fd= are two places to listen; give one of them")
    for directory in options.passed.get("reload_dirs", ()):
        if not Path(directory).is_dir():
            raise OptionError(f"reload directory {str(directory)!r} is no directory")
    _check_level(options.passed.get("log_level"))
    _check_certificate(options.passed)


def _check_level(level: str | int | None) -> None:
    from uvicorn.config import LOG_LEVELS  # loaded only where something is served

    if isinstance(level, str) and level.lower() not in LOG_LEVELS:
        raise OptionError(f"log level {level!r} is none; choose one of {', '.join(LOG_LEVELS)}")


def _check_certificate(passed: Mapping[str, Any]) -> None:
    """Load the certificate once, so that what is wrong with it is known before anything starts."""
    names = ("ssl_certfile", "ssl_keyfile", "ssl_ca_certs")
    files: dict[str, str] = {name: os.fspath(passed[name]) for name in names if passed.get(name) is not None}
    if files and "ssl_certfile" not in files:
        raise OptionError(f"{next(iter(files))}= is given without ssl_certfile=; TLS needs a certificate")
    for name, file in files.items():
        if not os.access(file, os.R_OK):
            raise OptionError(f"{name} {file!r} cannot be read: there is no such file, or no right to it")
    if files:
        try:
            # The empty password: OpenSSL asks at the terminal where there is none at all.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                files["ssl_certfile"], files.get("ssl_keyfile"), passed.get("ssl_keyfile_password") or ""
            )
        except ssl.SSLError as error:
            raise OptionError(
                f"the certificate {files['ssl_certfile']!r} and its key cannot be used: {error.reason or error}; "
                "give PEM files that belong together, and ssl_keyfile_password= if the key has one"
            ) from None
