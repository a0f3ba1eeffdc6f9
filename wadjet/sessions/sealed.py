"""SealedSessions: each session in its client's cookie, signed. Nothing is kept on the server, so nothing can be revoked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import SessionTooLarge
from ..http.cookies import MAX_COOKIE
from ..media import json
from ..security.signing import Seal
from .policy import SessionPolicy
from .record import ID_LENGTH, Record

__all__ = ["SealedSessions"]


class SealedSessions:
    """Sessions in signed cookies. Clients can read them, and cannot change them.

    Args:
        policy: how long they live.
        secrets: the first signs, all verify.
        clock: seconds since 1970.
    """

    __slots__ = ("_clock", "_room", "_seal", "policy")

    def __init__(
        self, policy: SessionPolicy, secrets: str | Sequence[str], clock: Callable[[], float] = time.time
    ) -> None:
        self.policy = policy
        self._clock = clock
        # SECURITY: a cookie of one name says nothing under another (CVE-2026-6873).
        self._seal = Seal(f"wadjet.session:{policy.name}", secrets)
        #: What browsers keep of a cookie, without its name and attributes.
        self._room = MAX_COOKIE - len(policy.cookie("", policy.timeout, secure=True))

    def now(self) -> int:
        """Return the moment in seconds since 1970."""
        return int(self._clock())

    def read(self, cookie: str) -> Record | None:
        """Return the session in a cookie; None where it was not made here, or is over."""
        raw = self._seal.open(cookie)
        record = None if raw is None else Record.loads(raw)
        if record is None or self.policy.is_over(record.created, record.seen, self.now()):
            return None
        return record

    def key_of(self, cookie: str) -> str:
        """Return the key of the session in a cookie; empty where there is none."""
        record = self.read(cookie)
        return "" if record is None else record.key

    async def load(self, cookie: str) -> Record | None:
        """Do as :meth:`read`."""
        return self.read(cookie)

    def check(self, record: Record, data: dict[str, Any]) -> None:
        """Refuse what a session cannot hold.

        Args:
            record: the session.
            data: what it would hold.

        Raises:
            SessionTooLarge: browsers would drop the cookie.
        """
        missing = 0 if record.id else ID_LENGTH
        self._measure(len(record.dumps(shows_id=True, data=data)) + missing, data)

    def write(self, record: Record) -> str:
        """Return the cookie of a session.

        Raises:
            SessionTooLarge: browsers would drop it.
        """
        raw = record.dumps(shows_id=True)
        self._measure(len(raw), record.data)
        return self._seal.seal(raw)

    def _measure(self, size: int, data: dict[str, Any]) -> None:
        length = Seal.length(size)
        if length > self._room:
            largest = max(data, key=lambda key: len(json.dumps(data[key])))
            raise SessionTooLarge(
                f"a session of {size} bytes is a cookie of {length}, and browsers keep {self._room}; the most is in "
                f"session[{largest!r:.60}]. Keep less, or keep it on the server: SESSION_STORE='redis'"
            )
