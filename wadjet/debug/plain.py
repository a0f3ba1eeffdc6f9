"""The same for terminals and for programs: a text like Python's own, and problem details (RFC 9457) with all that is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .frames import Failure, Frame
from .report import Report

__all__ = ["as_document", "as_text"]


def as_text(report: Report) -> str:
    """Return the report as text: what happened and where, how to ask again, and the rest."""
    return "\n".join(_lines(report)) + "\n"


def as_document(report: Report) -> dict[str, Any]:
    """Return the report as problem details."""
    first = report.failures[0]
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": f"{first.kind}: {first.said}" if first.said else first.kind,
        "instance": f"urn:wadjet:error:{report.identifier}",
        "id": report.identifier,
    }
    if report.request_id is not None:
        document["request_id"] = report.request_id
    document["exceptions"] = [_failure(failure) for failure in report.failures]
    for section in report.sections:
        document[section.title.lower().replace(" ", "_")] = [row._asdict() for row in section.rows]
    return document | {"curl": report.curl, "test": report.test}


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "type": failure.kind,
        "message": failure.said,
        "relation": failure.relation,
        "frames": [_frame(frame) for frame in failure.frames],
        "left_out": failure.left_out,
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "file": frame.file,
        "line": frame.line,
        "function": frame.function,
        "own": frame.is_own,
        "code": _code(frame),
        "locals": dict(frame.local_values),
    }


def _code(frame: Frame) -> str:
    return next((text.strip() for number, text in frame.source if number == frame.line), "")


def _lines(report: Report) -> Iterator[str]:
    yield f"500 Internal Server Error [{report.identifier}]"
    if report.request_id is not None:
        yield f"Request id: {report.request_id}"
    yield f"{report.method} {report.target}"
    for failure in report.failures:
        yield ""
        yield from _of_failure(failure)
    yield from ("", "As curl:", report.curl, "", "As a test:", report.test)
    for section in report.sections:
        if section.rows:
            yield from (
                f"{section.title}:",
                *(f"  {row.name}: {row.value}{_note(row.note)}" for row in section.rows),
                "",
            )


def _of_failure(failure: Failure) -> Iterator[str]:
    if failure.relation:
        yield f"-- {failure.relation}:"
    yield f"{failure.kind}: {failure.said}" if failure.said else failure.kind
    own = [frame for frame in failure.frames if frame.is_own][::-1] or list(failure.frames[-1:])
    for frame in own:
        yield from _of_frame(frame)
        yield from (f"      {name} = {value}" for name, value in frame.local_values)
    if failure.frames:
        yield f"  All frames, outermost first ({failure.left_out} left out):"
    for frame in failure.frames:
        yield from _of_frame(frame)


def _of_frame(frame: Frame) -> Iterator[str]:
    yield f'  File "{frame.file}", line {frame.line}, in {frame.function}'
    if code := _code(frame):
        yield f"    {code}"


def _note(note: str) -> str:
    return f"  ({note})" if note else ""
