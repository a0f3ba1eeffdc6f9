"""A connection's own ``send`` for code that only speaks ASGI: every limit holds for it too."""

from __future__ import annotations

import contextlib
from typing import Any

from ...http.exceptions import ClientDisconnect
from ...http.headers import field_name, field_value
from ...types import Message, RawHeaders
from .framed import Framed
from .writing import Writing

__all__ = ["Gone", "Sender"]


class Gone(ClientDisconnect, OSError):
    """The client has left, as ASGI code is told it: by an OSError (ASGI HTTP 2.4)."""


class Sender:
    """The ``send`` of one request (ASGI HTTP 2.3; to a client that has left it raises, as in 2.4).

    Args:
        writing: the connection.
    """

    __slots__ = ("_framed", "_writing")

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._framed: Framed | None = None

    @property
    def is_complete(self) -> bool:
        """Whether a whole response has been sent."""
        return self._framed is not None and self._framed.is_complete

    async def __call__(self, message: Message) -> None:
        """Take one message.

        Raises:
            Gone: nobody is there to take it.
            RuntimeError: the message does not follow the one before.
            ValueError: a field, or a length, that cannot be sent.
        """
        writing, framed, kind = self._writing, self._framed, message["type"]
        if writing.is_lost:
            raise Gone
        if framed is None:
            if kind != "http.response.start":
                raise RuntimeError(f"{kind!r} was sent before 'http.response.start'")
            self._framed = Framed(writing, _final(message["status"]), _checked(message.get("headers", ())))
            return
        if kind != "http.response.body" or framed.is_complete:
            raise RuntimeError(
                f"{kind!r} was sent after {'the end' if framed.is_complete else 'the start'} of a response"
            )
        data = message.get("body", b"")
        framed.write(data if isinstance(data, bytes) else bytes(data))
        if message.get("more_body", False):
            try:
                await framed.turn()
            except ClientDisconnect:
                raise Gone from None
        else:
            framed.end()
            with contextlib.suppress(ClientDisconnect):  # it is all the same now
                await writing.drain()
            writing.over()


def _final(status: int) -> int:
    if (
        not 200 <= status <= 599
    ):  # RFC 9110 §15.2: after an interim response the client would wait for another one
        raise ValueError(f"{status} is no status of a final response")
    return int(status)


def _checked(fields: Any) -> RawHeaders:
    return [(field_name(bytes(name)), field_value(bytes(value), bytes(name))) for name, value in fields]
