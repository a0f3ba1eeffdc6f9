"""A database of which nobody asks anything, for samples that take units of work of one: until there is a room for databases."""

from __future__ import annotations

__all__ = ["PATH", "database"]

PATH = "tests.samples.standin.database"


class Database:
    """Counts the units that were begun, and those that were ended."""

    def __init__(self) -> None:
        self.open = self.begun = 0

    def begin(self, *, writes: bool) -> Database:
        """Begin a unit; it is all of them."""
        self.open += 1
        self.begun += 1
        return self

    def end(self, *, commits: bool) -> None:  # noqa: ARG002 - nothing was written
        """End a unit."""
        self.open -= 1


database = Database()
