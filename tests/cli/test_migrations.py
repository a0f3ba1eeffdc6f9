"""Which database is migrated, and what is said where that cannot be."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from wadjet import Wadjet
from wadjet.cli.db import db
from wadjet.cli.migrations import run
from wadjet.db import Database
from wadjet.middleware import DatabaseMiddleware

#: What the setting ``DATABASE`` names in a test.
named: Database


def file_migrated(app: Wadjet, folder: Path) -> str:
    """Return the address of the database that Alembic gets."""
    seen: list[str] = []

    def look(config: Any) -> None:
        seen.append(config.attributes["connection"].engine.url.database)

    asyncio.run(run(app, folder, look))
    return seen[0]


def test_the_database_of_the_middleware_is_migrated(tmp_path: Path) -> None:
    chosen = Database(f"sqlite:///{tmp_path}/chosen.db")
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": chosen})])
    assert file_migrated(app, tmp_path) == f"{tmp_path}/chosen.db"


def test_the_database_of_the_settings_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_DATABASE_URL", f"sqlite:///{tmp_path}/url.db")
    assert file_migrated(Wadjet(middleware=[DatabaseMiddleware]), tmp_path) == f"{tmp_path}/url.db"
    monkeypatch.setitem(globals(), "named", Database(f"sqlite:///{tmp_path}/named.db"))
    monkeypatch.setenv("WADJET_DATABASE", f"{__name__}.named")
    assert file_migrated(Wadjet(middleware=[DatabaseMiddleware]), tmp_path) == f"{tmp_path}/named.db"


@pytest.mark.parametrize(
    "address",
    ["postgresql://anna:sesame@127.0.0.1:1/shop", "sqlite:////nowhere/at/all/shop.db"],
)
def test_a_database_that_does_not_answer_is_said_in_one_line_without_its_password(
    tmp_path: Path, address: str
) -> None:
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": Database(address)})])
    with pytest.raises(click.ClickException) as failed:
        file_migrated(app, tmp_path)
    assert failed.value.message.startswith("the database does not answer: ")
    assert "\n" not in failed.value.message
    assert "sesame" not in failed.value.message


def test_without_alembic_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *given: None if name == "alembic" else found(name, *given)
    )
    result = CliRunner().invoke(db, ["--app", "site:app", "status"])
    assert result.exit_code == 1
    assert result.output == 'Error: wadjet db needs Alembic: pip install "wadjet[db]"\n'
