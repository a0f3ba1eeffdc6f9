"""The command line: ``wadjet``. One command per file."""

from __future__ import annotations

import click

from .check import check
from .db import db
from .dev import dev
from .run import run

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wadjet")
def main() -> None:
    """Wadjet: return anything; what leaves is correct HTTP."""


main.add_command(check)
main.add_command(db)
main.add_command(dev)
main.add_command(run)
