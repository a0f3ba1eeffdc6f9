"""The content of one request: read once, counted as it arrives, there for every reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ..types import Message, Receive
from .exceptions import ClientDisconnect, RequestEntityTooLarge
from .spool import BLOCK, Spool, gather

__all__ = ["AHEAD", "Body", "ReceivedBody", "Replay"]

#: How many bytes of content are taken in ahead of a reader.
AHEAD = 65536
#: How long a watcher waits until it looks again whether a reader has taken what came.
_PATIENCE_SECONDS = 0.1


class Body:
    """The content of one request.

    It belongs to the request, not to a reader: whoever reads it, the next reader gets it whole. Only :meth:`stream` lets the
    chunks go, because keeping them is what a stream is there to avoid. A server feeds it; a subclass says how to wait for more.

    Args:
        length: the declared length in bytes; None when it was not declared, 0 when there is none.
        limit: the most bytes that are taken.
    """

    __slots__ = (
        "_failure",
        "_released",
        "_seen",
        "chunks",
        "data",
        "is_complete",
        "is_gone",
        "length",
        "limit",
        "spool",
    )

    def __init__(self, length: int | None, limit: int) -> None:
        self.length = length
        self.limit = limit
        #: The whole content, once it has been read.
        self.data: bytes | None = b"" if length == 0 else None
        #: What has arrived and has not been joined or streamed away; the last block may grow.
        self.chunks: list[bytes | bytearray] = []
        #: Whether the last byte has arrived.
        self.is_complete = length == 0
        #: Whether the client is known to have left.
        self.is_gone = False
        #: Why the rest will not come.
        self._failure: Exception | None = None
        #: Where it is kept, if it may be too much for memory.
        self.spool: Spool | None = None
        #: Whether chunks do not stay in :attr:`chunks`.
        self._released = False
        self._seen = 0

    @classmethod
    def having(cls, data: bytes, limit: int) -> Body:
        """Return content that is there already, however long it is."""
        body = cls(len(data), max(limit, len(data)))
        body.data = data
        body.is_complete = True
        return body

    # -- the server's side --------------------------------------------------------------------------------------------------

    def feed(self, chunk: bytes) -> None:
        """Take a chunk that has arrived."""
        self._seen += len(chunk)
        if chunk and self.chunks:
            gather(self.chunks, chunk)
        elif chunk:
            self.chunks.append(chunk)  # most content is one chunk

    def end(self) -> None:
        """Take note that everything has arrived."""
        self.is_complete = True

    def leave(self) -> None:
        """Take note that the client has left."""
        self.is_gone = True

    def fail(self, error: Exception) -> None:
        """Take note that the rest will not be waited for; readers are told ``error``."""
        self._failure = error

    async def _more(self) -> None:
        """Wait until more has arrived, or is known not to come."""
        raise RuntimeError("this Request was made without receive, so it has no content to read")

    async def is_disconnected(self) -> bool:
        """Look whether the client has left, without waiting. Content that arrives meanwhile is kept."""
        return self.is_gone

    async def wait_disconnected(self) -> None:
        """Wait until the client leaves. Content that arrives meanwhile is kept; of unread content only a little is taken in."""
        while not self.is_gone:
            await self._more()

    def close(self, _: object = None) -> None:
        """Stop watching the connection; a finished callback."""

    # -- the readers' side --------------------------------------------------------------------------------------------------

    async def read(self) -> bytes:
        """Read the whole content.

        Raises:
            RequestEntityTooLarge: it is, or is declared to be, more than the limit.
            RequestTimeout: the client sent nothing more for too long.
            ClientDisconnect: the client left before the end; a part is never handed out as the whole.
            RuntimeError: it was streamed away before.
        """
        if self.data is None and self.spool is not None:
            self.data = b"".join([chunk async for chunk in self.kept()])
        if self.data is None:
            self.check_kept()
            while not self.is_complete:
                await self.pull()
            self._check()
            if self.data is None:  # the server may have put it together
                self.data = b"".join(self.chunks)
                self.chunks.clear()
        if len(self.data) > self.limit:  # it was read before the plan with this limit was found
            raise RequestEntityTooLarge(f"The content is more than {self.limit} bytes.")
        return self.data

    async def stream(self) -> AsyncIterator[bytes]:
        """Hand out the content chunk by chunk, without keeping it.

        Raises:
            RequestEntityTooLarge, RequestTimeout, ClientDisconnect, RuntimeError: as :meth:`read`.
        """
        if self.data is not None:
            if data := await self.read():  # which holds it to the limit
                yield data
            return
        if self.spool is not None:
            async for chunk in self.kept():
                yield chunk
            return
        self.check_kept()
        self._released = True
        while self.chunks or not self.is_complete:
            if not self.chunks:
                await self.pull()
            self._check()
            ready, self.chunks = self.chunks, []
            for block in ready:
                yield bytes(block)

    def keep(self) -> Spool:
        """Keep the content, what has come and what comes, where it may be too much for memory.

        Raises:
            RuntimeError: it was streamed away before.
        """
        if self.spool is None:
            self.check_kept()
            self.spool = Spool()
            if self.data is not None:
                self.spool.add(self.data)
            for block in self.chunks:
                self.spool.add(block)
            self.chunks.clear()
            self._released = True
        return self.spool

    async def after(self, offset: int) -> bytes:
        """Return content that is kept from a place on, as much as is at hand; nothing at the end.

        Raises:
            RequestEntityTooLarge, RequestTimeout, ClientDisconnect: as :meth:`read`.
            InsufficientStorage, OSError: it cannot be kept.
        """
        spool = self.spool or self.keep()
        while offset == spool.size:
            if not self.chunks and self.is_complete:
                self._check()
                return b""
            await spool.settle()
            if not self.chunks:
                await self.pull()
            ready, self.chunks = self.chunks, []
            for chunk in ready:
                spool.add(chunk)
        self._check()
        return spool.block(offset) if spool.is_in_memory(offset) else await spool.read(offset)

    async def kept(self) -> AsyncIterator[bytes]:
        """Hand out the content chunk by chunk, and keep it for the next reader; raises as :meth:`after`."""
        offset = 0
        while chunk := await self.after(offset):
            yield chunk
            offset += len(chunk)

    def ends_at(self, offset: int) -> bool:
        """Tell whether content that is kept is all there, and ends at a place."""
        return self.is_complete and not self.chunks and self.spool is not None and self.spool.size == offset

    def whole(self) -> bytes | None:
        """Return the content if all of it has been read; blocks where a file is read."""
        spool = self.spool
        if self.data is None and spool is not None and self.ends_at(spool.size):
            found, offset = bytearray(), 0
            while block := spool.read_now(offset, BLOCK):
                found += block
                offset += len(block)
            self.data = bytes(found)
        return self.data

    def release(self, _: object = None) -> None:
        """Close the files that were kept; a finished callback."""
        if self.spool is not None:
            self.spool.close()

    def check_kept(self) -> None:
        """Raise RuntimeError when the content was streamed away."""
        if self._released and self.spool is None:
            raise RuntimeError(
                "the content of this request was streamed away; read it once with body(), or stream it once"
            )

    async def pull(self) -> None:
        """Wait for more of the content and keep what it brings; raises as :meth:`read`."""
        if self.length is not None and self.length > self.limit:
            raise RequestEntityTooLarge(
                f"The content is declared as {self.length} bytes; at most {self.limit} are taken."
            )
        await self._more()
        if not self.is_complete:
            if self.is_gone:
                raise ClientDisconnect
            if self._failure is not None:
                raise self._failure
        self._check()

    def _check(self) -> None:
        """Refuse what is too much, or less than was declared."""
        if self._seen > self.limit:
            raise RequestEntityTooLarge(f"The content is more than {self.limit} bytes.")
        if self.is_complete and self.length is not None and self._seen < self.length:
            raise ClientDisconnect


class ReceivedBody(Body):
    """Content that comes as ASGI messages.

    Args:
        receive: where they come from.
        length: as :class:`Body`.
        limit: as :class:`Body`.
    """

    __slots__ = ("_pending", "_receive", "_turn", "_wanted")

    def __init__(self, receive: Receive, length: int | None, limit: int) -> None:
        super().__init__(length, limit)
        self._receive = receive
        #: How much had come when a reader asked for more.
        self._wanted = 0
        self._pending: asyncio.Future[Message] | None = None
        #: One task at a time may receive (ASGI): a reader, or whoever watches for the client's leaving.
        self._turn = asyncio.Lock()

    async def _more(self) -> None:
        self._wanted = seen = self._seen
        async with self._turn:
            if not (self.is_complete or self.is_gone or self._seen > seen):  # a watcher may have had the turn
                self._keep(await self._next_message())

    def _keep(self, message: Message) -> None:
        """Take note of what a message says."""
        if message["type"] == "http.disconnect":
            self.leave()
        elif not self.is_complete:
            self.feed(message.get("body", b""))
            if not message.get("more_body", False):
                self.end()

    async def _next_message(self) -> Message:
        pending, self._pending = self._pending, None
        return await (self._receive() if pending is None else pending)

    async def is_disconnected(self) -> bool:
        """Look whether the client has left, without waiting. Content that arrives meanwhile is kept."""
        if not (self.is_gone or self._turn.locked()):
            pending = self._pending = self._pending or asyncio.ensure_future(self._receive())
            await asyncio.sleep(0)
            if self._pending is pending and pending.done() and self._has_room:
                self._pending = None
                self._keep(pending.result())
        return self.is_gone

    async def wait_disconnected(self) -> None:
        """Wait until the client leaves. Content that arrives meanwhile is kept; of unread content only a little is taken in."""
        while not self.is_gone:
            while not self._has_room:  # noqa: ASYNC110 - no reader should pay for an event
                await asyncio.sleep(_PATIENCE_SECONDS)
            async with self._turn:
                if not self.is_gone:  # another watcher may have had the turn
                    self._keep(await self._next_message())

    @property
    def _has_room(self) -> bool:
        return self.is_complete or self._seen - self._wanted < AHEAD

    def close(self, _: object = None) -> None:
        """Stop watching the connection; a finished callback."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None


class Replay:
    """A ``receive`` over a shared body: plain ASGI code that reads it gets the content from the beginning."""

    __slots__ = ("_index", "_is_done", "_offset", "_taken", "body")

    def __init__(self, body: Body) -> None:
        self.body = body
        #: Where this reader is: in the whole, and in which of the chunks behind how much of it.
        self._offset = 0
        self._index = 0
        self._taken = 0
        self._is_done = False

    async def __call__(self) -> Message:
        """Return the next message of this reader: the content, then the disconnect."""
        body = self.body
        if self._is_done:
            await body.wait_disconnected()
            return {"type": "http.disconnect"}
        try:
            if body.data is None:
                body.check_kept()
                if body.spool is not None:
                    chunk = await body.after(self._offset)
                    return self._message(chunk, is_last=body.ends_at(self._offset + len(chunk)))
                if not (self._has_more(body) or body.is_complete):
                    await body.pull()
        except ClientDisconnect:
            self._is_done = True
            return {"type": "http.disconnect"}
        return self._next_chunk(body)

    def _next_chunk(self, body: Body) -> Message:
        if body.data is not None:
            return self._message(body.data[self._offset :], is_last=True)
        chunk = b""
        if self._has_more(body):
            block = body.chunks[self._index]
            chunk = bytes(block[self._taken :] if self._taken else block)
            self._taken = len(block)
        return self._message(chunk, is_last=body.is_complete and not self._has_more(body))

    def _has_more(self, body: Body) -> bool:
        """Go on to the chunk that comes next, and tell whether there is any; the last one may have grown."""
        chunks = body.chunks
        if self._index + 1 < len(chunks) and self._taken == len(chunks[self._index]):
            self._index += 1
            self._taken = 0
        return self._index < len(chunks) and self._taken < len(chunks[self._index])

    def _message(self, chunk: bytes, *, is_last: bool) -> Message:
        self._offset += len(chunk)
        self._is_done = is_last
        return {"type": "http.request", "body": chunk, "more_body": not is_last}
