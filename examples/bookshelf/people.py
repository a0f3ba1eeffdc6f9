"""Who may write: people with passwords and roles, and tokens for their programs, in the tables of ``wadjet.auth.models``.

``python -m examples.bookshelf.people ann librarian`` asks for a password, keeps ann, and prints a token for her programs.
"""

from __future__ import annotations

import asyncio
import getpass
import sys

from wadjet.auth import Passwords
from wadjet.auth.models import DatabaseTokens, User
from wadjet.db import IntegrityError, database_of

__all__ = ["LIBRARIAN", "add_person"]

#: The role of who may add, change and remove books.
LIBRARIAN = "librarian"


async def add_person(name: str, kept: str, *roles: str) -> str:
    """Keep somebody with the hash of a password; return a token for their programs, which is kept nowhere."""
    user = await User.objects.create(username=name, password=kept, roles=list(roles))
    return await DatabaseTokens().issue(user)


async def _introduce(name: str, password: str, roles: list[str]) -> str:
    from examples.bookshelf.app import app  # which imports this module, too
    from examples.bookshelf.store import prepare

    async with database_of(app.settings) as database:
        await prepare(database)
        async with database.transaction():
            return await add_person(name, await Passwords().hash(password), *roles)


def main(arguments: list[str]) -> None:
    if not arguments:
        sys.exit(__doc__)
    name, *roles = arguments
    password = getpass.getpass(f"Password of {name}: ")
    try:
        token = asyncio.run(_introduce(name, password, roles))
    except IntegrityError:
        sys.exit(f"{name} is known already")
    sys.stdout.write(f"{token}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
