"""What a set of routes answers, found slowly: every route is tried against the path, then the best is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from wadjet.routing.matcher import ANY_METHOD, Entry
from wadjet.routing.pattern import Pattern

__all__ = ["KINDS", "LITERALS", "REST", "Answers", "Sample", "expected"]

LITERALS = ("a", "b", "1", "a.b", "é", "x y")
#: Written form → rank and expression; the groups are the values, of digits a number.
KINDS = {
    "v-{:int}": (1, r"v-([0-9]{1,18})"),
    "{}.{:slug}": (2, r"(.+)\.([A-Za-z0-9_-]+)"),
    "{:int}": (3, r"([0-9]{1,18})"),
    "{:slug}": (4, r"([A-Za-z0-9_-]+)"),
    "{}": (5, r"(.+)"),
}
REST = "{:path}"
_REST_RANK, _MOUNT_RANK = 6, 7


class Answers:
    """Targets are words, so that a test reads as a table."""

    not_found = "404"
    bad_path = "400"
    redirect = "redirect"

    def not_allowed(self, allow: tuple[str, ...]) -> str:
        return f"405 {' '.join(allow)}"

    def options(self, allow: tuple[str, ...]) -> str:
        return f"204 {' '.join(allow)}"


class Sample(NamedTuple):
    """A route, its parameters not yet named; a mount has no trailing slash."""

    parts: tuple[str, ...]
    method: str
    strict: bool = False

    @property
    def is_mount(self) -> bool:
        return self.method == ANY_METHOD

    @property
    def path(self) -> str:
        number = count()
        written = "/" + "/".join(self.parts).replace(" ", "%20")
        return re.sub(r"\{(:\w+)?\}", lambda found: f"{{p{next(number)}{found[1] or ''}}}", written)

    @property
    def target(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def rank(self) -> tuple[int, ...]:
        ends = {REST: _REST_RANK}
        return tuple(KINDS[part][0] if part in KINDS else ends.get(part, 0) for part in self.parts)

    def entry(self) -> Entry[str]:
        pattern = Pattern.prefix(self.path) if self.is_mount else Pattern.parse(self.path)
        return Entry(pattern, {self.method: self.target}, None, self.strict, self.is_mount, repr(self))

    def twin(self) -> Sample | None:
        if self.strict or self.is_mount or self.parts[-1] == REST:
            return None
        parts = self.parts[:-1] if self.parts[-1] == "" else (*self.parts, "")
        return self._replace(parts=parts)


def _read(part: str, text: str) -> list[object] | None:
    if part not in KINDS:
        return [] if part == text else None
    found = re.fullmatch(KINDS[part][1], text)
    if found is None:
        return None
    return [int(value) if ":int" in part else value for value in found.groups()]


def _values(parts: tuple[str, ...], segments: list[str]) -> dict[str, object] | None:
    if parts and parts[-1] == REST:
        rest = "/".join(segments[len(parts) - 1 :])
        if not rest or rest.startswith("/"):
            return None
        front = _values(parts[:-1], segments[: len(parts) - 1])
        return None if front is None else {**front, f"p{len(front)}": rest}
    if len(parts) != len(segments):
        return None
    values: list[object] = []
    for part, text in zip(parts, segments, strict=True):
        read = _read(part, text)
        if read is None:
            return None
        values += read
    return {f"p{number}": value for number, value in enumerate(values)}


class _Candidate(NamedTuple):
    rank: tuple[int, ...]
    method: str
    target: str
    values: dict[str, object]


def _candidates(samples: list[Sample], segments: list[str]) -> Iterator[_Candidate]:
    routed = {sample.parts for sample in samples if not sample.is_mount}
    for sample in samples:
        size = len(sample.parts)
        is_below = sample.is_mount and len(segments) > size
        values = _values(sample.parts, segments[:size] if is_below else segments)
        if values is None:
            continue
        if is_below:
            yield _Candidate((*sample.rank, _MOUNT_RANK), sample.method, sample.target, values)
        elif not sample.is_mount:
            yield _Candidate(sample.rank, sample.method, sample.target, values)
        elif sample.parts not in routed:
            answer = (sample.target, values) if sample.strict else ("redirect", {})
            yield _Candidate(sample.rank, sample.method, *answer)


def expected(samples: list[Sample], method: str, segments: list[str]) -> tuple[str, dict[str, object]]:
    """The target's word and the values."""
    refused: set[str] = set()
    for found in sorted(_candidates(samples, segments), key=lambda candidate: candidate.rank):
        if found.method == method or (found.method == ANY_METHOD and not refused):
            return found.target, found.values
        refused |= {found.method} - {ANY_METHOD}
    if refused:
        allow = " ".join(sorted({*refused, "OPTIONS"}))
        return f"204 {allow}" if method == "OPTIONS" else f"405 {allow}", {}
    twins = (sample.twin() for sample in samples)
    if any(twin is not None and _values(twin.parts, segments) is not None for twin in twins):
        return "redirect", {}
    return "404", {}
