"""What commands share: where they look for applications, and how they tell mistakes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ..errors import SettingsError
from ..server.options import OptionError

__all__ = ["import_from_here", "told_in_lines"]


class _Refused(click.ClickException):
    """A mistake of the command line, told in one line."""

    exit_code = 2


def import_from_here() -> None:
    """Let modules of the working directory be imported, before others, as ``python -m`` does."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)


@contextmanager
def told_in_lines() -> Iterator[None]:
    """Tell mistakes that are no mistakes of code without a traceback: options with status 2, settings with status 1."""
    try:
        yield
    except OptionError as error:
        raise _Refused(str(error)) from None
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
