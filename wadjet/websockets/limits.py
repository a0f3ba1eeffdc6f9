"""What one end of a conversation may ask of the other: how much, how often, how long."""

from __future__ import annotations

from typing import NamedTuple, Self

from ..conf.settings import Settings

__all__ = ["Limits"]


class Limits(NamedTuple):
    """The limits of WebSockets, as settings give them."""

    #: The most bytes of one message.
    max_size: int
    #: Messages a second, on average; 0 for no limit.
    rate: int
    #: Seconds without a message; None for no limit.
    idle: float | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read them."""
        return cls(settings.WEBSOCKET_MAX_SIZE, settings.WEBSOCKET_MAX_RATE, settings.WEBSOCKET_IDLE_TIMEOUT)

    def exceeds(self, data: str | bytes) -> bool:
        """Tell whether a message is too long."""
        size = len(data)
        if size <= self.max_size and isinstance(data, str) and size * 4 > self.max_size:
            size = len(data.encode("utf-8", "surrogatepass"))
        return size > self.max_size
