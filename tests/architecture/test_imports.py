"""`import wadjet` is light, and what it installs is little."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import PACKAGE

LATER = {
    "click",
    "httptools",
    "httpx2",
    "itsdangerous",
    "jinja2",
    "multipart",
    "pydantic",
    "sqlalchemy",
    "taskiq",
    "uvicorn",
    "uvloop",
}
MOST_PACKAGES = 14


def test_importing_the_framework_loads_what_it_needs_and_no_more() -> None:
    code = f"import sys, {PACKAGE}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert LATER & set(loaded.split()) == set()


def test_the_core_installs_few_packages() -> None:
    installed = closure(PACKAGE, metadata.requires)
    assert len(installed) <= MOST_PACKAGES, sorted(installed)


def closure(distribution: str, requires: Callable[[str], Iterable[str] | None]) -> set[str]:
    """Return the distributions that installing one without its extras brings, itself included."""
    asked: set[tuple[str, str]] = set()
    waiting = [(distribution, "")]
    while waiting:
        name, extra = wanted = waiting.pop()
        if wanted in asked:
            continue
        asked.add(wanted)
        for requirement in map(Requirement, requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                required = canonicalize_name(requirement.name)
                waiting += [(required, each) for each in ("", *requirement.extras)]
    return {name for name, _ in asked}


def test_only_requested_extras_count_and_only_on_this_platform() -> None:
    requirements = {
        "a": ["B[fast]>=1", "c; sys_platform == 'nowhere'", "d; extra == 'more'"],
        "b": ["e; extra == 'fast'", "f; extra == 'slow'"],
        "e": ["a"],
    }
    assert closure("a", requirements.get) == {"a", "b", "e"}
