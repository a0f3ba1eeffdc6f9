"""What a module imports is found wherever and however it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.source import Module, imports, read

HOUSE = {
    name: Module(name, "", is_package=name in {"w", "w.http"})
    for name in ("w", "w.errors", "w.http", "w.http.body", "w.http.request")
}


def imported_by(text: str, name: str = "w.http.request", *, is_package: bool = False) -> set[str]:
    modules = {**HOUSE, name: Module(name, text, is_package)}
    return imports(modules.values())[name]


@pytest.mark.parametrize(
    "text",
    [
        "import w.http.body",
        "import w.http.body as content",
        "from w.http import body",
        "from w.http.body import Body",
        "from . import body",
        "from .body import Body",
        "from ..http.body import Body",
        "def later():\n    from .body import Body",
        "if TYPE_CHECKING:\n    from .body import Body",
        "importlib.import_module('w.http.body')",
        "import_module('w.http.body')",
        "__import__('w.http.body')",
    ],
)
def test_an_import_is_seen(text: str) -> None:
    assert imported_by(text) == {"w.http.body"}


@pytest.mark.parametrize(
    "text", ["import json", "from json import loads", "import wider.http.body", "", "f('w.errors')"]
)
def test_what_is_not_the_packages_own_is_left_out(text: str) -> None:
    assert imported_by(text) == set()


def test_a_name_taken_from_a_package_counts_as_the_package() -> None:
    assert imported_by("from w.http import Request", "w.errors") == {"w.http"}


def test_a_relative_import_in_a_package_starts_at_the_package() -> None:
    assert imported_by("from .body import Body\nfrom .. import errors", "w.http", is_package=True) == {
        "w.http.body",
        "w.errors",
    }


def test_modules_are_read_under_their_dotted_names(tmp_path: Path) -> None:
    for path in ("w/__init__.py", "w/http/__init__.py", "w/http/body.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x = 1\n")
    found = read("w", "absent", root=tmp_path)
    assert [(module.name, module.is_package) for module in found] == [
        ("w", True),
        ("w.http", True),
        ("w.http.body", False),
    ]
