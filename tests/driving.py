"""One request to an ASGI application, and what it sends: the application is linted, every wait is bounded."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from wadjet.testing import lint
from wadjet.types import ASGIApp, Message, Scope

__all__ = ["Sent", "drive", "exchange", "http_scope", "run"]

#: Far more than any test needs, and less than anybody would wait.
PATIENCE_SECONDS = 60
_ID = re.compile(rb"\b[0-9a-f]{16}\b")


class Sent(NamedTuple):
    """A response as it left."""

    status: int
    fields: Counter[tuple[bytes, bytes]]
    body: bytes

    def field(self, name: bytes) -> bytes | None:
        """The only value of a field."""
        values = self.getall(name)
        assert len(values) < 2, values
        return values[0] if values else None

    def getall(self, name: bytes) -> list[bytes]:
        """All values of a field."""
        return [value for known, value in self.fields.elements() if known == name]


def http_scope(
    method: str = "GET", target: str = "/", headers: Iterable[tuple[str, str]] = (), **extra: Any
) -> Scope:
    """Return a scope as uvicorn would make it."""
    path, _, query = target.partition("?")
    fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    if not any(name == b"host" for name, _ in fields):
        fields.insert(0, (b"host", b"localhost"))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": fields,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "extensions": {},
        **extra,
    }


async def drive(app: ASGIApp, scope: Scope, chunks: Iterable[bytes] = ()) -> list[Message]:
    """Send a request with a content and return the messages of the response."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    contents = list(chunks) or [b""]
    for place, chunk in enumerate(contents, 1):
        inbox.put_nowait({"type": "http.request", "body": chunk, "more_body": place < len(contents)})
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        await asyncio.sleep(0)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            inbox.put_nowait({"type": "http.disconnect"})

    async with asyncio.timeout(PATIENCE_SECONDS):
        await lint(app)(scope, inbox.get, send)
    return sent


async def exchange(
    app: ASGIApp,
    method: str = "GET",
    target: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    content: bytes = b"",
    **extra: Any,
) -> Sent:
    """Send a request and return the whole response, with the ids of errors made equal."""
    if content:
        headers = [*headers, ("content-length", str(len(content)))]
    messages = await drive(
        app,
        http_scope(method, target, headers, **extra),
        [content[:3], content[3:]] if len(content) > 3 else [content],
    )
    start, *bodies = messages
    body = b"".join(message.get("body", b"") for message in bodies)
    return Sent(start["status"], Counter(start["headers"]), _ID.sub(b"ID", body))


def run(app: ASGIApp, method: str = "GET", target: str = "/", **options: Any) -> Sent:
    """Do :func:`exchange` on a loop of its own."""
    return asyncio.run(exchange(app, method, target, **options))
