"""Holds a file of a form to its rules while it comes: what is wrong is said as soon as it shows, and not when all is there."""

from __future__ import annotations

from ..media.magic import LONGEST, begins_as
from .filerules import FileRules
from .forms import FileTypeRefused, FormTooLarge
from .parameters import media_type

__all__ = ["FileWatch"]

#: How much of a type that a client made up is repeated.
_SHOWN = 60


class FileWatch:
    """Looks at one file as it comes.

    Args:
        name: of the form's field, which the application knows.
        content_type: as the client says.
        rules: what it may be.
    """

    __slots__ = ("_kind", "_name", "_rules", "_size", "_start")

    def __init__(self, name: str, content_type: str, rules: FileRules) -> None:
        self._name = name
        self._kind = media_type(content_type) or "application/octet-stream"  # RFC 7578 §4.4
        self._rules = rules
        self._size = 0
        #: What tells the type; None once it has told.
        self._start: bytearray | None = bytearray() if rules.content_types else None

    def check_type(self) -> None:
        """Look at what the client says that it is.

        Raises:
            FileTypeRefused: a type that is not taken.
        """
        taken = self._rules.content_types
        if taken and self._kind not in taken:
            raise FileTypeRefused(
                f"the file {self._name!r} is {self._kind[:_SHOWN]!r}; it may be {', '.join(taken)}"
            )

    def feed(self, data: bytes) -> None:
        """Look at some of it.

        Raises:
            FormTooLarge: it is more than it may be.
            FileTypeRefused: it does not begin as its type does.
        """
        self._size += len(data)
        limit = self._rules.max_size
        if limit is not None and self._size > limit:
            raise FormTooLarge(f"the file {self._name!r} is more than {limit} bytes")
        if self._start is not None:
            self._start += data[:LONGEST]
            if len(self._start) >= LONGEST:
                self._tell(self._start)

    def end(self) -> None:
        """Take note that it is whole; raises as :meth:`feed`."""
        if self._start is not None:
            self._tell(self._start)

    def _tell(self, start: bytearray) -> None:
        self._start = None
        self.check_type()
        if not begins_as(self._kind, bytes(start)):
            raise FileTypeRefused(f"the file {self._name!r} does not begin as {self._kind} does")
