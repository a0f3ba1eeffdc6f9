"""A message and its ASGI messages. No sockets here: ``send`` is somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Protocol

from ..types import Message, RawHeaders, Send
from .compression import Encoder, encode_piece, encode_whole, is_encodable, mark_encoded
from .constantfields import ConstantFields, FieldPairs
from .fieldvalues import read_whole
from .headers import MutableHeaders
from .status import NO_CONTENT, check_status

__all__ = ["EncodedSend", "Sendable", "StartMessage", "send_response"]


#: How much of a stream is sent before others have their turn.
_TURN_BYTES = 65536


class Sendable(Protocol):
    """What a response has to tell in order to be sent."""

    @property
    def chunks(self) -> AsyncIterable[bytes] | None:
        """What gives the content piece by piece; None where it is whole."""

    async def close(self) -> None:
        """Let go of what was not sent."""

    async def encode_body(self, *, head: bool) -> None:
        """Put content that is whole through its encoder, if it has one."""

    def parts(self, *, head: bool) -> tuple[int, RawHeaders, bytes]:
        """Status, fields and content as they leave."""


async def send_response(response: Sendable, send: Send, *, head: bool) -> None:
    """Send a response as ASGI messages.

    Args:
        response: buffered or in chunks.
        send: the server's.
        head: the request's method is HEAD: the fields of GET leave, the content does not (RFC 9110 §9.3.2).
    """
    await response.encode_body(head=head)
    status, fields, body = response.parts(head=head)
    start = {"type": "http.response.start", "status": status, "headers": fields}
    chunks = response.chunks
    if chunks is None:
        await send(start)
        await send({"type": "http.response.body", "body": b"" if head else body})
        return
    try:
        await send(start)
        if not head and status not in NO_CONTENT:
            waiting = 0
            async for chunk in chunks:
                if chunk:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    waiting += len(chunk)
                if waiting > _TURN_BYTES:
                    waiting = 0
                    await asyncio.sleep(
                        0
                    )  # a generator that never waits must not keep everybody else waiting
        await send({"type": "http.response.body", "body": b""})
    finally:
        await response.close()


class StartMessage:
    """The head of a response that is only an ASGI message yet: what ``after`` hooks see in the derived ASGI form."""

    __slots__ = ("_message", "encoder")

    def __init__(self, message: Message) -> None:
        self._message = message
        #: What the content is to pass through.
        self.encoder: Encoder | None = None

    @property
    def status_code(self) -> int:
        """The status."""
        return int(self._message["status"])

    @status_code.setter
    def status_code(self, value: int) -> None:
        self._message["status"] = check_status(value)

    @property
    def headers(self) -> MutableHeaders:
        """The fields; a live view."""
        fields = self._message.get("headers", ())
        if not isinstance(fields, list):
            fields = self._message["headers"] = list(fields)
        return MutableHeaders(fields)

    @property
    def content_type(self) -> str | None:
        """The media type without its parameters; None when there is none."""
        field = self.headers.get("content-type")
        return None if field is None else field.partition(";")[0].rstrip()

    @property
    def length(self) -> int | None:
        """How many bytes the content has, by what the head says; None where nobody knows."""
        return read_whole(self.headers.get("content-length") or "")

    def add_constant(self, fields: ConstantFields) -> None:
        """Add fields that many responses have, but for those of a name that is there; see :class:`~.responsehead.Head`."""
        self.add_constant_lines(fields, b"")

    def add_constant_lines(self, fields: ConstantFields, own: bytes) -> None:
        """Add such fields with some that differ from response to response, as lines; see :class:`~.responsehead.Head`."""
        raw = self.headers.raw
        raw[:] = fields.merged(raw, own)

    def add_field(self, name: bytes, value: bytes) -> None:
        """Add a field, of a name in small letters and a value that is right, unless one of its name is there."""
        headers = self.headers
        if headers.get(name) is None:
            headers.raw.append((name, value))

    def append_field(self, name: bytes, value: bytes) -> None:
        """Add a field, as above, also beside others of its name."""
        self.headers.raw.append((name, value))

    def field_values(self, name: bytes) -> list[str]:
        """Return all values of a field, in order; its name in small letters."""
        return [value.decode("latin-1") for known, value in self.headers.raw if known == name]

    def add_fields(self, fields: FieldPairs) -> None:
        """Add some fields, each as :meth:`add_field` does."""
        for name, value in fields:
            self.add_field(name, value)

    def encode_with(self, encoder: Encoder) -> None:
        """Let the content that follows pass through an encoder, if it may be encoded."""
        if self.encoder is None and is_encodable(self.status_code, self.headers):
            mark_encoded(self.headers, encoder.coding)
            self.encoder = encoder


class EncodedSend:
    """The ``send`` of one response whose content passes through an encoder.

    Args:
        encoder: an unused one.
        send: where the messages go.
        waits: whether the content is expected in one piece, so that its length can be said: the head waits for it.
        head: the request is HEAD: there is no content, and nothing to encode.
    """

    __slots__ = ("_encoder", "_head", "_send", "_start", "_waits")

    def __init__(self, encoder: Encoder, send: Send, *, waits: bool, head: bool) -> None:
        self._encoder = encoder
        self._send = send
        self._waits = waits
        self._head = head
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Take one message."""
        if message["type"] == "http.response.start" and self._waits and not self._head:
            self._start = message
            return
        if message["type"] == "http.response.body" and not self._head:
            message = await self._encoded(message)
        await self._send(message)

    async def _encoded(self, message: Message) -> Message:
        start, self._start = self._start, None
        body, more = message.get("body", b""), message.get("more_body", False)
        if more:
            data = await encode_piece(self._encoder, body) if body else b""
        else:
            data = await encode_whole(body, self._encoder)
        if start is not None:
            if not more:
                MutableHeaders(start["headers"]).set("content-length", len(data))
            await self._send(start)
        return {**message, "body": data}
