"""An exception as data: what it says, what it came from, and the frames that it went through, those of the user's code marked."""

from __future__ import annotations

import inspect
import linecache
import sysconfig
import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NamedTuple

from ..conf.masking import is_secret
from .secrets import Masker
from .values import cut, shown

__all__ = ["Failure", "Frame", "failures", "is_own", "secret_locals"]

#: The most exceptions that are shown, frames of one, local variables of a frame, and characters of what one says.
_MOST_FAILURES, _MOST_FRAMES, _MOST_LOCALS, _MOST_SAID = 12, 60, 40, 4000
#: How many lines of source stand around the one where it happened, and how long they may be.
_AROUND, _LONGEST_LINE = 4, 300

_PACKAGE = str(Path(__file__).resolve().parents[1])
_PATHS = sysconfig.get_paths()
#: Where code lies that is not the user's.
_OTHERS = tuple(f"{folder}/" for folder in {_PACKAGE, _PATHS["stdlib"], _PATHS["platstdlib"]})
_INSTALLED = frozenset({"site-packages", "dist-packages"})


class Frame(NamedTuple):
    """One step of a traceback."""

    file: str
    line: int
    function: str
    #: Whether it is the user's code, and no library's.
    is_own: bool
    #: The lines around, with their numbers.
    source: tuple[tuple[int, str], ...]
    #: Of user's code, and of where it was raised.
    local_values: tuple[tuple[str, str], ...]


class Failure(NamedTuple):
    """One exception."""

    #: What it is to the one shown before it; empty for the first.
    relation: str
    kind: str
    #: Its text, its notes and what Python suggests.
    said: str
    #: Outermost first.
    frames: tuple[Frame, ...]
    #: How many frames were left out.
    left_out: int
    #: How far within groups it stands.
    depth: int


def is_own(file: str) -> bool:
    """Tell whether a file is the user's: neither Python's, nor installed, nor of this package."""
    return not (file.startswith(("<", *_OTHERS)) or _INSTALLED & set(Path(file).parts))


def failures(error: BaseException, masker: Masker) -> list[Failure]:
    """Return an exception, what it holds, and what it came from; each once."""
    return [_failure(one, relation, depth, masker) for one, relation, depth in _chain(error)]


def secret_locals(error: BaseException) -> Iterator[str]:
    """Yield what variables hold that are called like secrets: elsewhere it may be called otherwise."""
    for one, _, _ in _chain(error):
        for tb in _kept(list(_tracebacks(one))):
            if is_own(tb.tb_frame.f_code.co_filename):
                yield from _secret_texts(dict(tb.tb_frame.f_locals))


def _secret_texts(values: dict[Any, Any], depth: int = 1) -> Iterator[str]:
    for name, value in islice(values.items(), _MOST_LOCALS):
        if type(value) is dict and depth:
            yield from _secret_texts(value, depth - 1)
        elif type(value) is str and type(name) is str and is_secret(name):
            yield value


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str, int]]:
    """Yield an exception and those that belong to it, each with what it is to the other, and how deep in groups it stands."""
    pending: list[tuple[BaseException, str, int]] = [(error, "", 0)]
    seen: set[int] = set()
    while pending and len(seen) < _MOST_FAILURES:
        one, relation, depth = pending.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one, relation, depth
            pending += list(_related(one, depth))[::-1]


def _related(error: BaseException, depth: int) -> Iterator[tuple[BaseException, str, int]]:
    """Yield the exceptions that belong to one, in the order in which they are shown."""
    if isinstance(error, BaseExceptionGroup):
        total = len(error.exceptions)
        for place, member in enumerate(error.exceptions, 1):
            yield member, f"{place} of {total} in the group", depth + 1
    if error.__cause__ is not None:
        yield error.__cause__, "the direct cause", depth
    elif error.__context__ is not None and not error.__suppress_context__:
        yield error.__context__, "it was being handled when the other was raised", depth


def _failure(error: BaseException, relation: str, depth: int, masker: Masker) -> Failure:
    steps = list(_tracebacks(error))
    kept = _kept(steps)
    frames = [
        _frame(tb.tb_frame, tb.tb_lineno, masker, is_last=place == len(kept))
        for place, tb in enumerate(kept, 1)
    ]
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return Failure(relation, name, _said(error, masker), tuple(frames), len(steps) - len(kept), depth)


def _tracebacks(error: BaseException) -> Iterator[TracebackType]:
    step = error.__traceback__
    while step is not None:
        yield step
        step = step.tb_next


def _kept(steps: list[TracebackType]) -> list[TracebackType]:
    """Return what is shown of a traceback: where it begins and where it ends."""
    half = _MOST_FRAMES // 2
    return steps if len(steps) <= _MOST_FRAMES else steps[:half] + steps[-half:]


def _said(error: BaseException, masker: Masker) -> str:
    """Return the text of an exception, even of one whose ``str()`` fails, without its class."""
    told = traceback.TracebackException(type(error), error, error.__traceback__, limit=0, max_group_width=0)
    lines = "".join(told.format_exception_only())
    name = type(error).__name__
    head, found, rest = lines.partition(": ")
    # Of a SyntaxError the place stands first.
    text = rest if found and head.endswith(name) and not isinstance(error, SyntaxError) else lines
    text = "" if text.rstrip().endswith(name) and not found else text.strip()
    return cut(masker.text(text[: 2 * _MOST_SAID]), _MOST_SAID)


def _frame(frame: FrameType, line: int, masker: Masker, *, is_last: bool) -> Frame:
    code = frame.f_code
    own = is_own(code.co_filename)
    return Frame(
        masker.text(code.co_filename),
        line,
        masker.text(code.co_qualname),
        own,
        tuple(_source(frame, line, masker)),
        tuple(_locals(frame, masker)) if own or is_last else (),
    )


def _source(frame: FrameType, line: int, masker: Masker) -> Iterator[tuple[int, str]]:
    file = frame.f_code.co_filename
    try:
        linecache.checkcache(file)
        lines = linecache.getlines(file, frame.f_globals)
    except Exception:  # a loader of somebody's own
        return
    first = max(1, line - _AROUND)
    for number, text in enumerate(lines[first - 1 : line + _AROUND], first):
        yield number, cut(masker.source(text.rstrip()[: 2 * _LONGEST_LINE]), _LONGEST_LINE)


def _locals(frame: FrameType, masker: Masker) -> Iterator[tuple[str, str]]:
    values = dict(frame.f_locals)
    is_module = frame.f_locals is frame.f_globals
    names = [
        name
        for name, value in values.items()
        if not name.startswith("__")
        and not (
            is_module and (inspect.ismodule(value) or inspect.isroutine(value) or inspect.isclass(value))
        )
    ]
    for name in names[:_MOST_LOCALS]:
        yield name, shown(values[name], masker, name)
    if len(names) > _MOST_LOCALS:
        yield "…", f"{len(names) - _MOST_LOCALS} more"
