"""The floor of the fast lane: a protocol by hand that sends the bytes that Wadjet sends, straight from the parser's call.

No task, no request, no router, no limit and no time-out: what httptools and uvloop cost when nothing else is done. Run it as
``python -m benchmarks.bareproto HOST PORT``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from email.utils import formatdate
from typing import Any

import httptools
import uvloop

from benchmarks import work
from benchmarks.models import EVENTS
from benchmarks.statics import CONTENT, FILE, LAST_MODIFIED, TAG

__all__ = ["BareProtocol"]

_REASONS = {
    200: b"OK",
    201: b"Created",
    400: b"Bad Request",
    401: b"Unauthorized",
    404: b"Not Found",
    422: b"Unprocessable Content",
}


#: The head of S5, but for the date: the digits of what is left, and of when the window ends.
_SECURED = b"".join(
    [
        b"HTTP/1.1 200 OK\r\n",
        *(b"%b: %b\r\n" % field for field in work.SECURED),
        b"content-length: 26\r\nx-ratelimit-remaining: %d\r\nx-ratelimit-reset: %d\r\n",
        b'ratelimit: "default";r=%d;t=%d\r\nretry-after: 0\r\n',
    ]
)


class _Heads:
    """What is known before a request; the date is written anew each second, not for each answer."""

    def __init__(self) -> None:
        self.write()

    def write(self) -> None:
        """Take the date of now."""
        date = b"date: %b\r\n\r\n" % formatdate(usegmt=True).encode()
        text = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 13\r\n"
        json = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 27\r\n"
        stream = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n"
        version = b"x-content-type-options: nosniff\r\ncache-control: no-cache\r\netag: %b\r\n" % TAG
        described = b"last-modified: %b\r\naccept-ranges: bytes\r\n" % LAST_MODIFIED
        file = b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n" + version + described
        self.secured = _SECURED + date
        self.file = file + b"content-length: %d\r\n" % len(CONTENT) + date
        self.known = b"HTTP/1.1 304 Not Modified\r\n" + version + date
        self.date = date
        self.text = text + date + b"Hello, World!"
        self.json = json + date
        self.stream = stream + date


_heads = _Heads()


class BareProtocol(asyncio.Protocol):
    """One connection; it is the parser's delegate too."""

    __slots__ = ("chunks", "client", "headers", "parser", "target", "transport")

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.client = transport.get_extra_info("peername")[0]
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: list[bytes] = []

    def on_url(self, target: bytes) -> None:
        self.target = target

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, content: bytes) -> None:
        self.chunks.append(content)

    def on_message_complete(self) -> None:
        target = self.target
        if target in {b"/plaintext", b"/cached"}:
            self.transport.write(_heads.text)
        elif target == b"/json":
            self.transport.write(_heads.json + work.message())
        elif target == b"/stream":
            self._stream()
        elif target == b"/static/file.bin":
            self._file()
        elif target == b"/secure":
            self._secured()
        else:
            self._answer(*self._work(target.decode()))

    def _file(self) -> None:
        os.stat(FILE)  # it may have changed since it was read
        if (b"if-none-match", TAG) in self.headers:
            self.transport.write(_heads.known)
        else:
            self.transport.write(_heads.file + CONTENT)

    def _secured(self) -> None:
        fields = {name.lower(): value for name, value in self.headers}
        done = work.secured(fields, self.client)
        if isinstance(done, work.Done):
            self._answer(*done)
        else:
            content, remaining, reset, seconds = done
            self.transport.write(_heads.secured % (remaining, reset, remaining, seconds) + content)

    def _work(self, target: str) -> work.Done:
        path, _, query = target.partition("?")
        if path.startswith("/users/"):
            return work.user(path, query)
        if path == "/orders":
            return work.order(b"".join(self.chunks))
        if path == "/upload":
            return work.upload(b"".join(self.chunks))
        if path == "/records":
            return work.records()
        return work.NOT_FOUND

    def _answer(self, status: int, content_type: bytes, content: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b%b"
            % (status, _REASONS[status], content_type, len(content), _heads.date, content)
        )

    def _stream(self) -> None:
        pieces = [_heads.stream]
        pieces += [b"%x\r\n%b\r\n" % (len(event), event) for event in EVENTS]
        pieces.append(b"0\r\n\r\n")
        self.transport.write(b"".join(pieces))


async def _serve(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(BareProtocol, host, port, backlog=2048)
    async with server:
        while True:
            await asyncio.sleep(1)
            _heads.write()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2])))
