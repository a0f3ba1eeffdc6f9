"""What the documentation shows has types that mypy accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

from tests.architecture.source import ROOT
from tests.docs.blocks import chains
from tests.docs.test_code_blocks import PAGES, blocks_of

#: Mistakes that a page shows because they are mistakes: a word of the line and the code of the error.
SHOWN = {("lokation", "call-arg"), ('return "seven"', "return-value")}

_ERROR = re.compile(r"(?P<file>[^:\n]+):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$", re.MULTILINE)


def test_types_of_what_the_pages_show_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # so that what mypy remembers has the same names next time
    for page in PAGES:
        for chain in chains(blocks_of(page)):
            # Blank lines in front of each block give its lines the numbers that they have on the page.
            lines: list[str] = []
            for block in chain:
                lines += [""] * (block.line - 1 - len(lines)) + block.code.splitlines()
            name = re.sub(r"\W", "_", f"{block.page}_{chain[0].line}")
            Path(f"{name}.py").write_text("\n".join(lines))
    options = ["--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'docs'}", "--python-version=3.11"]
    told, failed, _ = api.run([*options, "."])
    assert not failed
    errors = list(_ERROR.finditer(told))
    shown = [
        (Path(error["file"]).read_text().splitlines()[int(error["line"]) - 1], error) for error in errors
    ]
    wrong = [
        error[0]
        for line, error in shown
        if not any(word in line and code == error["code"] for word, code in SHOWN)
    ]
    assert not wrong, "\n".join(wrong)
    assert len(errors) == len(SHOWN)
