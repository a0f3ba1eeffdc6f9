"""What a scenario is, and the words that scenarios are written in."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from typing import Any, Literal, NamedTuple

from tests.scenarios.wire import Reply

__all__ = [
    "CLIENT_ERROR",
    "CLOSE",
    "GOOD",
    "GOOD_OR_CLIENT_ERROR",
    "HOST",
    "NEXT",
    "REFUSED",
    "SMUGGLED",
    "Judge",
    "Lane",
    "Scenario",
    "answers",
    "ask",
    "bad_chunk",
    "bad_coding",
    "bad_length",
    "chunked",
    "contains",
    "cut",
    "has",
    "is_next",
    "kept",
    "post",
    "without",
]

#: ``any`` makes sense in every lane; ``wire`` only where there are bytes and connections; ``fast`` is promised by our own
#: protocol class only: where uvicorn's does otherwise, the test says so and is skipped.
Lane = Literal["any", "wire", "fast"]

Judge = Callable[[Reply], bool]


class Scenario(NamedTuple):
    """One conversation.

    Args:
        name: begins with the catalogue's id.
        sent: the exact bytes.
        status: what the first response may have; empty when the connection may only be closed.
        body: the exact body, or a judgement of the response.
        fields: values that must be there; None for one that must not be.
        after: what each further response must be, by a judgement; no more responses may come.
        lane: where it makes sense.
        may_close: whether closing without an answer is an answer too.
        every: whether each further response must come; without it the server may close instead.
        methods: of the requests, as far as their bytes do not tell.
    """

    name: str
    sent: bytes
    status: Container[int] = (200,)
    body: bytes | Judge | None = None
    fields: Mapping[str, str | None] = {}
    after: tuple[Judge, ...] = ()
    lane: Lane = "any"
    may_close: bool = False
    every: bool = False
    methods: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def asked(self) -> list[str]:
        """The methods of the requests; the last one stands for all further ones."""
        if self.methods:
            return list(self.methods)
        first = self.sent.partition(b" ")[0].decode("latin-1").strip()
        return [first, "HEAD" if self.sent.count(b"HEAD ") > 1 else "GET"]


GOOD = range(200, 300)
CLIENT_ERROR = range(400, 500)
GOOD_OR_CLIENT_ERROR = (*GOOD, *CLIENT_ERROR)
REFUSED = (*CLIENT_ERROR, 501, 505)
HOST = "Host: own.test"
CLOSE = "Connection: close"
NEXT = b"GET /param/next HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n"
SMUGGLED = b"GET /param/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def ask(target: str, *fields: str, method: str = "GET", content: bytes = b"", host: str = HOST) -> bytes:
    """Return a request that closes its connection."""
    lines = [f"{method} {target} HTTP/1.1", host, *fields, CLOSE]
    if content and not any(field.lower().startswith("transfer-encoding") for field in fields):
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([line for line in lines if line]).encode("latin-1") + b"\r\n\r\n" + content


def kept(line: str, *fields: str, content: bytes = b"") -> bytes:
    """Return a request that keeps its connection."""
    return "\r\n".join([line, HOST, *fields]).encode("latin-1") + b"\r\n\r\n" + content


def chunked(*chunks: bytes) -> bytes:
    """Return a content in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def has(**expected: Any) -> Judge:
    """Judge members of a JSON document."""

    def judge(reply: Reply) -> bool:
        found = json.loads(reply.body)
        return all(found.get(name) == value for name, value in expected.items())

    return judge


def contains(text: bytes, *, not_: bytes = b"\0never\0") -> Judge:
    """Judge a part of the body."""
    return lambda reply: text in reply.body and not_ not in reply.body


def is_next(reply: Reply) -> bool:
    """Whether it is the answer to what was asked next, and not to what was smuggled."""
    return reply.status == 200 and reply.body == b'{"name":"next"}'


def answers(status: int, body: bytes | None = None) -> Judge:
    """Judge a whole response by its status, and its body if that matters."""
    return lambda reply: reply.status == status and reply.is_whole and body in {None, reply.body}


def without(*texts: bytes) -> Judge:
    """Judge that nothing of this is in the response."""

    def judge(reply: Reply) -> bool:
        whole = repr(reply.fields).encode() + reply.body
        return not any(text in whole for text in texts)

    return judge


def cut(reply: Reply) -> bool:
    """Whether the response shows that it has been cut."""
    return not reply.is_whole


def post(target: str, *fields: str, content: bytes = b"") -> bytes:
    """Return a POST whose framing is the scenario's, and that closes its connection."""
    return kept(f"POST {target} HTTP/1.1", *fields, CLOSE, content=content)


def bad_length(number: str, value: str) -> Scenario:
    """Refuse a Content-Length that is none."""
    sent = post("/body", f"Content-Length: {value}", content=b"hello")
    return Scenario(f"HDR-{number} Content-Length {value!r}", sent, (400,), lane="wire", may_close=True)


def bad_coding(number: str, value: str) -> Scenario:
    """Refuse a Transfer-Encoding that is not chunked."""
    sent = kept(
        "POST /body HTTP/1.1",
        f"Transfer-Encoding: {value}",
        content=b"0\r\n\r\nGET /echo?smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    return Scenario(
        f"HDR-{number} Transfer-Encoding {value!r}", sent, (400, 501), lane="fast", may_close=True
    )


def bad_chunk(number: str, content: bytes) -> Scenario:
    """Refuse a chunk that is none."""
    sent = post("/body", "Transfer-Encoding: chunked", content=content)
    return Scenario(f"HDR-{number} bad chunk {content[:12]!r}", sent, (400,), lane="wire", may_close=True)
