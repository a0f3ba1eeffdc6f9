"""A trie of path segments: what the shapes of many routes have in common is walked once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Generic, TypeAlias, TypeVar

from wadjet.routing.pattern import Mixed, Parameter, Pattern, Segment

__all__ = ["ANY_METHOD", "Hit", "Node", "hits", "search"]

T = TypeVar("T")

#: The key of a target that takes every method not listed beside it. It is no token, so no route or request has it as its
#: method (RFC 9110 section 9.1).
ANY_METHOD = "any method"

Values: TypeAlias = tuple[Any, ...]
#: A target, the name of its value if there is exactly one, and else what names its values.
Hit: TypeAlias = tuple[T, str | None, Callable[[Values], dict[str, object]]]


class Node(Generic[T]):
    """Where some segments lead.

    Attributes:
        methods: what answers if the path ends here, by method.
        others: what answers the methods not listed: when a more specific path was refused, and when none was.
            A mount is not in the first place, so what stands before it stays 405 and keeps its OPTIONS.
        literals: the next segment as text.
        first: the most specific of the other ways on; each knows the one to try after it.
    """

    __slots__ = ("_branches", "first", "literals", "methods", "others")

    def __init__(self) -> None:
        self.methods: dict[str, Hit[T]] = {}
        self.others: tuple[Hit[T] | None, Hit[T] | None] = None, None
        self.literals: dict[str, Node[T]] = {}
        self.first: _Branch[T] | None = None
        self._branches: list[_Branch[T]] = []

    def below(self, segments: Iterable[Segment]) -> Node[T]:
        """The node after these segments, made where there is none."""
        node = self
        for segment in segments:
            if not isinstance(segment, str):
                node = node.branch(segment)
                continue
            node = node.literals.setdefault(segment, Node())
        return node

    def branch(self, segment: Parameter | Mixed | None) -> Node[T]:
        """The node after a segment that is not literal, or (None) after a slash and anything."""
        made = _Branch[T](segment)
        for branch in self._branches:
            if branch.shape == made.shape:
                return branch.node
        self._branches.append(made)
        # The sort is stable: of equals, the first declared is tried first.
        self._branches.sort(key=lambda branch: branch.order)
        for branch, following in zip(self._branches, (*self._branches[1:], None), strict=True):
            branch.following = following
        self.first = self._branches[0]
        return made.node

    def answer(self, hits: Mapping[str, Hit[T]], *, mount: bool = False) -> None:
        """Put in what answers here, over what answered the same methods."""
        self.methods.update(hits)
        if other := self.methods.pop(ANY_METHOD, None):
            self.others = None if mount else other, other

    def __iter__(self) -> Iterator[Node[T]]:
        """This node and all below."""
        yield self
        for node in (*self.literals.values(), *(branch.node for branch in self._branches)):
            yield from node


class _Branch(Generic[T]):
    """A way on that is not literal.

    Attributes:
        read: makes a value of the text that leads here; for a mixed segment, a tuple of values.
        spans: the text is not the next segment but all that follows.
        following: the branch to try when this one has failed.
    """

    __slots__ = ("following", "node", "order", "read", "shape", "spans")

    def __init__(self, segment: Parameter | Mixed | None) -> None:
        self.following: _Branch[T] | None = None
        self.node: Node[T] = Node()
        self.shape: Hashable = None
        self.spans = True
        self.read: Callable[[str], object] = str
        self.order = 3, 0
        if isinstance(segment, Mixed):
            self.order, self.shape, self.spans = (0, segment.rank), segment.shape, False
            self.read = segment.to_values
        elif segment is not None:
            kind = segment.converter
            self.order, self.shape, self.spans = (1 + kind.spans, kind.rank), kind, kind.spans
            self.read = kind.to_value


#: Where a text leads that could not be read.
_NOWHERE: Node[Any] = Node()


def search(
    node: Node[T], method: str, segments: list[str], refused: set[str]
) -> tuple[Hit[T], Values] | None:
    """Return the hit of the most specific shape that has path and method, and its values.

    Args:
        node: the root.
        method: as the request has it.
        segments: decoded; the first, before the leading slash, is not looked at.
        refused: is given the methods of the shapes that have the path, but not the method.
    """
    size = len(segments)
    depth = 1
    values: Values = ()
    untried: list[tuple[_Branch[T], int, Values]] = []
    while True:
        if depth < size:
            text = segments[depth]
            if node.first is not None:
                untried.append((node.first, depth, values))
            if (literal := node.literals.get(text)) is not None:
                node = literal
                depth += 1
                continue
        else:
            hit = node.methods.get(method, node.others[not refused])
            if hit is not None:
                return hit, values
            refused.update(node.methods)
        if not untried:
            return None
        branch, depth, values = untried.pop()
        if branch.following is not None:
            untried.append((branch.following, depth, values))
        text = segments[depth]
        depth += 1
        if branch.spans:
            text = "/".join(segments[depth - 1 :])
            depth = size
        try:
            values += (branch.read(text),)
            node = branch.node
        except ValueError:
            node = _NOWHERE


def hits(pattern: Pattern, targets: Mapping[str, T]) -> dict[str, Hit[T]]:
    """Return what `Node.answer` takes: each target with the names of its values, which may be its own."""
    mixed = [isinstance(segment, Mixed) for segment in pattern.segments if not isinstance(segment, str)]
    single = pattern.names[0] if mixed == [False] else None
    namer = _namer(pattern.names, mixed)
    return {method: (target, single, namer) for method, target in targets.items()}


def _namer(names: tuple[str, ...], mixed: list[bool]) -> Callable[[Values], dict[str, object]]:
    """Choose how to name values; those of a mixed segment are a tuple, and a mount has one without a name."""

    def name(values: Values) -> dict[str, object]:
        return dict(zip(names, values, strict=False))

    def name_flattened(values: Values) -> dict[str, object]:
        pairs = zip(mixed, values, strict=False)
        return name(tuple(chain.from_iterable(value if several else (value,) for several, value in pairs)))

    return name_flattened if any(mixed) else name
