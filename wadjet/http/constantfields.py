"""Fields that middleware adds to every response, encoded once: a head that is ready stays ready."""

from __future__ import annotations

from collections.abc import Iterable

from ..types import RawHeaders
from .headers import Fields, MutableHeaders, encode_fields
from .wire import field_lines

__all__ = ["ConstantFields", "FieldPairs", "with_lines"]

FieldPairs = tuple[tuple[bytes, bytes], ...]

#: How many heads are kept; there are about as many as there are routes, and files.
_MOST_HEADS = 1024


class ConstantFields:
    """Fields that are the same for many responses.

    Args:
        fields: each is left out where the response has one of its name.
        vary: request fields that ``Vary`` names from now on.
        unless: a field that stands for all of them: where the response has it, none is added.

    Raises:
        ValueError: an invalid name or value.
    """

    __slots__ = ("_heads", "_pairs", "_unless", "_vary")

    def __init__(self, fields: Fields = (), *, vary: Iterable[str] = (), unless: bytes | None = None) -> None:
        self._unless = unless
        self._pairs = tuple(encode_fields(fields))
        self._vary = tuple(vary)
        self._heads: dict[bytes, tuple[FieldPairs, bytes]] = {}

    def merged(self, fields: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
        """Return the fields of a response with these among them."""
        whole = list(fields)
        names = {name for name, _ in whole}
        if self._unless not in names:
            whole += [pair for pair in self._pairs if pair[0] not in names]
        if self._vary:
            MutableHeaders(whole).add_vary(*self._vary)
        return whole

    def head_with(
        self, head: bytes, fields: Iterable[tuple[bytes, bytes]], *, keeps: bool
    ) -> tuple[FieldPairs, bytes]:
        """Return the fields of a response that is ready, and its head as text, with these among them.

        Args:
            head: its head as it was: the status line, the fields, and what says how the content is framed.
            fields: as they were.
            keeps: whether other responses have the same head.
        """
        # PERF(bench: inproc_json): looked up by the text, whose hash is computed once, for it is made at assembly.
        known = self._heads.get(head)
        if known is not None:
            return known
        own = tuple(fields)
        whole = tuple(self.merged(own))
        start = head.index(b"\n") + 1
        known = whole, with_lines(head[:start] + head[start + len(field_lines(own)) :], whole)
        if keeps:
            if len(self._heads) == _MOST_HEADS:
                del self._heads[next(iter(self._heads))]
            self._heads[head] = known
        return known


def with_lines(head: bytes, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a head as text with more fields after its status line."""
    start = head.index(b"\n") + 1
    return head[:start] + field_lines(fields) + head[start:]
