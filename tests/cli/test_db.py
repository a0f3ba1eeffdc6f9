"""``wadjet db``: migrations of a whole life, in processes as a developer has them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

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

#: Runs commands one after the other, as between two changes of the models: most of a process of its own would be imports.
RUNNER = """
import json, sqlite3, sys
from contextlib import closing
from click.testing import CliRunner
from wadjet.cli import main

for words in json.loads(sys.argv[1]):
    done = CliRunner().invoke(main, ["db", "--app", "site_of_test:app", *words])
    crash = "" if done.exception is None or isinstance(done.exception, SystemExit) else repr(done.exception)
    with closing(sqlite3.connect("wadjet.db")) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(post)")]
    print(json.dumps([done.exit_code, done.output + crash, columns]))
"""


class Done(NamedTuple):
    """What a command has done: its status, what it says, and the columns that there are afterwards."""

    status: int
    said: str
    columns: list[str]


def run_all(folder: Path, *commands: list[str]) -> list[Done]:
    """Run commands where an application stands."""
    command = [sys.executable, "-c", RUNNER, json.dumps(commands)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [Done(*json.loads(line)) for line in done.stdout.splitlines()]


def test_tables_follow_their_models(tmp_path: Path) -> None:
    site = tmp_path / "site_of_test.py"
    site.write_text(SITE)
    early, init, again, revision, waiting, migrate, status = run_all(
        tmp_path,
        ["status"],
        ["init"],
        ["init"],
        ["revision", "-m", "first"],
        ["status"],
        ["migrate"],
        ["status"],
    )
    assert (early.status, again.status, waiting.status) == (2, 2, 1)
    assert "type: wadjet db init" in early.said
    assert "has migrations already" in again.said
    assert "database: nothing" in waiting.said
    assert [each for each in (init, revision, migrate, status) if each.status] == []
    assert waiting.columns == []
    assert migrate.columns == ["id", "title"]

    site.write_text(SITE.replace("# more", "views: Mapped[int | None]"))
    revision, migrate, back, nothing = run_all(
        tmp_path,
        ["revision", "-m", "second"],
        ["migrate"],
        ["migrate", "--", "-1"],
        ["migrate", "nothing"],
    )
    assert [each for each in (revision, migrate, back) if each.status] == []
    assert migrate.columns == ["id", "title", "views"]
    assert back.columns == ["id", "title"]
    assert nothing.status == 1
    assert "Can't locate revision" in nothing.said


def test_an_application_that_is_not_there_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "env.py").touch()
    command = [sys.executable, "-m", "wadjet", "db", "--app", "site_of_test:app", "status"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there is no module 'site_of_test'" in done.stderr
