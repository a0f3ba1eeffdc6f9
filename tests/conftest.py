"""Rules for every test: property tests have no deadline, and CI excuses no missing service."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import hypothesis
import pytest

hypothesis.settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("house")


@pytest.fixture
def needs() -> Callable[[str], str]:
    """Give a test the path of an outside program: ``needs("redis-server")``."""
    return outside


def outside(command: str) -> str:
    """Return the path of a program; where there is none, skip the test, or fail it under ``CI=true``."""
    if path := shutil.which(command):
        return path
    missing = f"{command} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing}, and CI=true excuses no missing service", pytrace=False)
    pytest.skip(missing)
