"""Watching: what makes a stream is ended when its client leaves."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from ...http.exceptions import ClientDisconnect

__all__ = ["Watched"]


class Left(Protocol):
    """A connection that tells a task when the client leaves, by cancelling what it waits for."""

    is_lost: bool
    has_ended: bool
    streaming: asyncio.Task[Any] | None
    has_left: bool


class Watched:
    """Ends what is inside when the client leaves: it may wait for something that never comes.

    Args:
        writing: the connection.

    Raises:
        ClientDisconnect: the client left.
    """

    __slots__ = ("_task", "_writing")

    def __init__(self, writing: Left) -> None:
        self._writing = writing

    def __enter__(self) -> None:
        if self._writing.is_lost or self._writing.has_ended:
            raise ClientDisconnect
        self._task = asyncio.current_task()
        self._writing.streaming, self._writing.has_left = self._task, False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        writing, task = self._writing, self._task
        writing.streaming = None
        assert task is not None
        if writing.has_left and task.uncancel() == 0 and isinstance(error, asyncio.CancelledError):
            raise ClientDisconnect from None
