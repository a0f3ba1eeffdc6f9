"""``wadjet check``: what it prints, and its exit status."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.checks.inspected import KEY
from wadjet.cli import main

APPLICATION = """
import dataclasses
from wadjet import Settings, Wadjet
from wadjet.middleware.security import SecurityMiddleware

@dataclasses.dataclass(frozen=True)
class Checked(Settings):
    ALLOWED_HOSTS: tuple[str, ...] = ("shop.example.com",)
    SECURE_SSL_REDIRECT: bool = True
    SECURE_HSTS_SECONDS: int = 31_536_000
    SECURE_CONTENT_SECURITY_POLICY: str = "default-src 'self'"
    TRUSTED_PROXIES: tuple[str, ...] = ("unix",)

app = Wadjet(Checked, middleware=[SecurityMiddleware])
bare = Wadjet()
plain = lambda scope, receive, send: None

def make():
    return app
"""


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "checkedshop.py").write_text(APPLICATION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    for name in [name for name in os.environ if name.startswith("WADJET_") or name == "WEB_CONCURRENCY"]:
        monkeypatch.delenv(name)
    yield
    sys.modules.pop("checkedshop", None)


def check(*arguments: str, **environ: str) -> Result:
    sys.modules.pop("checkedshop", None)
    return CliRunner().invoke(main, ["check", *arguments], env=environ)


def document(*arguments: str, **environ: str) -> Any:
    result = check(*arguments, "--json", **environ)
    return json.loads(result.stdout)


def test_nothing_found_is_status_0() -> None:
    for arguments in (
        ["checkedshop:app"],
        ["checkedshop:app", "--deploy"],
        ["checkedshop:make", "--factory", "--deploy"],
    ):
        result = check(*arguments)
        assert (result.exit_code, result.output) == (0, "Nothing was found.\n")


def test_what_is_found_is_told_with_reason_and_remedy() -> None:
    result = check("checkedshop:app", "--deploy", WADJET_SECRET_KEY="hunter2", WADJET_MAX_BODY_SIZE="1GiB")
    assert result.exit_code == 1
    assert result.output == (
        "error secret-key-weak\n"
        "  SECRET_KEY from the variable WADJET_SECRET_KEY has less than 32 characters\n"
        "  why: who guesses the key signs sessions and tokens of any user; a signed cookie is enough to try guesses on, offline\n"
        "  fix: set WADJET_SECRET_KEY to what `python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints\n"
        "\n"
        "warning body-limit-wide\n"
        "  MAX_BODY_SIZE=1073741824 from the variable WADJET_MAX_BODY_SIZE goes for every route\n"
        "  why: a few clients at once can fill memory or disk\n"
        "  fix: MAX_BODY_SIZE as it was, and max_body_size= on the routes that take uploads\n"
        "\n"
        "1 error, 1 warning.\n"
    )


def test_what_is_found_is_a_document_too() -> None:
    found = document(
        "checkedshop:app", "--deploy", WADJET_MAX_BODY_SIZE="1GiB", WADJET_SILENCED_CHECKS="hsts-off"
    )
    assert (found["app"], found["deploy"], found["silenced"]) == ("checkedshop:app", True, [])
    (finding,) = found["findings"]
    assert finding.keys() == {"id", "level", "text", "why", "fix"}
    assert (finding["id"], finding["level"]) == ("body-limit-wide", "warning")


def test_what_is_silenced_does_not_fail() -> None:
    environ = {"WADJET_MAX_BODY_SIZE": "1GiB", "WADJET_SILENCED_CHECKS": "body-limit-wide"}
    result = check("checkedshop:app", "--deploy", **environ)
    assert (result.exit_code, result.output) == (0, "Nothing was found (1 silenced).\n")
    assert [finding["id"] for finding in document("checkedshop:app", "--deploy", **environ)["silenced"]] == [
        "body-limit-wide"
    ]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--fail-on", "error"], 0),
        (["--fail-on", "warning"], 1),
        (["--fail-on", "hint"], 1),
        (["--fail-on", "never"], 0),
        ([], 1),
    ],
)
def test_what_makes_it_fail_can_be_chosen(arguments: list[str], status: int) -> None:
    result = check("checkedshop:app", "--deploy", *arguments, WADJET_MAX_BODY_SIZE="1GiB")
    assert result.exit_code == status
    assert "1 warning." in result.output


def test_settings_that_cannot_be_are_found_all_at_once() -> None:
    environ = {"WADJET_SECRET_KEY": KEY, "WADJET_CACHE_SIZE": "x", "WADJET_DEBUG": "1"}
    result = check("checkedshop:app", **environ)
    assert result.exit_code == 1
    assert result.output.count("error setting-invalid") == 2
    assert KEY not in result.output
    assert [finding["id"] for finding in document("checkedshop:app", **environ)["findings"]] == [
        "setting-invalid"
    ] * 2


def test_a_variable_that_nobody_reads_is_an_error() -> None:
    result = check("checkedshop:app", WADJET_MAX_BODI_SIZE="1")
    assert result.exit_code == 1
    assert "error variable-unknown\n  WADJET_MAX_BODI_SIZE is set" in result.output


def test_settings_are_listed_with_their_sources() -> None:
    environ = {"WADJET_SECRET_KEY": KEY}
    lines = check("checkedshop:app", "--settings", **environ).output.splitlines()
    assert "SECRET_KEY = '***'  # the variable WADJET_SECRET_KEY" in lines
    assert "SECURE_SSL_REDIRECT = True  # checkedshop.Checked" in lines
    assert "CACHE_SIZE = 67108864  # the defaults" in lines
    listed = document("checkedshop:app", "--settings", **environ)["settings"]
    assert {"name": "CACHE_SIZE", "value": "67108864", "source": "the defaults"} in listed


def test_the_number_of_workers_is_the_environments() -> None:
    assert check("checkedshop:app", "--deploy", WEB_CONCURRENCY="4").exit_code == 0
    assert check("checkedshop:app", "--deploy", WEB_CONCURRENCY="many").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'APP'"),
        (["nowhere:app"], "there is no module 'nowhere'"),
        (["checkedshop:nothing"], "has no 'nothing'; type checkedshop:app"),
        (["checkedshop:plain"], "is no application of Wadjet's"),
        (["checkedshop:app", "--workers", "0"], "--workers"),
    ],
)
def test_a_mistake_of_the_command_line_is_status_2(arguments: list[str], message: str) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert message in result.output
