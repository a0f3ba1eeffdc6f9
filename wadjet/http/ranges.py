"""Parts of a representation: what a client asks for, and how they are sent (RFC 9110 §14). Reading never raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["MAX_RANGES", "ByteRanges", "ContentRange", "Range", "parse_content_range", "parse_range"]

#: SECURITY: RFC 9110 §14.2, §17.15. Whoever asks for more parts gets the whole, which costs less.
MAX_RANGES = 16

#: RFC 9110 §14.1.2: a position and what follows it, or the length of a suffix.
_SPEC = r"([0-9]*+)-([0-9]*+)"
_CONTENT_RANGE = r"(?i:bytes) +(?:([0-9]++)-([0-9]++)|\*)/(?:([0-9]++)|\*)"

#: SECURITY: int() refuses thousands of digits; no content is longer than this.
_DIGITS = 18


class Range:
    """A Range field: one part or several, in bytes, in the order they were asked for.

    ``Range(0, 5)`` is the first five bytes, ``Range(5)`` all from the sixth, ``Range(-3)`` the last three.

    Args:
        start: the first byte; a negative number counts from the end.
        end: the byte after the last; None is the end of the content.
        *more: further parts, pairs of the same two.

    Raises:
        ValueError: a part that ends before it begins, or with both a negative start and an end.
    """

    __slots__ = ("parts",)

    def __init__(self, start: int, end: int | None = None, *more: tuple[int, int | None]) -> None:
        #: The parts as they were asked for: the first byte, and the byte after the last.
        self.parts = ((start, end), *more)
        for first, stop in self.parts:
            if stop is not None and not (0 <= first < stop or first == stop == 0):
                raise ValueError(
                    f"{first} to {stop} is no range; it begins at 0 or later and ends after that"
                )

    @property
    def start(self) -> int:
        """The first byte of the first part; a negative number counts from the end."""
        return self.parts[0][0]

    @property
    def end(self) -> int | None:
        """The byte after the first part; None is the end of the content."""
        return self.parts[0][1]

    def ranges_of(self, length: int) -> list[tuple[int, int]] | None:
        """Return what to send of a content, as pairs of the first byte and the byte after the last.

        Parts that overlap or touch are one; the order is that in which they were asked for.

        Args:
            length: of the whole content, in bytes.

        Returns:
            No pair at all where nothing can be sent, for a 416 (RFC 9110 §15.5.17); None for an empty content, which
            is sent whole: no Content-Range could tell of it.
        """
        if not length:
            return None
        found = []
        for start, end in self.parts:
            first = start if start >= 0 else max(length + start, 0)
            stop = length if end is None else min(end, length)
            if first < stop:
                found.append((first, stop))
        return _merged(found)

    def content_range(self, length: int) -> ContentRange | None:
        """Return what one part would be labelled with; None where nothing, or more than one part is to be sent."""
        ranges = self.ranges_of(length)
        return ContentRange(*ranges[0], length) if ranges and len(ranges) == 1 else None

    def __iter__(self) -> Iterator[int | None]:
        return iter(self.parts[0])

    def __eq__(self, other: object) -> bool:
        return self.parts == other.parts if isinstance(other, Range) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.parts)

    def __str__(self) -> str:
        return "bytes=" + ",".join(map(_spec, self.parts))

    def __repr__(self) -> str:
        return f"<Range {self}>"


def _spec(part: tuple[int, int | None]) -> str:
    start, end = part
    if end is None:
        return f"{start}-" if start >= 0 else str(start)
    return f"{start}-{end - 1}" if end else "-0"


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what overlaps or touches (RFC 9110 §15.3.7.2); each stands where the first of its parts stood."""
    groups: list[tuple[int, int, int]] = []
    for (start, stop), place in sorted((pair, place) for place, pair in enumerate(ranges)):
        if groups and start <= groups[-1][2]:
            first_place, first, last = groups[-1]
            groups[-1] = min(first_place, place), first, max(last, stop)
        else:
            groups.append((place, start, stop))
    return [(start, stop) for _, start, stop in sorted(groups)]


def parse_range(field: str | None) -> Range | None:
    """Read a Range field; None where it is to be ignored (RFC 9110 §14.2).

    That is: it is absent, breaks the grammar, has another unit than bytes, or more than 16 parts.

    Args:
        field: its lines joined by commas.
    """
    unit, equals, members = (field or "").strip(" \t").partition("=")
    if not equals or unit.lower() != "bytes":
        return None
    specs = [spec for member in members.split(",") if (spec := member.strip(" \t"))]
    if not 0 < len(specs) <= MAX_RANGES:
        return None
    parts = [_part(spec) for spec in specs]
    if None in parts:
        return None
    (start, end), *more = [part for part in parts if part is not None]
    return Range(start, end, *more)


def _part(spec: str) -> tuple[int, int | None] | None:
    found = re.fullmatch(_SPEC, spec)
    if found is None or len(spec) == 1:
        return None
    if not found[1]:
        # A suffix of no bytes is grammatical, and nothing of any content.
        return (-_number(found[2]), None) if found[2].strip("0") else (0, 0)
    start = _number(found[1])
    if not found[2]:
        return start, None
    end = _number(found[2]) + 1
    return (start, end) if start < end else None


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _DIGITS else 10**_DIGITS


class ContentRange:
    """A Content-Range field: which part of which content this is (RFC 9110 §14.4).

    ``ContentRange(0, 5, 10)`` is ``bytes 0-4/10``, ``ContentRange(None, None, 10)`` is ``bytes */10``.

    Args:
        start: the first byte; None where nothing is sent.
        stop: the byte after the last; None where nothing is sent.
        length: of the whole content, in bytes; None where it is not known.

    Raises:
        ValueError: a part that is empty or not inside the content.
    """

    __slots__ = ("length", "start", "stop")

    def __init__(self, start: int | None, stop: int | None, length: int | None = None) -> None:
        is_unsatisfied = start is None and stop is None and length is not None and length >= 0
        if not is_unsatisfied and not _is_part(start, stop, length):
            raise ValueError(f"{start} to {stop} is no part of a content of {length} bytes")
        self.start = start
        self.stop = stop
        self.length = length

    def __iter__(self) -> Iterator[int | None]:
        return iter((self.start, self.stop, self.length))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, ContentRange) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __str__(self) -> str:
        part = "*" if self.start is None or self.stop is None else f"{self.start}-{self.stop - 1}"
        return f"bytes {part}/{'*' if self.length is None else self.length}"

    def __repr__(self) -> str:
        return f"<ContentRange {self}>"


def _is_part(start: int | None, stop: int | None, length: int | None) -> bool:
    if start is None or stop is None:
        return False
    return 0 <= start < stop and (length is None or stop <= length)


def parse_content_range(field: str | None) -> ContentRange | None:
    """Read a Content-Range field; None when it is absent, or none that makes sense (RFC 9110 §14.4)."""
    found = re.fullmatch(_CONTENT_RANGE, (field or "").strip(" \t"))
    if found is None:
        return None
    first, last, length = (None if digits is None else _number(digits) for digits in found.groups())
    try:
        return ContentRange(first, None if last is None else last + 1, length)
    except ValueError:
        return None


class ByteRanges:
    """How several parts are sent in one content, ``multipart/byteranges`` (RFC 9110 §14.6).

    For each part its head, then its bytes; at last the end.

    Args:
        ranges: two or more, as :meth:`Range.ranges_of` gives them.
        length: of the whole content, in bytes.
        content_type: of the whole content; None when it has none.
        boundary: text that no part contains; a random one is not found in any.
    """

    __slots__ = ("content_length", "content_type", "end", "heads")

    def __init__(
        self, ranges: Sequence[tuple[int, int]], length: int, content_type: str | None, boundary: str
    ) -> None:
        kind = "" if content_type is None else f"Content-Type: {content_type}\r\n"
        head = f"\r\n--{boundary}\r\n{kind}Content-Range: "
        #: What comes before the bytes of each part.
        self.heads = [
            f"{head}{ContentRange(start, stop, length)}\r\n\r\n".encode("latin-1") for start, stop in ranges
        ]
        self.heads[0] = self.heads[0].removeprefix(b"\r\n")
        #: What comes after the last part.
        self.end = f"\r\n--{boundary}--\r\n".encode("ascii")
        #: The media type of all together.
        self.content_type = f"multipart/byteranges; boundary={boundary}"
        #: Of all together, in bytes.
        self.content_length = (
            sum(map(len, self.heads)) + sum(stop - start for start, stop in ranges) + len(self.end)
        )
