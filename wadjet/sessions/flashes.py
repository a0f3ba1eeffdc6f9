"""Flash messages: what one page leaves for the next one to show (Pyramid's ISession)."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

__all__ = ["Flashes"]

_PREFIX = "_f_"


class Flashes(MutableMapping[str, Any]):
    """Queues of messages in a session; each lasts until it is taken out."""

    __slots__ = ()

    def flash(self, msg: Any, queue: str = "", allow_duplicate: bool = True) -> None:
        """Add a message to the end of a queue.

        Args:
            msg: what JSON has.
            queue: its name.
            allow_duplicate: False adds nothing that is in the queue already.

        Raises:
            SessionValueError: a message that JSON has not.
        """
        waiting = self.peek_flash(queue)
        if allow_duplicate or msg not in waiting:
            self[_PREFIX + queue] = [*waiting, msg]

    def pop_flash(self, queue: str = "") -> list[Any]:
        """Take all messages out of a queue, the oldest first."""
        messages: list[Any] = self.get(_PREFIX + queue, [])
        if messages:
            del self[_PREFIX + queue]
        return messages

    def peek_flash(self, queue: str = "") -> list[Any]:
        """Return the messages of a queue, which stay."""
        return list(self.get(_PREFIX + queue, ()))
