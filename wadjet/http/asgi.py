"""A message and its ASGI messages. No sockets here: ``send`` is somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Protocol

from ..types import Message, RawHeaders, Send
from .headers import MutableHeaders
from .status import NO_CONTENT, check_status

__all__ = ["Sendable", "StartMessage", "send_response"]


#: How much of a stream is sent before others have their turn.
_TURN_BYTES = 65536


class Sendable(Protocol):
    """What a response has to tell in order to be sent."""

    @property
    def chunks(self) -> AsyncIterable[bytes] | None:
        """What gives the content piece by piece; None where it is whole."""

    async def close(self) -> None:
        """Let go of what was not sent."""

    def parts(self, *, head: bool) -> tuple[int, RawHeaders, bytes]:
        """Status, fields and content as they leave."""


async def send_response(response: Sendable, send: Send, *, head: bool) -> None:
    """Send a response as ASGI messages.

    Args:
        response: buffered or in chunks.
        send: the server's.
        head: the request's method is HEAD: the fields of GET leave, the content does not (RFC 9110 §9.3.2).
    """
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

    __slots__ = ("_message",)

    def __init__(self, message: Message) -> None:
        self._message = message

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
