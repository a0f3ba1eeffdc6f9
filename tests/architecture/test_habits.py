"""Habits of the house that a reader would miss sooner than a linter does."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, Module, read

MARKS = re.compile(rf"\b(?:{'|'.join(('TO' + 'DO', 'FIX' + 'ME', 'X' * 3))})\b")
NAMELESS = {"utils", "util", "helpers", "helper", "misc", "common"}
FOLDERS = (PACKAGE, "tests", "docs", "examples", "benchmarks")
TEXTS = {".py", ".md", ".toml", ".html", ".js", ".css", ".txt"}

EVERY_MODULE = pytest.mark.parametrize("module", read(PACKAGE), ids=lambda module: module.name)


def texts() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.suffix in TEXTS or path.name == "Makefile")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
            if path.suffix in TEXTS and not hidden:
                yield path


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if MARKS.search(line)
    ]
    assert not found, "finish it, or leave it out:\n" + "\n".join(found)


def test_no_file_is_called_after_nothing() -> None:
    names = [(module.name, NAMELESS & set(module.name.split("."))) for module in read(*FOLDERS)]
    assert [name for name, nameless in names if nameless] == []


@EVERY_MODULE
def test_a_module_states_its_law(module: Module) -> None:
    assert ast.get_docstring(module.tree), f"{module.name} has no docstring"


@EVERY_MODULE
def test_a_module_does_not_print(module: Module) -> None:
    assert prints(module) == [], f"{module.name} prints; log, or return the text"


@EVERY_MODULE
def test_an_ignored_type_error_is_named(module: Module) -> None:
    assert bare_ignores(module) == [], f"{module.name}: say which error is ignored, and why"


def prints(module: Module) -> list[int]:
    """Return the lines that print."""
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def bare_ignores(module: Module) -> list[int]:
    """Return the lines whose comment ignores type errors without a code."""
    return [
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT and re.search(r"type:\s*ignore(?!\[)", token.string)
    ]


def test_a_print_is_found() -> None:
    assert prints(Module("m", "x.print()\nif x:\n    print(x)\n")) == [3]


def test_a_bare_ignore_is_found() -> None:
    text = "a = b  # type: ignore[misc]\nc = d  # type: ignore\ne = '# type: ignore'\n"
    assert bare_ignores(Module("m", text)) == [2]


def test_decisions_are_numbered_each_by_its_own_number() -> None:
    names = sorted(path.stem for path in (ROOT / "docs" / "decisions").glob("*.md") if path.stem != "README")
    assert [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9-]+", name)] == []
    numbers = [name[:4] for name in names]
    assert [name for name in names if numbers.count(name[:4]) > 1] == []


def test_the_changelog_begins_with_what_is_released_next() -> None:
    heading = re.search(r"^## \[?([^]\s]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heading is not None
    assert heading[1] in {"Unreleased", metadata.version(PACKAGE)}
