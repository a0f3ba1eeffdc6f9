"""Memory: what is freed stays with the process, up to a bound."""

from __future__ import annotations

__all__ = ["keep_freed_memory"]

#: Bytes of a block that is large for the C library; it will keep twice as many.
_LARGE = 8 * 1024 * 1024


def keep_freed_memory() -> None:
    """Have the C library keep what is freed, up to 16 MiB, for what comes next.

    glibc gives free memory back to the system as soon as it has 128 KiB of it, and fetching a page again costs more than
    filling it: content of a megabyte would be paid for three times over. A large block that is freed tells it what to keep
    (mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD). Nothing ever touches the block, so no memory stands behind it; where
    the C library is another one, or somebody has told it what to keep, nothing changes.
    """
    bytes(_LARGE)
