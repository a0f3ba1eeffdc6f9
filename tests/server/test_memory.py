"""What is freed stays with the process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

#: Takes and frees ten megabytes in pieces, and counts the pages that had to be fetched for it.
FAULTS = """
import resource
from wadjet.server.memory import keep_freed_memory

if {is_kept}:
    keep_freed_memory()

def fetched():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [b"x" * 100_000 for _ in range(100)]
    del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

fetched()
print(fetched())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep what they like")
def test_memory_that_was_freed_is_not_fetched_again() -> None:
    def faults(*, is_kept: bool) -> int:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))
        }
        code = FAULTS.format(is_kept=is_kept)
        return int(
            subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, check=True).stdout
        )

    assert faults(is_kept=True) < 100 < faults(is_kept=False)
