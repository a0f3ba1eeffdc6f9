"""The file that every entry serves: 64 KiB, the same for all, and old enough that nobody doubts its date."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["CONTENT", "FILE", "FOLDER", "LAST_MODIFIED", "TAG"]

CONTENT = bytes(range(256)) * 256
#: In seconds, and as HTTP writes it.
_MOMENT = 1_700_000_000
LAST_MODIFIED = b"Tue, 14 Nov 2023 22:13:20 GMT"
#: Wadjet's.
TAG = b'"%x-%x"' % (_MOMENT * 10**9, len(CONTENT))

FOLDER = Path(tempfile.gettempdir()) / f"wadjet-benchmark-{os.getuid()}"
FILE = FOLDER / "file.bin"


def _make() -> None:
    FOLDER.mkdir(exist_ok=True)
    if not FILE.is_file() or FILE.read_bytes() != CONTENT:
        part = FOLDER / f"{os.getpid()}"
        part.write_bytes(CONTENT)
        os.utime(part, (_MOMENT, _MOMENT))
        part.replace(FILE)


_make()
