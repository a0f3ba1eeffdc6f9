"""What is wrong with the values of a request, of every source, becomes one refusal (422)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from ..http.exceptions import UnprocessableEntity
from ..media.codecs import MOST_PROBLEMS, Problem, problems
from .sources import Missing

if TYPE_CHECKING:
    from pydantic_core import ValidationError

__all__ = ["Wrong", "attempt", "is_about_values", "refusal"]


def is_about_values(error: ValueError) -> bool:
    """Tell whether an error says that a value of the request is missing or wrong, and is no failure of code."""
    from pydantic_core import ValidationError

    return isinstance(error, Missing | ValidationError)


def attempt(read: Callable[[], object]) -> Iterator[ValueError]:
    """Yield the error that reading a value raises, if it does."""
    try:
        read()
    except ValueError as error:
        if not is_about_values(error):
            raise
        yield error


class Wrong(NamedTuple):
    """What failed to be read."""

    place: str
    #: A JSON Pointer.
    start: str
    error: ValueError

    def number(self) -> int:
        """Return how many things are wrong."""
        return 1 if isinstance(self.error, Missing) else cast("ValidationError", self.error).error_count()

    def problems(self) -> list[Problem]:
        """List what is wrong, up to the limit."""
        if isinstance(self.error, Missing):
            return [{"in": self.place, "pointer": self.start, "detail": "Field required", "type": "missing"}]
        return [
            {"in": self.place, **problem, "pointer": self.start + problem["pointer"]}
            for problem in problems(cast("ValidationError", self.error))
        ]


def refusal(wrong: Sequence[Wrong]) -> UnprocessableEntity:
    """Say what is wrong: the first problems in full, of the others how many there are."""
    found: list[Problem] = []
    for failure in wrong:
        if len(found) < MOST_PROBLEMS:
            found += failure.problems()
    found = found[:MOST_PROBLEMS]
    total = sum(failure.number() for failure in wrong)
    count = "One value is" if total == 1 else f"{total} values are"
    answer = UnprocessableEntity(f"{count} not what this address takes.", errors=found)
    if total > len(found):
        answer.extensions["unlisted"] = total - len(found)
    return answer
