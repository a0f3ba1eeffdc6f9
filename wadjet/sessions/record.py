"""Record: one session as it is kept."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from ..media import json

__all__ = ["ID_LENGTH", "Record", "SessionInfo", "key_of", "new_id"]

#: Bytes of chance in an identifier, and how many characters of base64url they are.
_ID_BYTES, ID_LENGTH = 32, 43
#: The form of the bytes; what has another one is not read.
_VERSION = 1


class SessionInfo(NamedTuple):
    """What may be shown of a session."""

    #: Names it; it opens nothing.
    key: str
    #: When it began, and when it was last seen, in seconds since 1970.
    created: int
    seen: int
    #: Whose it is.
    user_id: str | None


@dataclasses.dataclass(slots=True)
class Record:
    """One session."""

    #: What the client shows; a secret. Empty until something is written.
    id: str
    created: int
    seen: int
    user_id: str | None = None
    data: dict[str, Any] = dataclasses.field(default_factory=dict)
    #: What it was read from.
    raw: bytes = b""

    @property
    def key(self) -> str:
        """What names the session and opens nothing."""
        return key_of(self.id) if self.id else ""

    @property
    def info(self) -> SessionInfo:
        """What may be shown of it."""
        return SessionInfo(self.key, self.created, self.seen, self.user_id)

    def dumps(self, *, shows_id: bool, data: dict[str, Any] | None = None) -> bytes:
        """Return it as bytes.

        Args:
            shows_id: whether the id is among them.
            data: instead of its own.
        """
        identifier = self.id if shows_id else ""
        held = self.data if data is None else data
        return json.dumps([_VERSION, identifier, self.created, self.seen, self.user_id, held])

    @classmethod
    def loads(cls, raw: bytes, identifier: str = "") -> Record | None:
        """Return what was kept; None where these bytes are of another form.

        Args:
            raw: what :meth:`dumps` gave.
            identifier: its id, where the bytes do not show it.
        """
        try:
            version, shown, created, seen, user_id, data = json.loads(raw)
        except (TypeError, ValueError):
            return None
        return cls(identifier or shown, created, seen, user_id, data, raw) if version == _VERSION else None

    def merge(self, other: Record, changes: Iterable[str]) -> None:
        """Take from another record what was changed in it, key by key; what is not there any more is removed here too."""
        for key in changes:
            if key in other.data:
                self.data[key] = other.data[key]
            else:
                self.data.pop(key, None)


def new_id() -> str:
    """Return an identifier that nobody can guess, of :data:`ID_LENGTH` characters."""
    return secrets.token_urlsafe(_ID_BYTES)


def key_of(identifier: str) -> str:
    """Return what names the session of an id: whoever reads a store cannot show it to the site."""
    return sha256(identifier.encode()).hexdigest()[:32]
