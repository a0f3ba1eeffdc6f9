"""multipart/form-data (RFC 7578), without I/O. The only file that names the parser library.

The library finds the delimiters. Heads of parts are read here, by the letter: what two readers could understand differently is
refused. The same events come out however the content is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from multipart import (  # type: ignore[import-untyped]  # the library has no types
    MultipartError,
    ParserError,
    PushMultipartParser,
)

from ..types import RawHeaders
from .forms import FormError, FormLimits, FormTooLarge
from .parameters import media_type, parse_parameters

__all__ = ["MOST_AROUND", "Event", "Multipart", "PartHead", "boundary_of"]

#: How many bytes may stand before the first part, and after the last: they mean nothing (RFC 2046 §5.1.1).
MOST_AROUND = 65536
#: Content is given to the parser in pieces of so many bytes, because it copies what is around a delimiter.
_PIECE = 256 * 1024
_CR = 0x0D

#: RFC 2046 §5.1.1.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
#: As browsers write it: one parameter, and no quotes.
_USUAL_TYPE = re.compile(r"multipart/form-data; boundary=([0-9A-Za-z'+_\-.]{1,70})")
_BOUNDARY_NAME = re.compile(r";[ \t]*boundary[ \t]*=", re.IGNORECASE)
#: RFC 2183 §2. SECURITY: possessive, so that a string without its end costs one pass.
_PARAMETER = re.compile(r""";[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]++)=("(?:[^"\\]|\\.)*+"|[^";\s]++)[ \t]*""")
#: RFC 5322 §2.2: a line of a head holds no control character but HTAB; CR and LF only end it. SECURITY: no folding, nothing
#: before the colon, no line end of another kind (CVE-2026-26962).
_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*+)")
#: What nearly every part says, with nothing in it that is to be read otherwise than it is written.
_USUAL = re.compile(rb"""form-data; name="([^"\\%\x80-\xff]*+)"(?:; filename="([^"\\%\x80-\xff]*+)")?""")


class PartHead:
    """The head of one part.

    Args:
        fields: as the wire has them, names in small letters.

    Raises:
        FormError: it is not the head of a part of a form (RFC 7578 §4.2).
    """

    __slots__ = ("content_type", "fields", "filename", "name")

    def __init__(self, fields: RawHeaders) -> None:
        self.fields = fields
        said = dict(fields)
        if len(said) < len(fields):
            _check_repeated([name for name, _ in fields])
        if b"content-disposition" not in said:
            raise FormError("a part has no Content-Disposition")
        #: The name of the field; and that of the file as the client has it, None for a part that is no file.
        self.name, self.filename = _names(said[b"content-disposition"])
        #: The media type with its parameters; empty when there is none.
        self.content_type = said.get(b"content-type", b"").decode("latin-1")

    @property
    def charset(self) -> str | None:
        """The charset of the part's text, as declared."""
        if not self.content_type:
            return None
        return parse_parameters(self.content_type)[1].get("charset")


def _check_repeated(names: list[bytes]) -> None:
    for name, text in ((b"content-disposition", "Content-Dispositions"), (b"content-type", "Content-Types")):
        if names.count(name) > 1:
            raise FormError(f"a part has several {text}")


#: What comes: the head of a part, its content in pieces, its end.
Event: TypeAlias = PartHead | bytes | None


class _Parser(PushMultipartParser):  # type: ignore[misc]  # as above
    """The library's parser, with heads of our own and a place in the content.

    Args:
        boundary: the delimiters'.
        limits: those of heads are kept here.
        start: where in the content the first delimiter begins.
    """

    def __init__(self, boundary: bytes, limits: FormLimits, start: int) -> None:
        super().__init__(boundary, max_header_size=limits.max_head_bytes)
        self.limits = limits
        #: How many bytes a delimiter has with its two line ends.
        self._gap = len(boundary) + 6
        #: Where the head of the next part begins; and that of the last one, and whether that part has not come to its end.
        self.place = start + len(boundary) + 4
        self.begun = 0
        self.is_open = False
        self._head: RawHeaders = []
        self._head_bytes = 0

    def _on_segment_headerline(self, line: bytes) -> None:
        self.place += len(line) + 2
        self._head_bytes += len(line) + 2
        if self._head_bytes > self.limits.max_head_bytes or len(self._head) == self.limits.max_head_lines:
            raise FormTooLarge("the head of a part is too long")
        found = _LINE.fullmatch(line)
        if found is None:
            raise FormError("a line in the head of a part is no field")
        self._head.append((found[1].lower(), found[2].rstrip(b" \t")))

    def _create_segment(self, headerlist: list[tuple[str, str]]) -> PartHead:
        self.place += 2
        self.begun, self.is_open = self.place, True
        head, self._head, self._head_bytes = PartHead(self._head), [], 0
        return head

    def _on_segment_payload(self, chunk: bytes) -> bytes:
        self.place += len(chunk)
        return chunk

    def _on_segment_complete(self) -> None:
        self.place += self._gap
        self.is_open = False


class Multipart:
    """One form, as it comes.

    Args:
        boundary: see :func:`boundary_of`.
        limits: what it may cost.
    """

    __slots__ = ("_dashes", "_delimiter", "_held", "_limits", "_parser", "_seen")

    def __init__(self, boundary: bytes, limits: FormLimits) -> None:
        self._dashes = b"--" + boundary
        self._delimiter = b"\r\n" + self._dashes
        self._limits = limits
        self._parser: _Parser | None = None
        # A delimiter begins with a line end, the first one too if the content is thought to begin with one.
        self._held = b"\r\n"
        #: How many bytes have been taken.
        self._seen = -2

    @property
    def place(self) -> int:
        """Where in the content the part begins whose head came last."""
        return 0 if self._parser is None else self._parser.begun

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take some of the content and iterate over what it brings; all of it, before more is taken.

        Raises:
            FormError: it is not a form of this type.
            FormTooLarge: it is beyond a limit.
        """
        if self._parser is None:
            data = self._after_preamble(data)
        elif self._is_amid(self._parser, data):
            return iter((data,))
        if len(data) <= _PIECE:
            return self._parsed(data)
        pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
        return chain.from_iterable(map(self._parsed, pieces))

    def _is_amid(self, parser: _Parser, data: bytes) -> bool:
        """Take what is nothing but content of the part that is open, and tell whether it was.

        PERF(bench: wire_upload): most of a file is; the parser would say the same.
        """
        delimiter = self._delimiter
        # Where it has told of all that it was given, it holds nothing back that a delimiter could begin with.
        if not parser.is_open or parser.place != self._seen or _CR in data[1 - len(delimiter) :]:
            return False
        if len(data) > _PIECE or not data or delimiter in data:
            return False
        self._seen += len(data)
        parser.place = self._seen
        return True

    def _after_preamble(self, data: bytes) -> bytes:
        """Look for the first delimiter, and return what is there from it on."""
        held = self._held + data
        index = held.find(self._delimiter)
        dropped = index + 2 if index >= 0 else max(0, len(held) - len(self._dashes) - 1)
        self._seen += dropped
        if self._seen > MOST_AROUND:
            raise FormError("no part begins where one should")
        self._held = held[dropped:]
        if index < 0:
            return b""
        self._parser = _Parser(self._dashes[2:], self._limits, self._seen)
        found, self._held = self._held, b""
        return found

    def _parsed(self, data: bytes) -> Iterator[Event]:
        parser = self._parser
        if parser is None or not data:
            return
        self._seen += len(data)
        try:
            yield from parser.parse(data)
        except MultipartError as error:
            raise _explained(error) from None
        # What follows the last part is a head, which has a limit of its own, or the epilogue.
        if not parser.is_open and self._seen - parser.place > MOST_AROUND + self._limits.max_head_bytes:
            raise FormError("too much comes after the last part")

    def end(self) -> None:
        """Take note that nothing more comes.

        Raises:
            FormError: the last delimiter is missing: a part of a form is never taken for the whole.
        """
        if self._parser is None:
            raise FormError("no part begins with the boundary that Content-Type declares")
        try:
            self._parser.close()
        except MultipartError:
            raise FormError("it ends before its last delimiter") from None


def _explained(error: MultipartError) -> FormError:
    if isinstance(error, ParserError):
        return FormError("a delimiter or the head of a part is malformed")
    return FormTooLarge("the head of a part is too long")


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a Content-Type field declares.

    Raises:
        FormError: none, several, or one that is no boundary (RFC 2046 §5.1.1: at most 70 characters of some kinds).
    """
    usual = _USUAL_TYPE.fullmatch(content_type)
    if usual is not None:
        return usual[1].encode("ascii")
    boundary = parse_parameters(content_type)[1].get("boundary", "")
    # SECURITY: of two boundaries another reader may take the other one.
    if not _BOUNDARY.fullmatch(boundary) or len(_BOUNDARY_NAME.findall(content_type)) > 1:
        raise FormError("Content-Type declares no boundary that can be one")
    return boundary.encode("ascii")


def _names(disposition: bytes) -> tuple[str, str | None]:
    """Return the name of a field and that of its file, as a Content-Disposition field says.

    Raises:
        FormError: it is not that of a part of a form.
    """
    usual = _USUAL.fullmatch(disposition)
    if usual is not None:
        return usual[1].decode("ascii"), None if usual[2] is None else usual[2].decode("ascii")
    parameters = _disposition(disposition)
    if "name" not in parameters:
        raise FormError("a part has no name")
    # RFC 7578 §4.2: filename* is not to be used, so nobody has to know what it would mean.
    return parameters["name"], parameters.get("filename")


def _disposition(value: bytes) -> dict[str, str]:
    """Return the parameters of a Content-Disposition field.

    Raises:
        FormError: it is not that of a part of a form.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise FormError("the head of a part is not UTF-8") from None
    if media_type(text) != "form-data":
        raise FormError("a part is not form-data")
    parameters: dict[str, str] = {}
    position = text.find(";") if ";" in text else len(text)
    while position < len(text):
        found = _PARAMETER.match(text, position)
        if found is None or found[1].lower() in parameters:
            raise FormError("a Content-Disposition is malformed")
        parameters[found[1].lower()] = _unquoted(found[2])
        position = found.end()
    return parameters


def _unquoted(text: str) -> str:
    """Read a name as browsers write it (HTML: multipart form data), and as older clients do."""
    if text[0] != '"':
        return text
    text = text[1:-1]
    if '\\"' in text:
        return text.replace('\\"', '"').replace("\\\\", "\\")
    if "%" in text:
        return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
    return text
