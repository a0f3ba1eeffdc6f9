"""State: one session while a request uses it, and what is to be done when the answer is there."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from .policy import SessionPolicy
from .record import Record, new_id
from .values import checked

__all__ = ["Outcome", "State"]

_MUTABLE = (dict, list)


class Outcome(enum.Enum):
    """What is to be done with a session when the answer is there."""

    NOTHING = enum.auto()
    #: It was changed, or its time is to be extended.
    IS_KEPT = enum.auto()
    #: It has been invalidated.
    ENDS = enum.auto()


@dataclasses.dataclass(slots=True)
class State:
    """One session while a request uses it."""

    record: Record
    #: The keys that were set or deleted.
    changes: set[str] = dataclasses.field(default_factory=set)
    #: What was handed out that can be changed in place, with the JSON that it had.
    lent: dict[str, bytes] = dataclasses.field(default_factory=dict)
    #: The session as it was before it got another id, or was invalidated: it is to be ended.
    old: Record | None = None
    #: Whether what it was is over: nothing of it is kept.
    is_ended: bool = False
    #: Whether somebody has logged in.
    is_login: bool = False
    #: Whether the client is to be told: of a new id, or of more time.
    has_new_cookie: bool = False
    #: Whether it is written even if it looks as it did.
    is_marked: bool = False

    def lend(self, key: str) -> Any:
        """Return a value, and remember what it was if it can be changed in place.

        Raises:
            KeyError: there is none.
        """
        value = self.record.data[key]
        if type(value) in _MUTABLE and key not in self.lent:
            self.lent[key] = checked(key, value)
        return value

    def put(self, key: str, value: Any, written: bytes) -> None:
        """Keep a value; a session begins here. One that was there already is no change, until it is changed in place.

        Args:
            key: under which it is kept.
            value: what to keep.
            written: its JSON.
        """
        data = self.record.data
        before = self.lent.get(key) or (checked(key, data[key]) if key in data else b"")
        data[key] = value
        if before == written:
            self.lent[key] = before
        else:
            self.changes.add(key)
        self.begin()

    def drop(self, key: str) -> None:
        """Take a value away.

        Raises:
            KeyError: there is none.
        """
        del self.record.data[key]
        self.changes.add(key)
        self.begin()

    def begin(self) -> None:
        """Give it an id, if it has none."""
        if not self.record.id:
            self._name()

    def rotate(self) -> None:
        """Give it another id."""
        if self.record.raw:
            self.old = self.record
            self.record = dataclasses.replace(self.record, raw=b"")
        self._name()

    def invalidate(self, now: int) -> None:
        """End it, and put an empty one in its place."""
        if self.record.raw:
            self.old = self.record
        self.record = Record("", now, now)
        self.changes.clear()
        self.lent.clear()
        self.is_ended = True
        self.is_login = self.is_marked = False

    def settle(self, policy: SessionPolicy, now: int, *, fails: bool) -> Outcome:
        """Say what is to be done.

        Args:
            policy: how long it lives.
            now: the moment.
            fails: whether what was changed is not to be kept. An end is an end all the same.

        Raises:
            SessionValueError: something was put into a value that JSON has not.
        """
        record = self.record
        ending = Outcome.ENDS if self.is_ended and self.old is not None else Outcome.NOTHING
        if fails or not record.id:
            return ending
        self._find_changes()
        is_due = policy.is_due(record.seen, now)
        if is_due:
            record.seen = now
        self.has_new_cookie = is_due or not record.raw
        is_kept = is_due or self.changes or self.is_marked or not record.raw
        return Outcome.IS_KEPT if is_kept else Outcome.NOTHING

    def _name(self) -> None:
        # SECURITY: never what the client has shown (CWE-384).
        self.record.id = new_id()

    def _find_changes(self) -> None:
        data = self.record.data
        self.changes.update(
            key for key, before in self.lent.items() if key in data and checked(key, data[key]) != before
        )
        for key in self.changes:
            if type(data.get(key)) in _MUTABLE:
                checked(key, data[key])
