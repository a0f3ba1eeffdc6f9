"""Fields that middleware adds to every response, encoded once: a head that is ready stays ready."""

from __future__ import annotations

from collections.abc import Iterable

from ..types import RawHeaders
from .headers import Fields, MutableHeaders, encode_fields
from .wire import field_lines, fields_of_lines

__all__ = ["ConstantFields", "FieldPairs"]

FieldPairs = tuple[tuple[bytes, bytes], ...]

#: How many heads are kept; there are about as many as there are routes, and files.
_MOST_HEADS = 1024


class ConstantFields:
    """Fields that are the same for many responses.

    Args:
        fields: each is left out where the response has one of its name.
        vary: request fields that ``Vary`` names from now on.
        unless: a field that stands for all of them: where the response has it, none is added.
        own: names, in small letters, of fields that come with them and differ from response to response: who adds the others
            brings these as lines.

    Raises:
        ValueError: an invalid name or value.
    """

    __slots__ = ("_pairs", "_unless", "_vary", "apart", "heads", "names", "own")

    def __init__(
        self,
        fields: Fields = (),
        *,
        vary: Iterable[str] = (),
        unless: bytes | None = None,
        own: Iterable[bytes] = (),
    ) -> None:
        self._unless = unless
        self._pairs = tuple(encode_fields(fields))
        self._vary = tuple(vary)
        #: The names of those that differ.
        self.own = frozenset(own)
        #: What a response must not have of its own, to be told of by its head alone.
        self.names = frozenset(
            {name for name, _ in self._pairs} | {b"vary"} | ({unless} if unless else set()) | self.own
        )
        #: Names of fields of one response that have been found to be none of these: those that were asked about last.
        self.apart: frozenset[bytes] | None = None
        #: Heads that are ready, with the fields among them, by the heads without.
        self.heads: dict[bytes, tuple[FieldPairs, bytes]] = {}

    def merged(self, fields: Iterable[tuple[bytes, bytes]], own: bytes = b"") -> RawHeaders:
        """Return the fields of a response with these among them.

        Args:
            fields: as they were.
            own: the lines of those that differ.

        Raises:
            ValueError: these lines are not what they were said to be.
        """
        whole = list(fields)
        names = {name for name, _ in whole}
        if self._unless not in names:
            whole += [pair for pair in self._pairs if pair[0] not in names]
        if self._vary:
            MutableHeaders(whole).add_vary(*self._vary)
        if own:
            whole += [pair for pair in fields_of_lines(own, len(self.own)) if pair[0] not in names]
        return whole

    def is_apart(self, fields: Iterable[tuple[bytes, bytes]]) -> bool:
        """Tell whether none of those that differ has the name of one of these."""
        return not self.own or self.own.isdisjoint([name for name, _ in fields])

    def head_with(self, head: bytes, fields: Iterable[tuple[bytes, bytes]]) -> tuple[FieldPairs, bytes]:
        """Return the fields of a response that is ready, and its head as text, with these among them.

        Args:
            head: its head as it was: the status line, the fields, and what says how the content is framed.
            fields: as they were.
        """
        own = tuple(fields)
        whole = tuple(self.merged(own))
        start = head.index(b"\n") + 1
        made = whole, head[:start] + field_lines(whole) + head[start + len(field_lines(own)) :]
        if len(self.heads) == _MOST_HEADS:
            del self.heads[next(iter(self.heads))]
        self.heads[head] = made
        return made
