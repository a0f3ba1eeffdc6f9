"""Settings: what can be chosen without touching code. Each is read by something."""

from __future__ import annotations

import dataclasses

__all__ = ["Settings"]


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of one application; a subclass changes defaults and adds its own.

    ``WADJET_<NAME>`` in the environment overrides each.
    """

    #: Answer crashes with their traceback. Only ``debug=True`` and a development environment may choose it.
    DEBUG: bool = False
    #: The most bytes of content that a request may bring; a route may say otherwise.
    MAX_BODY_SIZE: int = 10 * 1024 * 1024
    #: How many plain ``def`` handlers run at once.
    THREAD_POOL_SIZE: int = 40
    #: How many blocking streams are open at once; each keeps a thread until it ends.
    STREAM_POOL_SIZE: int = 64
