"""A trie of path segments: what the shapes of all routes have in common is walked once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from wadjet.routing.pattern import Mixed, Parameter, Segment

__all__ = ["ANY_METHOD", "Hit", "Leaf", "Node", "search"]

T = TypeVar("T")

#: The key of a target that takes every method not listed beside it.
ANY_METHOD = "*"

#: A target, and the names of the values that it is given.
Hit: TypeAlias = tuple[T, tuple[str, ...]]


class Leaf(Generic[T]):
    """What the paths of one shape answer.

    Attributes:
        methods: method → target and the names of its values.
        other: for the methods not listed.
        alone: the same, if no more specific path was found that lacks the method. Only this one is a mount's:
            what stands above it stays 405 and keeps its automatic OPTIONS.
    """

    __slots__ = ("alone", "methods", "mount", "other")

    def __init__(self, *, mount: bool) -> None:
        self.mount = mount
        self.methods: dict[str, Hit[T]] = {}
        self.other: Hit[T] | None = None
        self.alone: Hit[T] | None = None

    def add(self, methods: Mapping[str, T], names: tuple[str, ...] = ()) -> None:
        """Put targets in, over those of the same method."""
        self.methods.update({method: (target, names) for method, target in methods.items()})
        if found := self.methods.pop(ANY_METHOD, None):
            self.alone = found
            self.other = None if self.mount else found


class _Branch(Generic[T]):
    """A way on that is not literal.

    Attributes:
        read: makes one value of the text that leads here, or else
        split: makes several, or none.
        spans: the text is not the next segment but all that follows.
        following: the way to try when this one has failed.
    """

    __slots__ = ("following", "node", "order", "read", "shape", "spans", "split")

    def __init__(self, segment: Parameter | Mixed | None) -> None:
        """Read a parameter, a mixed segment, or (None, below a mount) anything."""
        self.read: Callable[[str], object] | None = None
        self.split: Callable[[str], tuple[object, ...]] = _nothing
        self.shape: Hashable = None
        self.spans = True
        self.order = (3, 0)
        if isinstance(segment, Mixed):
            self.order, self.shape, self.spans = (0, segment.rank), segment.shape, False
            self.split = segment.to_values
        elif segment is not None:
            kind = segment.converter
            self.order, self.shape, self.spans = (1 + kind.spans, kind.rank), kind, kind.spans
            self.read = kind.to_value
        self.following: _Branch[T] | None = None
        self.node: Node[T] = Node()


def _nothing(_text: str) -> tuple[object, ...]:
    return ()


class Node(Generic[T]):
    """What may follow some segments.

    Attributes:
        leaves: what answers where the path ends here: a route, then a mount.
        literals: the next segment as text.
        branches: the other ways on, the most specific first; each knows its follower.
        first, rest: of the branches, and of those that span; an empty segment is read by the latter only.
    """

    __slots__ = ("branches", "first", "leaves", "literals", "rest")

    def __init__(self) -> None:
        self.leaves: tuple[Leaf[T], ...] = ()
        self.literals: dict[str, Node[T]] = {}
        self.branches: tuple[_Branch[T], ...] = ()
        self.first: _Branch[T] | None = None
        self.rest: _Branch[T] | None = None

    def below(self, segments: Iterable[Segment]) -> Node[T]:
        """The node after these segments, made where there is none."""
        node = self
        for segment in segments:
            if isinstance(segment, str):
                node = node.literals.setdefault(segment, Node())
            else:
                node = node.branch(segment)
        return node

    def branch(self, segment: Parameter | Mixed | None) -> Node[T]:
        """The node after a segment that is not literal, or (None) after anything that begins with a slash."""
        made = _Branch[T](segment)
        for branch in self.branches:
            if branch.shape == made.shape:
                return branch.node
        # The sort is stable: of equals, the first declared is tried first.
        self.branches = tuple(sorted((*self.branches, made), key=lambda branch: branch.order))
        for branch, following in zip(self.branches, (*self.branches[1:], None), strict=True):
            branch.following = following
        self.first = self.branches[0]
        self.rest = next((branch for branch in self.branches if branch.spans), None)
        return made.node

    def leaf(self, *, mount: bool = False) -> Leaf[T]:
        """The leaf of the routes, or of the mounts, made when it is not there."""
        for leaf in self.leaves:
            if leaf.mount is mount:
                return leaf
        made = Leaf[T](mount=mount)
        self.leaves = (*self.leaves, made) if mount else (made, *self.leaves)
        return made

    def all_leaves(self) -> Iterator[Leaf[T]]:
        """The leaves here and below."""
        yield from self.leaves
        for node in (*self.literals.values(), *(branch.node for branch in self.branches)):
            yield from node.all_leaves()


#: Where a path goes that could not be read.
_NOWHERE: Node[Any] = Node()


def search(
    node: Node[T], method: str, segments: list[str], refused: list[Leaf[T]]
) -> tuple[Hit[T], tuple[object, ...]] | None:
    """Return the hit of the most specific entry that has path and method, and the values for its names.

    Args:
        node: the root.
        method: as the request has it.
        segments: decoded; the first, before the leading slash, is not looked at.
        refused: is given the leaves that have the path, but not the method.
    """
    size = len(segments)
    depth = 1
    values: tuple[object, ...] = ()
    untried: list[tuple[_Branch[T], int, tuple[object, ...]]] = []
    while True:
        if depth < size:
            text = segments[depth]
            branch = node.first if text else node.rest
            if branch is not None:
                untried.append((branch, depth, values))
            if (literal := node.literals.get(text)) is not None:
                node = literal
                depth += 1
                continue
        else:
            for leaf in node.leaves:
                hit = leaf.methods.get(method, leaf.other if refused else leaf.alone)
                if hit is not None:
                    return hit, values
                refused.append(leaf)
        if not untried:
            return None
        branch, depth, values = untried.pop()
        if branch.following is not None:
            untried.append((branch.following, depth, values))
        text = "/".join(segments[depth:]) if branch.spans else segments[depth]
        depth = size if branch.spans else depth + 1
        node = branch.node
        try:
            values += branch.split(text) if branch.read is None else (branch.read(text),)
        except ValueError:
            node = _NOWHERE
