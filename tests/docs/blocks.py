"""The Python blocks of a Markdown page, and how they run."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import dedent
from types import ModuleType

__all__ = ["Block", "Failed", "blocks", "chains", "run"]

_FENCE = re.compile(
    r"^(?P<indent>[ ]*)(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<code>.*?)^[ ]*(?P=fence)`*[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_NAME = "docs"


@dataclass(frozen=True)
class Block:
    """One fenced block: where it begins, what its fence says and what it holds."""

    page: str
    line: int
    words: tuple[str, ...]
    code: str

    @property
    def is_python(self) -> bool:
        return self.words[:1] == ("python",)

    @property
    def runs(self) -> bool:
        return "no-run" not in self.words

    @property
    def continues(self) -> bool:
        return "continue" in self.words

    @property
    def is_complete_file(self) -> bool:
        imports_the_package = re.search(r"^(?:from|import) wadjet\b", self.code, re.MULTILINE)
        return self.runs and not self.continues and bool(imports_the_package)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


class Failed(Exception):
    """A block did not do what its page says."""


def blocks(page: str, text: str) -> Iterator[Block]:
    """Return the Python blocks of a page. A block's line is its first line of code."""
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start("code")) + 1
        block = Block(page, line, tuple(found["info"].split()), dedent(found["code"]))
        if block.is_python:
            yield block


def chains(found: Iterable[Block]) -> list[list[Block]]:
    """Group blocks that share a namespace: one that begins, and those that continue it."""
    grouped: list[list[Block]] = []
    for block in found:
        if not block.continues:
            grouped.append([])
        elif not grouped:
            raise Failed(f"{block}: there is no block to continue")
        grouped[-1].append(block)
    return grouped


def run(chain: Iterable[Block]) -> None:
    """Run blocks in one fresh module, as a program that was imported; only compile those that say ``no-run``.

    Raises:
        Failed: one does not compile or raises; the message has page and line.
    """
    module = sys.modules[_NAME] = ModuleType(_NAME)
    try:
        for block in chain:
            _run(block, module)
    finally:
        del sys.modules[_NAME]


def _run(block: Block, module: ModuleType) -> None:
    try:
        # Blank lines in front give each line the number that it has on the page.
        program = compile("\n" * (block.line - 1) + block.code, block.page, "exec", dont_inherit=True)
        if block.runs:
            exec(program, module.__dict__)
    except SyntaxError as error:
        raise Failed(f"{block.page}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == block.page), block.line)
        raise Failed(f"{block.page}:{line}: {type(error).__name__}: {error}") from error
