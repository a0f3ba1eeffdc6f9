"""One field of a form, looked for while the content comes, without I/O."""

from __future__ import annotations

from contextlib import suppress

from .forms import FormError, FormLimits
from .multipart import Multipart, PartHead, boundary_of

__all__ = ["FieldSearch"]

#: The most bytes of a value that anybody looks for.
_LONGEST = 1024


class FieldSearch:
    """Looks for a text field of a form, and keeps nothing else of what is fed.

    Args:
        content_type: the field of the request; what is no form has no fields.
        name: of the field; letters only.
    """

    __slots__ = ("_begins", "_held", "_is_open", "_multipart", "_name", "_parts", "value")

    def __init__(self, content_type: str, name: str) -> None:
        self._name = name
        #: The value, once it has come; what is too long for one is cut.
        self.value: str | None = None
        self._multipart: Multipart | None = None
        self._parts: list[bytes] = []
        self._is_open = False
        self._begins = b"&" + name.encode() + b"="
        # As if a field had ended before the first one.
        self._held: bytes | None = b"&"
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            self._held = None
            with suppress(FormError):
                self._multipart = Multipart(boundary_of(content_type), FormLimits())
        elif kind != "application/x-www-form-urlencoded":
            self._held = None

    @property
    def is_hopeless(self) -> bool:
        """Whether no content would have the field."""
        return self._held is None and self._multipart is None

    def feed(self, data: bytes) -> bool:
        """Take some of the content; tell whether there is nothing more to look for."""
        if self._multipart is not None:
            self._feed_multipart(self._multipart, data)
        elif self._held is not None:
            self._feed_urlencoded(self._held + data)
        return self.value is not None or self.is_hopeless

    def end(self) -> None:
        """Take note that nothing more comes."""
        if self._is_open and self._multipart is None:
            self._found(self._held or b"")

    def _feed_urlencoded(self, data: bytes) -> None:
        if not self._is_open:
            start = data.find(self._begins)
            if start < 0:
                # The name may have come in part.
                self._held = data[-len(self._begins) :]
                return
            self._is_open = True
            data = data[start + len(self._begins) :]
        value, ampersand, _ = data.partition(b"&")
        if ampersand or len(value) > _LONGEST:
            self._found(value)
        else:
            self._held = value

    def _feed_multipart(self, multipart: Multipart, data: bytes) -> None:
        try:
            for event in multipart.feed(data):
                if isinstance(event, PartHead):
                    self._is_open = event.name == self._name and event.filename is None
                elif event is None and self._is_open:
                    return self._found(b"".join(self._parts))
                elif event is not None and self._is_open and sum(map(len, self._parts)) <= _LONGEST:
                    self._parts.append(event)
        except FormError:
            self._multipart = None
        return None

    def _found(self, value: bytes) -> None:
        self.value = value[:_LONGEST].decode("latin-1")
        self._is_open = False
