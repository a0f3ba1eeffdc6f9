"""Server-sent events: an event as text, and the response that streams them (WHATWG HTML §9.2)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Unpack

from ..media import json
from .outgoing import Attributes, Fields
from .streams import StreamingResponse

__all__ = ["EventSourceResponse", "Events", "ServerSentEvent"]

Events = AsyncIterable[Any] | Iterable[Any] | Callable[[], AsyncIterable[Any] | Iterable[Any]]

#: What ends a line in an event stream, and nothing else does: str.splitlines() knows more.
_LINE_END = re.compile("\r\n|\r|\n")
#: What a client passes over.
_KEEP_ALIVE = b": keep-alive\n\n"
#: How many events wait for the client; then their maker waits too.
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of a stream.

    Args:
        data: text, or any JSON value, which leaves as JSON. Without data a client only takes note of ``id`` and ``retry``.
        event: the name that a client listens for; ``message`` where there is none.
        id: what the client sends as ``Last-Event-ID`` when it connects again; an empty text takes the last one back.
        retry: after how long the client shall connect again; a number is milliseconds.
        comment: a text that clients pass over.

    Raises:
        ValueError: a line end in ``event`` or ``id``, which would begin another field; NUL in ``id``; a negative ``retry``.
        TypeError: ``event``, ``id`` or ``comment`` is no text, or ``retry`` no whole number of milliseconds.
    """

    data: object = None
    event: str | None = None
    id: str | None = None
    retry: int | timedelta | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        for name in ("event", "id", "comment"):
            value = getattr(self, name)
            if not isinstance(value, str | None):
                raise TypeError(f"{name}={value!r:.60} of an event is no text; give {str(value)!r:.60}")
        for name, value in (("event", self.event), ("id", self.id)):
            # SECURITY: whoever chooses a name or an id must not choose the data of the next event as well.
            if value is not None and _LINE_END.search(value):
                raise ValueError(f"{name}={value!r:.60} of an event has a line end; leave it out")
        if self.id is not None and "\0" in self.id:  # a client would pass over the whole field
            raise ValueError(f"id={self.id!r:.60} of an event has a NUL; leave it out")
        if self.retry is not None and _milliseconds(self.retry) < 0:
            raise ValueError(f"retry={self.retry!r} of an event is before now")

    def __bytes__(self) -> bytes:
        """Return the event as it leaves, with the empty line that ends it.

        Raises:
            TypeError: the data has no JSON form.
        """
        lines = [f": {line}" for line in _lines(self.comment)]
        if self.event is not None:
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry is not None:
            lines.append(f"retry: {_milliseconds(self.retry)}")
        data = self.data
        if data is not None:
            text = data if isinstance(data, str) else json.dumps(data).decode()
            lines += [f"data: {line}" for line in _lines(text)]
        return "\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _lines(text: str | None) -> Iterator[str]:
    return iter(()) if text is None else iter(_LINE_END.split(text))


def _milliseconds(retry: int | timedelta) -> int:
    if isinstance(retry, timedelta):
        return retry // timedelta(milliseconds=1)
    if type(retry) is not int:  # a client would pass over the whole field
        raise TypeError(
            f"retry={retry!r:.60} of an event is no whole number of milliseconds, nor a timedelta"
        )
    return retry


class EventSourceResponse(StreamingResponse):
    """A stream of server-sent events.

    What the content gives leaves as one event each: a :class:`ServerSentEvent` as it says, bytes as they are, and anything else
    as the data of an event. Where the content gives nothing for a while, a comment keeps the connection from being taken
    for a dead one. The content is not cancelled for that: only the client's leaving ends it.

    Args:
        content: as :class:`StreamingResponse`, of events.
        status_code: 100-599; a client connects again after 200 only.
        headers: a mapping or pairs; ``Cache-Control: no-store`` and ``X-Accel-Buffering: no`` (nginx) unless said otherwise.
        keep_alive: seconds of silence after which a comment leaves; None for never.
        **attributes: as :class:`Response`.

    Raises:
        ValueError: ``keep_alive`` is not more than 0.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        content: Events,
        status_code: int | None = None,
        headers: Fields = None,
        *,
        keep_alive: float | None = 15.0,
        **attributes: Unpack[Attributes],
    ) -> None:
        if keep_alive is not None and keep_alive <= 0:
            raise ValueError(
                f"keep_alive={keep_alive!r} is not a time; give seconds, or None for no comments"
            )
        super().__init__(content, status_code, headers, **attributes)
        self.keep_alive = keep_alive
        for name, value in (("cache-control", "no-store"), ("x-accel-buffering", "no")):
            self.headers.setdefault(name, value)

    def encoded(self, chunk: object) -> bytes:
        """Return an event as it leaves.

        Raises:
            TypeError: its data has no JSON form.
        """
        if isinstance(chunk, bytes):
            return chunk
        return bytes(chunk if isinstance(chunk, ServerSentEvent) else ServerSentEvent(chunk))

    def _raw(self) -> AsyncIterator[Any]:
        events = super()._raw()
        return events if self.keep_alive is None else _kept_alive(events, self.keep_alive)


_END = object()


async def _kept_alive(events: AsyncIterator[Any], seconds: float) -> AsyncGenerator[Any, None]:
    """Give events as they come, and a comment after each time of silence; one task of their own makes them all."""
    ready: asyncio.Queue[Any] = asyncio.Queue()
    room = asyncio.Semaphore(_AHEAD)
    maker = asyncio.create_task(_make(events, ready, room), name="wadjet-events")
    maker.add_done_callback(lambda _: ready.put_nowait(_END))
    is_told = False
    try:
        while True:
            try:
                event = await _taken(ready, seconds)
            except TimeoutError:
                yield _KEEP_ALIVE
                continue
            if event is _END:
                is_told = True
                await maker  # which raises what the content has raised
                return
            room.release()
            yield event
    finally:
        maker.cancel()
        await asyncio.wait({maker})
        if not (is_told or maker.cancelled()):
            maker.result()


async def _taken(ready: asyncio.Queue[Any], seconds: float) -> Any:
    """Take the next event, or raise TimeoutError: what is waited for is the queue, and nobody who makes an event notices."""
    if not ready.empty():
        return ready.get_nowait()
    async with asyncio.timeout(seconds):
        return await ready.get()


async def _make(events: AsyncIterator[Any], ready: asyncio.Queue[Any], room: asyncio.Semaphore) -> None:
    try:
        async for event in events:
            await room.acquire()
            ready.put_nowait(event)
    finally:
        aclose = getattr(events, "aclose", None)
        if aclose is not None:  # in the task that made them: a scope is left where it was entered
            await aclose()
