"""``wadjet db``: migrations of a whole life, in a process as a developer has it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

SITE = """
from wadjet import Wadjet
from wadjet.db import Mapped, Model, mapped_column
from wadjet.middleware import DatabaseMiddleware

class Post(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    # more

app = Wadjet(middleware=[DatabaseMiddleware])
"""


def wadjet_db(folder: Path, *words: str, status: int = 0) -> str:
    """Run a command where an application stands, and return what it says."""
    command = [sys.executable, "-m", "wadjet", "db", "--app", "site_of_test:app", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def columns(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "wadjet.db") as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(post)")]
    connection.close()
    return names


def test_tables_follow_their_models(tmp_path: Path) -> None:
    site = tmp_path / "site_of_test.py"
    site.write_text(SITE)
    assert "type: wadjet db init" in wadjet_db(tmp_path, "status", status=2)
    wadjet_db(tmp_path, "init")
    assert "has migrations already" in wadjet_db(tmp_path, "init", status=2)
    wadjet_db(tmp_path, "revision", "-m", "first")
    assert "database: nothing" in wadjet_db(tmp_path, "status", status=1)
    wadjet_db(tmp_path, "migrate")
    assert columns(tmp_path) == ["id", "title"]
    wadjet_db(tmp_path, "status")
    site.write_text(SITE.replace("# more", "views: Mapped[int | None]"))
    wadjet_db(tmp_path, "revision", "-m", "second")
    wadjet_db(tmp_path, "migrate")
    assert columns(tmp_path) == ["id", "title", "views"]
    wadjet_db(tmp_path, "migrate", "--", "-1")
    assert columns(tmp_path) == ["id", "title"]
    assert "Can't locate revision" in wadjet_db(tmp_path, "migrate", "nothing", status=1)


def test_an_application_that_is_not_there_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "env.py").touch()
    assert "there is no module 'site_of_test'" in wadjet_db(tmp_path, "status", status=2)
