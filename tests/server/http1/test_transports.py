"""The fast lane over TLS, unix sockets and IPv6, and what uvicorn's options make of it."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.scenarios.wire import Reply, replies
from tests.server.http1.serving import PATIENCE_SECONDS, Served, run, serving
from wadjet import Request, Response, Wadjet
from wadjet.server.http1 import Connection

CLOSE = b"Host: localhost\r\nConnection: close\r\n"
GET = b"GET / HTTP/1.1\r\n" + CLOSE + b"\r\n"


def application() -> Wadjet:
    app = Wadjet()

    @app.get("/")
    async def first(request: Request) -> Any:
        return {
            "url": str(request.url),
            "path": request.path,
            "path_info": request.path_info,
            "root_path": request.root_path,
            "scheme": request.scheme,
            "client": request.client,
            "in scope": request.scope["client"],
            "server": request.scope["server"],
        }

    @app.get("/large")
    async def large() -> bytes:
        return bytes(5_000_000)

    @app.get("/stream")
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield bytes(20_000)

    @app.get("/param/{name}")
    async def param(name: str) -> str:
        return name

    @app.post("/echo")
    async def echo(request: Request) -> bytes:
        return await request.body()

    @app.post("/ignore")
    async def ignore() -> str:
        return "ignored"

    @app.get("/own")
    async def own() -> Response[str]:
        return Response("own", headers={"server": "mine", "date": "Thu, 01 Jan 1970 00:00:00 GMT"})

    return app


# -- TLS --------------------------------------------------------------------------------------------------------------------


class Certified:
    """A server's certificate, and a client's trust in it."""

    def __init__(self, directory: Path) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        self.file = directory / "certificate.pem"
        certificate.private_key_and_cert_chain_pem.write_to_path(str(self.file))
        self.client = ssl.create_default_context()
        authority.configure_trust(self.client)

    async def ask(self, served: Served, sent: bytes) -> list[Reply]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", served.port, ssl=self.client, server_hostname="localhost"
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            writer.write(sent)
            received = await reader.read(-1)
            writer.close()
            try:
                await writer.wait_closed()
            except (ConnectionError, ssl.SSLError):
                pass
        return replies(received, [sent.partition(b" ")[0].decode()])


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return Certified(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("on_uvloop", [True, False])
def test_over_tls_everything_is_https(certified: Certified, on_uvloop: bool) -> None:
    async def test() -> None:
        async with serving(application(), ssl_certfile=certified.file) as served:
            (reply,) = await certified.ask(served, GET)
            assert b'"url":"https://localhost/"' in reply.body
            assert b'"scheme":"https"' in reply.body
            await served.until_idle()

    run(test(), on_uvloop=on_uvloop)


def test_over_tls_a_connection_is_kept(certified: Certified) -> None:
    async def test() -> None:
        async with serving(application(), ssl_certfile=certified.file) as served:
            kept = GET.replace(b"Connection: close\r\n", b"")
            found = await certified.ask(served, kept + kept + GET)
            assert [reply.status for reply in found] == [200] * 3

    run(test())


@pytest.mark.parametrize("on_uvloop", [True, False])
def test_over_tls_large_content_passes_both_ways(certified: Certified, on_uvloop: bool) -> None:
    async def test() -> None:
        async with serving(application(), ssl_certfile=certified.file) as served:
            (large,) = await certified.ask(served, b"GET /large HTTP/1.1\r\n" + CLOSE + b"\r\n")
            assert large.body == bytes(5_000_000)
            (streamed,) = await certified.ask(served, b"GET /stream HTTP/1.1\r\n" + CLOSE + b"\r\n")
            assert (streamed.body, streamed.is_whole) == (bytes(1_000_000), True)
            content = b"x" * 1_000_000
            head = b"POST /echo HTTP/1.1\r\n" + CLOSE + b"Content-Length: 1000000\r\n\r\n"
            (echoed,) = await certified.ask(served, head + content)
            assert echoed.body == content
            await served.until_idle()

    run(test(), on_uvloop=on_uvloop)


def test_over_tls_what_is_refused_is_told_and_the_connection_ends(certified: Certified) -> None:
    async def test() -> None:
        async with serving(application(), ssl_certfile=certified.file) as served:
            for sent, status in (
                (b"GET / HTTP/9.9\r\n\r\n", 400),
                (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n", 414),
                (b"POST /ignore HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", 200),
            ):
                (reply,) = await certified.ask(served, sent)
                assert (reply.status, reply.field("connection")) in {(status, "close"), (505, "close")}
            await served.until_idle()

    run(test())


@pytest.mark.parametrize("on_uvloop", [True, False])
def test_over_tls_a_client_that_is_refused_may_send_on_and_still_reads_the_answer(
    certified: Certified, on_uvloop: bool
) -> None:
    async def test() -> None:
        async with serving(application(), ssl_certfile=certified.file) as served:
            content = (
                b"x" * 1_000_000
            )  # more than any buffer on the way holds, less than a server throws away
            head = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
            (reply,) = await certified.ask(served, head + content)
            assert (reply.status, reply.field("connection")) == (404, "close")
            await served.until_idle()

    run(test(), on_uvloop=on_uvloop)


# -- other addresses ---------------------------------------------------------------------------------------------------------


def test_over_a_unix_socket_nobody_is_the_client() -> None:
    async def test() -> None:
        with (
            tempfile.TemporaryDirectory() as directory
        ):  # pytest's own may be too deep for the name of a socket
            path = f"{directory}/socket"
            async with serving(application(), uds=path) as served:
                (reply,) = await served.ask(GET)
                assert b'"client":null,"in scope":null' in reply.body
                assert f'"server":["{path}",null]'.encode() in reply.body

    run(test())


def test_over_ipv6_client_and_server_are_an_address_and_a_port() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")

    async def test() -> None:
        async with serving(application(), host="::1") as served:
            (reply,) = await served.ask(GET)
            assert reply.body.count(b'["::1",') == 3
            assert f'"server":["::1",{served.port}]'.encode() in reply.body

    run(test())


# -- uvicorn's options -------------------------------------------------------------------------------------------------------


def test_the_root_path_stands_before_every_path() -> None:
    async def test() -> None:
        async with serving(application(), root_path="/sub/é".replace("é", "e")) as served:
            (reply,) = await served.ask(GET)
            assert b'"path":"/sub/e/","path_info":"/","root_path":"/sub/e"' in reply.body
            assert b'"url":"http://localhost/sub/e/"' in reply.body
            (reply,) = await served.ask(b"GET /param/x HTTP/1.1\r\n" + CLOSE + b"\r\n")
            assert reply.body == b"x"

    run(test())


@pytest.mark.parametrize("http", [Connection, "httptools"], ids=["fast", "asgi"])
@pytest.mark.parametrize(
    ("options", "server", "has_date"),
    [
        ({}, None, True),
        ({"server_header": True}, "uvicorn", True),
        ({"date_header": False}, None, False),
        ({"headers": [("Server", "else"), ("X-Extra", "1")]}, "else", True),
    ],
)
def test_the_fields_of_the_server_are_those_it_is_told_to_send(
    http: Any, options: dict[str, Any], server: str | None, has_date: bool
) -> None:
    async def test() -> None:
        async with serving(application(), http=http, **options) as served:
            for path in (b"/", b"/nowhere", b"/stream"):
                (reply,) = await served.ask(b"GET " + path + b" HTTP/1.1\r\n" + CLOSE + b"\r\n")
                assert reply.field("server") == server
                assert (reply.field("date") is not None) == has_date
                assert reply.field("x-extra") == ("1" if server == "else" else None)

    run(test())


def test_a_response_may_have_a_server_and_a_date_of_its_own() -> None:
    async def test() -> None:
        async with serving(application(), server_header=True) as served:
            (reply,) = await served.ask(b"GET /own HTTP/1.1\r\n" + CLOSE + b"\r\n")
            assert (reply.field("server"), reply.field("date")) == ("mine", "Thu, 01 Jan 1970 00:00:00 GMT")

    run(test())


# -- the access log ----------------------------------------------------------------------------------------------------------


class Accesses(logging.Handler):
    """The lines of the access log, and what they are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        assert isinstance(record.args, tuple)
        client, *rest = record.args
        port = str(client).rpartition(":")[2]
        self.found.append(
            (record.getMessage().replace(f":{port} ", ":PORT ") if client else record.getMessage(), rest)
        )


@contextmanager
def accesses() -> Iterator[list[tuple[str, Any]]]:
    log, heard = logging.getLogger("uvicorn.access"), Accesses()
    level = log.level
    log.addHandler(heard)
    log.setLevel(logging.INFO)
    try:
        yield heard.found
    finally:
        log.removeHandler(heard)
        log.setLevel(level)


ASKED = (
    b"GET / HTTP/1.1\r\n",
    b"GET / HTTP/1.0\r\n",
    b"HEAD / HTTP/1.1\r\n",
    b"GET /nowhere HTTP/1.1\r\n",
    b"POST / HTTP/1.1\r\n",
    b"GET /stream HTTP/1.1\r\n",
    b"GET /param/a?b=c&d=%20e+f&g='h'?i HTTP/1.1\r\n",
    b"GET /param/a%20b%C3%A9%25%0A%22 HTTP/1.1\r\n",
    b"GET /param/%ff HTTP/1.1\r\n",
    b"GET /param/a;b,c:d@e! HTTP/1.1\r\n",
    b"GET //param//a HTTP/1.1\r\n",
)


@pytest.mark.parametrize("root_path", ["", "/sub"])
def test_the_access_log_is_uvicorns(root_path: str) -> None:
    async def test(http: Any) -> list[tuple[str, Any]]:
        with accesses() as found:
            async with serving(application(), http=http, root_path=root_path) as served:
                for line in ASKED:
                    await served.ask(line + CLOSE + b"\r\n")
                await served.until_idle()
        return found

    ours, theirs = run(test(Connection)), run(test("httptools"))
    assert ours == theirs
    assert len(ours) == len(ASKED)


def test_the_access_log_has_no_client_on_a_unix_socket() -> None:
    async def test(http: Any) -> list[tuple[str, Any]]:
        with tempfile.TemporaryDirectory() as directory, accesses() as found:
            async with serving(application(), http=http, uds=f"{directory}/socket") as served:
                await served.ask(GET)
                await served.until_idle()
        return found

    assert (
        run(test(Connection))
        == run(test("httptools"))
        == [(' - "GET / HTTP/1.1" 200', ["GET", "/", "1.1", 200])]
    )


def test_no_access_is_logged_where_none_is_asked_for() -> None:
    async def test() -> None:
        async with serving(application(), access_log=False) as served:
            await served.ask(GET)
            assert served.lane.access is None

    log = logging.getLogger("uvicorn.access")
    before = log.handlers[:], log.propagate
    try:
        run(test())
    finally:
        log.handlers[:], log.propagate = before


def test_a_request_whose_client_leaves_before_its_answer_is_no_access() -> None:
    app = application()
    begun = asyncio.Event()

    @app.post("/wait")
    async def wait(request: Request) -> bytes:
        begun.set()
        return await request.body()

    async def test(http: Any) -> list[tuple[str, Any]]:
        begun.clear()
        with accesses() as found:
            async with serving(app, http=http) as served:
                peer = await served.open()
                await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                await peer.until(b"root_path")
                await peer.send(b"POST /wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
                await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
                peer.close()
                await served.until_idle()
        return found

    assert len(run(test(Connection))) == 1
