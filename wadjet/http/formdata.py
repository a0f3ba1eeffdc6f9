"""A multipart form with its files, and a multipart form part by part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from .filewatch import FileWatch
from .forms import FormLimits, FormTooLarge, declared_charset
from .headers import Headers
from .multipart import Multipart, PartHead, boundary_of
from .spool import IN_MEMORY, Spool, gather
from .uploads import UploadFile

__all__ = ["FormData", "FormValue"]

#: A field is text, a file is a file.
FormValue: TypeAlias = str | UploadFile


class FormData:
    """Collects a form while its content comes. Fields are kept here, of files only where they are.

    Args:
        content_type: as the field of the request says.
        limits: what the form may cost.

    Raises:
        FormError: the type declares no boundary.
    """

    __slots__ = (
        "_entries",
        "_field",
        "_files",
        "_head",
        "_is_file",
        "_limits",
        "_multipart",
        "_size",
        "_value",
        "_watch",
        "file_bytes",
    )

    def __init__(self, content_type: str, limits: FormLimits) -> None:
        self._multipart = Multipart(boundary_of(content_type), limits)
        self._limits = limits
        #: Heads with the value of a field, or the place and size of a file.
        self._entries: list[tuple[PartHead, str | tuple[int, int]]] = []
        self._files = 0
        self._head: PartHead | None = None
        self._is_file = False
        #: Holds the file that is open to its rules, if it has some.
        self._watch: FileWatch | None = None
        self._value: list[bytes | bytearray] = []
        #: Of the part that is open, and of all fields.
        self._size = 0
        self._field = 0
        #: How many bytes of files have come.
        self.file_bytes = 0

    @property
    def is_large(self) -> bool:
        """Whether the files are too much for memory."""
        return self.file_bytes > IN_MEMORY

    def feed(self, data: bytes) -> None:
        """Take some of the content.

        Raises:
            FormError, FormTooLarge: as :class:`Multipart`.
            FormTooLarge, FileTypeRefused: a file is not what it may be.
        """
        for event in self._multipart.feed(data):
            if event is None:
                self._finish()
            elif not isinstance(event, bytes):
                self._begin(event)
            elif self._is_file:
                self._size += len(event)
                self.file_bytes += len(event)
                if self._watch is not None:
                    self._watch.feed(event)
            else:
                self._take(event)

    def _begin(self, head: PartHead) -> None:
        limits = self._limits
        self._head, self._size, self._value = head, 0, []
        self._is_file = head.filename is not None
        if self._is_file:
            self._files += 1
            if self._files > limits.max_files:
                raise FormTooLarge(f"more than {limits.max_files} files")
            self._watch = self._watching(head)
        elif len(self._entries) - self._files >= limits.max_fields:
            raise FormTooLarge(f"more than {limits.max_fields} form fields")

    def _watching(self, head: PartHead) -> FileWatch | None:
        rules = self._limits.files.get(head.name)
        if rules is None:
            return None
        watch = FileWatch(head.name, head.content_type, rules)
        if head.filename:  # without a name it may be a file that was not chosen: its content will tell
            watch.check_type()
        return watch

    def _take(self, data: bytes) -> None:
        """Take some of a field."""
        limits = self._limits
        self._size += len(data)
        self._field += len(data)
        if self._size > limits.max_field_bytes:
            raise FormTooLarge(f"a form field of more than {limits.max_field_bytes} bytes")
        if self._field > limits.max_fields_bytes:
            raise FormTooLarge(f"form fields of more than {limits.max_fields_bytes} bytes")
        gather(self._value, data)

    def _finish(self) -> None:
        head = self._head
        assert head is not None
        if head.filename is None:
            charset = declared_charset(head.charset)
            self._entries.append((head, b"".join(self._value).decode(charset, "replace")))
        else:
            if self._watch is not None and (head.filename or self._size):
                self._watch.end()
            self._entries.append((head, (self._multipart.place, self._size)))

    def end(self) -> None:
        """Take note that nothing more comes.

        Raises:
            FormError: as :class:`Multipart`.
        """
        self._multipart.end()

    def values(self, spool: Spool) -> Iterator[tuple[str, FormValue]]:
        """Iterate over fields and files, in order; the files are parts of what is kept.

        A file without name and content is left out: so browsers say that none was chosen (HTML: constructing the entry list).
        """
        for head, value in self._entries:
            if isinstance(value, str):
                yield head.name, value
            elif head.filename or value[1]:
                yield (
                    head.name,
                    UploadFile.kept(
                        spool,
                        *value,
                        filename=head.filename or "",
                        content_type=head.content_type,
                        name=head.name,
                        headers=Headers(head.fields),
                    ),
                )
