"""What the bookshelf is told, wherever it runs: ``WADJET_DATABASE_URL`` and its like say otherwise."""

from __future__ import annotations

import dataclasses
import secrets
from typing import Annotated

from wadjet import Settings
from wadjet.conf.kinds import MASKED

__all__ = ["Bookshelf", "Development"]


@dataclasses.dataclass(frozen=True)
class Bookshelf(Settings):
    """What holds everywhere: a file in this folder has the books; ``postgresql://user:password@host/name`` is as good."""

    DATABASE_URL: str = "sqlite:///./bookshelf.sqlite3"
    AUTH_USERS: str | None = "wadjet.auth.models.DatabaseUsers"


@dataclasses.dataclass(frozen=True)
class Development(Bookshelf):
    """What holds where nothing else is said: who has logged in is known until the program ends."""

    SECRET_KEY: Annotated[str | tuple[str, ...], MASKED] = dataclasses.field(
        default_factory=lambda: secrets.token_urlsafe(48)
    )
