"""Every Python block that the documentation shows runs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.docs.blocks import Block, blocks, chains, run

DOCS = ROOT / "docs"
PAGES = [path for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md"))) if path.is_file()]

#: Pages that explain rather than teach.
PROSE = ("docs/decisions/", "docs/architecture.md", "docs/porting.md", "README.md")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    return list(blocks(name(page), page.read_text("utf-8")))


@pytest.mark.parametrize(
    "chain", [chain for page in PAGES for chain in chains(blocks_of(page))], ids=lambda chain: str(chain[0])
)
def test_what_the_page_shows_runs(
    chain: list[Block], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if importlib.util.find_spec("wadjet.app"):
        monkeypatch.setattr("wadjet.app.Wadjet.run", lambda *args, **options: None)
    run(chain)


@pytest.mark.parametrize("page", [page for page in PAGES if not name(page).startswith(PROSE)], ids=name)
def test_a_page_opens_with_a_complete_program(page: Path) -> None:
    opening = next(iter(blocks_of(page)), None)
    assert opening is not None, f"{name(page)} shows no Python"
    assert opening.is_complete_file, f"{opening}: the first block must import wadjet and run as it stands"
