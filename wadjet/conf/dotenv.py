"""``.env``: variables that a developer keeps in a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigError

__all__ = ["Line", "read_dotenv"]

_LINE = re.compile(
    r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"
    r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s#"'](?:[^#]|(?<=\S)#)*)?)\s*(?:#.*)?"""
)
_ESCAPES = {"n": "\n", "t": "\t"}


class Line(NamedTuple):
    """What a line gives, and where it stands."""

    text: str
    where: str


def read_dotenv(path: Path) -> dict[str, Line]:
    r"""Return the variables of a file; none where there is no file.

    A line is ``NAME=value``, ``NAME="value"`` with the escapes ``\n``, ``\t``, ``\"`` and ``\\``, or ``NAME='value'``.
    ``#`` after white space begins a comment. Nothing is put in for ``$NAME``.

    Args:
        path: of the file, in UTF-8.

    Raises:
        ConfigError: a line that is none of these, or a file that cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            # SECURITY: the line itself may be a secret.
            raise ConfigError(f"{path}, line {number} is no NAME=value")
        name, quoted, literal, plain = match.groups()
        value = literal if literal is not None else (plain or "").rstrip()
        if quoted is not None:
            value = re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), quoted)
        found[name] = Line(value, f"{path}, line {number}")
    return found
