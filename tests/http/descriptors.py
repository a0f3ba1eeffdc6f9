"""Which descriptors of this process are of a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["FOLDER", "descriptors", "until_closed", "with_descriptors"]

FOLDER = Path("/proc/self/fd")

with_descriptors = pytest.mark.skipif(not FOLDER.is_dir(), reason="no /proc/self/fd to count descriptors")


def descriptors(path: Path) -> int:
    """Return how many are of a file."""
    links = []
    for number in os.listdir(FOLDER):
        try:
            links.append(os.readlink(FOLDER / number))
        except FileNotFoundError:  # the one that lists them
            continue
    return links.count(str(path.resolve()))


def until_closed(path: Path, wait: Callable[[float], object]) -> bool:
    """Wait until no descriptor is of a file, for two seconds at the most: a thread may still be reading."""
    for _ in range(200):
        if not descriptors(path):
            return True
        wait(0.01)
    return False
