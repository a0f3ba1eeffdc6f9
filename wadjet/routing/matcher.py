"""Method and path → what answers, and the values of the path.

Built once from all entries, then only read. A path without parameters is one dict lookup; the others are
found in a trie of segments, the most specific branch first, with back-tracking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from wadjet.errors import RouteError
from wadjet.http.urls import decode_path
from wadjet.routing.converters import SubPath
from wadjet.routing.pattern import UNSAFE, Parameter, Pattern, Segment
from wadjet.routing.trie import ANY_METHOD, Hit, Node, hits, search

__all__ = ["ANY_METHOD", "Answers", "Entry", "Matcher", "relative_twin"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: As a number: CPython searches bytes for it seven times as fast as for ``b"%"``.
_PERCENT = 0x25
#: SECURITY: a segment that is one of these climbs.
_DOTS = frozenset({".", ".."})
_NO_METHODS: Mapping[str, Any] = {}
#: How many paths with a parameter that spans are looked at before the trie is.
_MOST_RESTS = 8
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_NOT_IN_SEGMENT = re.compile(rb"[^A-Za-z0-9\-._~!$&'()*+,;=:@%]")


class Answers(Protocol[T_co]):
    """What answers when no entry does. Made by assembly, so that these too are plans."""

    @property
    def not_found(self) -> T_co:
        """404."""

    @property
    def bad_path(self) -> T_co:
        """400: the path cannot be decoded, or has dot segments or control characters."""

    @property
    def redirect(self) -> T_co:
        """Redirect to `relative_twin`."""

    def not_allowed(self, allow: tuple[str, ...], /) -> T_co:
        """405 with these methods in Allow."""

    def options(self, allow: tuple[str, ...], /) -> T_co:
        """The answer to OPTIONS where no entry has one."""


class Entry(NamedTuple, Generic[T]):
    """A pattern and its targets.

    Attributes:
        methods: method → target; `ANY_METHOD` for every other. HEAD is not implied by GET.
        host: a name, ``*.name`` for all its subdomains, or None for every host.
        strict: do not redirect the same path with, or without, a trailing slash to this one.
        mount: also everything below the pattern, which is then a `Pattern.prefix`.
        origin: where it was declared, for messages.
    """

    pattern: Pattern
    methods: Mapping[str, T]
    host: str | None = None
    strict: bool = False
    mount: bool = False
    origin: str = "?"


class Matcher(Generic[T]):
    """Finds the target of a request.

    Attributes:
        by_host: some entry names a host, so `match` wants to know it.
    """

    __slots__ = ("_bad_path", "_everywhere", "_hosts", "_not_found", "_redirect", "_refusals", "by_host")

    def __init__(self, entries: Iterable[Entry[T]], answers: Answers[T]) -> None:
        """Check and compile the entries.

        Raises:
            RouteError: two entries claim the same path, host and method, or a host is none.
        """
        given = list(entries)
        _check_hosts(given)
        _check_duplicates(given)
        self._refusals = _Refusals(answers)
        self._not_found = answers.not_found
        self._bad_path = answers.bad_path
        self._redirect = answers.redirect
        hosts = {entry.host for entry in given if entry.host is not None}
        self.by_host = bool(hosts)
        self._everywhere = _Table([entry for entry in given if entry.host is None], answers.redirect)
        #: Keys are names, or ``.name`` for the subdomains of a name.
        self._hosts = {
            host.removeprefix("*"): _Table(_overlaid(given, host), answers.redirect) for host in hosts
        }
        for table in (self._everywhere, *self._hosts.values()):
            for node in filter(attrgetter("methods"), table.root):
                self._refusals.of(node.methods)  # so that the usual ones are made now

    @property
    def literals(self) -> Mapping[str, Mapping[str, T]]:
        """Path → method → target, of paths without parameters; none where an entry names a host.

        What is found here :meth:`match` finds too, if nothing in the path was escaped.
        """
        return {} if self.by_host else self._everywhere.literals

    def match(
        self, method: str, path: str, raw_path: bytes | None = None, host: str | None = None
    ) -> tuple[T, dict[str, object]]:
        """Return the target and a fresh dict of the path's values.

        Args:
            method: case-sensitive (RFC 9110 section 9.1).
            path: decoded, below the application's root path.
            raw_path: the same, not decoded, without query; it divides the path, so that an escaped slash is data,
                unless it is another path: middleware may change the one and not the other.
            host: lower-case, without port; only asked for if `by_host`.
        """
        table = self._everywhere if host is None else self._table_of(host)
        if raw_path is None or _PERCENT not in raw_path:
            # PERF(bench: route_literal): most paths have no parameters.
            target = table.literals.get(path, _NO_METHODS).get(method)
            if target is not None:
                return target, {}
            # PERF(bench: route_parameter): most others have one, and it is their last segment.
            head, _, tail = path.rpartition("/")
            way = table.tails.get(head)
            if way is not None and (hit := way.hit(method, tail)) is not None:
                return hit
            # PERF(bench: wire_file): a folder of files is one parameter that spans.
            for start, rest in table.rests:
                if path.startswith(start) and (hit := rest.hit(method, path[len(start) :])) is not None:
                    return hit
        return self._search(table, method, path, raw_path)

    def _search(
        self, table: _Table[T], method: str, path: str, raw_path: bytes | None
    ) -> tuple[T, dict[str, object]]:
        """Match, the plain way."""
        if raw_path is None or _PERCENT not in raw_path:
            segments = path.split("/")
        else:
            segments = _divided(path, raw_path)
            path = "/".join(segments)
        if (segments[0] or "/." in path or not path.isprintable()) and _is_unsafe(path):
            return self._bad_path, {}
        refused: set[str] = set()
        if (found := search(table.root, method, segments, refused)) is None:
            return self._miss(table, method, segments, refused), {}
        (target, name, namer), values = found
        # PERF(bench: route_parameter): one parameter is the usual number.
        return target, namer(values) if name is None else {name: values[0]}

    def _miss(self, table: _Table[T], method: str, segments: list[str], refused: set[str]) -> T:
        """405, the automatic OPTIONS, a redirect to the path with another trailing slash, or 404."""
        if refused:
            return self._refusals.of(refused)[method == "OPTIONS"]
        return self._redirect if search(table.twins, method, segments, refused) else self._not_found

    def _table_of(self, host: str) -> _Table[T]:
        if (table := self._hosts.get(host)) is not None:
            return table
        dot = host.find(".")
        while dot != -1:
            if (table := self._hosts.get(host[dot:])) is not None:
                return table
            dot = host.find(".", dot + 1)
        return self._everywhere


class _Refusals(dict[tuple[str, ...], tuple[T, T]]):
    """Allow → the targets of 405 and of the automatic OPTIONS; as many as there are sets of methods."""

    __slots__ = ("_answers",)

    def __init__(self, answers: Answers[T]) -> None:
        self._answers = answers

    def __missing__(self, allow: tuple[str, ...]) -> tuple[T, T]:
        made = self[allow] = self._answers.not_allowed(allow), self._answers.options(allow)
        return made

    def of(self, methods: Iterable[str]) -> tuple[T, T]:
        """The targets for a path that has these methods."""
        return self[tuple(sorted({*methods, "OPTIONS"}))]


class _Table(Generic[T]):
    """All entries for one host, compiled; a later entry replaces an earlier one of the same shape and method.

    Attributes:
        literals: path → method → target, the shortcut to what `root` holds too.
        root: the trie of all entries.
        tails: path → the only way on from there, if that is one parameter; a shortcut too.
        rests: path with a slash, and the only way on from there, if that is one parameter that spans; the longest path first.
        twins: the trie of the paths that differ from an entry's in the trailing slash.
    """

    __slots__ = ("literals", "rests", "root", "tails", "twins")

    def __init__(self, given: list[Entry[T]], redirect: T) -> None:
        self.literals: dict[str, dict[str, T]] = {}
        self.root: Node[T] = Node()
        self.twins: Node[T] = Node()
        redirects = hits(Pattern.parse("/"), {ANY_METHOD: redirect})
        routes = [entry for entry in given if not entry.mount]
        for entry in routes:
            self._add_route(entry, redirects)
        taken = {(*entry.pattern.shape, ...) for entry in routes}
        for entry in given:
            if entry.mount:
                self._add_mount(entry, redirects, is_taken=entry.pattern.shape in taken)
        ways = dict(_ways("", self.root))
        self.tails = {path: way for path, way in ways.items() if isinstance(way, _Tail)}
        spanning = [(f"{path}/", way) for path, way in ways.items() if isinstance(way, _Rest)]
        # SECURITY: each is compared with the path; many would cost more than the trie.
        spanning.sort(key=lambda pair: -len(pair[0]))
        self.rests = spanning[:_MOST_RESTS]

    def _add_route(self, entry: Entry[T], redirects: Mapping[str, Hit[T]]) -> None:
        pattern, segments = entry.pattern, entry.pattern.segments
        self.root.below(segments).answer(hits(pattern, entry.methods))
        if pattern.is_literal and not any("/" in str(segment) for segment in segments):
            self.literals.setdefault(pattern.literal, {}).update(entry.methods)
        if not entry.strict and not _spans(segments[-1]):
            twin = segments[:-1] if segments[-1] == "" else (*segments, "")
            self.twins.below(twin).answer(redirects)

    def _add_mount(self, entry: Entry[T], redirects: Mapping[str, Hit[T]], *, is_taken: bool) -> None:
        node, found = self.root.below(entry.pattern.segments), hits(entry.pattern, entry.methods)
        node.branch(None).answer(found, mount=True)
        if not is_taken:  # by a route at the path of the mount itself
            node.answer(found if entry.strict else redirects, mount=True)


class _Tail(Generic[T]):
    """One parameter at the end of a literal path: what the trie has for it, and nothing beside it.

    Args:
        read: makes the value of the segment.
        methods: what answers, by method.
        literals: what else may stand in its place, and goes before it.
    """

    __slots__ = ("_literals", "_methods", "_read")

    def __init__(
        self, read: Callable[[str], object], methods: Mapping[str, Hit[T]], literals: Container[str]
    ) -> None:
        self._read = read
        self._methods = methods
        self._literals = literals

    def hit(self, method: str, text: str) -> tuple[T, dict[str, object]] | None:
        """Return what :func:`search` would find, or None where only that can tell."""
        found = self._methods.get(method)
        if (
            found is None
            or found[1] is None
            or not text.isprintable()
            or text in _DOTS
            or text in self._literals
        ):
            return None
        try:
            return found[0], {found[1]: self._read(text)}
        except ValueError:
            return None


class _Rest(Generic[T]):
    """One parameter that spans, at the end of a literal path. Arguments and promise as :class:`_Tail`."""

    __slots__ = ("_hits", "_literals", "_read")

    def __init__(
        self, read: Callable[[str], object], methods: Mapping[str, Hit[T]], literals: Iterable[str]
    ) -> None:
        # PERF(bench: wire_file): the usual kind makes nothing of its text, and refuses only what is refused below.
        self._read = None if getattr(read, "__func__", None) is SubPath.to_value else read
        self._hits = {method: (hit[0], hit[1]) for method, hit in methods.items() if hit[1] is not None}
        #: A slash at the end is no way to an empty rest, which no parameter takes.
        self._literals = frozenset(literals) - {""}

    def hit(self, method: str, text: str) -> tuple[T, dict[str, object]] | None:
        """Return what :func:`search` would find, or None where only that can tell."""
        # A dot at the beginning of a part may be a name, or climb: the plain way tells.
        if text[:1] in "./" or "/." in text or method not in self._hits or not text.isprintable():
            return None
        if self._literals and text.partition("/")[0] in self._literals:
            return None
        target, name = self._hits[method]
        if self._read is None:
            return target, {name: text}
        try:
            return target, {name: self._read(text)}
        except ValueError:
            return None


def _ways(path: str, node: Node[T]) -> Iterator[tuple[str, _Tail[T] | _Rest[T]]]:
    """List the literal paths that go on with one parameter, and in no other way but literals."""
    way = node.first
    if way is not None and way.following is None and way.shape is not None:
        kind = _Rest if way.spans else _Tail
        yield path, kind(way.read, way.node.methods, node.literals)
    for text, child in node.literals.items():
        if "/" not in text:
            yield from _ways(f"{path}/{text}", child)


def relative_twin(path: bytes) -> str:
    """The reference, relative to a path, to the same path with a trailing slash, or without the one it has.

    It has no scheme, host or leading slash, so it cannot leave the host (CVE-2018-14574).

    Args:
        path: as the request has it, not decoded, without query; escapes are kept.
    """
    parent, _, name = path.rpartition(b"/")
    if name:
        return f"./{_quoted(name)}/"
    return f"../{_quoted(parent.rpartition(b'/')[2])}"


def _quoted(name: bytes) -> str:
    return _NOT_IN_SEGMENT.sub(lambda found: b"%%%02X" % found[0][0], name).decode("ascii")


def _divided(path: str, raw_path: bytes) -> list[str]:
    try:
        segments = decode_path(raw_path)
    except ValueError:
        return ["\0"]  # which is unsafe
    return segments if "/".join(segments) == path else path.split("/")


def _is_unsafe(path: str) -> bool:
    # An empty path is the root of a mounted application, asked for without its slash.
    return path[:1] not in ("", "/") or UNSAFE.search(path) is not None


def _spans(segment: Segment) -> bool:
    return isinstance(segment, Parameter) and segment.converter.spans


def _check_hosts(entries: Iterable[Entry[T]]) -> None:
    for entry in entries:
        if entry.host is not None and _HOST.fullmatch(entry.host) is None:
            raise RouteError(
                f"{entry.origin}: {entry.host!r} is not a host; write a name in lower case without port, "
                "'*.name' for its subdomains, international names in their xn-- form"
            )


def _check_duplicates(entries: Iterable[Entry[T]]) -> None:
    seen: dict[Hashable, Entry[T]] = {}
    for entry in entries:
        for method in entry.methods:
            other = seen.setdefault((entry.host, entry.mount, entry.pattern.shape, method), entry)
            if other is not entry:
                raise RouteError(
                    f"two routes answer {method} {entry.pattern}: {other.origin} ({other.pattern}) and "
                    f"{entry.origin}; change the path, the method or the host of one"
                )


def _overlaid(entries: list[Entry[T]], host: str) -> list[Entry[T]]:
    """The entries for one host, the least specific host first; an entry for any method hides those below."""
    layers = [entry for entry in entries if entry.host is None or _covers(entry.host, host)]
    layers.sort(key=lambda entry: len(entry.host or ""))
    hidden = {
        (entry.mount, entry.pattern.shape): len(entry.host or "")
        for entry in layers
        if ANY_METHOD in entry.methods
    }
    return [
        entry
        for entry in layers
        if len(entry.host or "") >= hidden.get((entry.mount, entry.pattern.shape), 0)
    ]


def _covers(wider: str, host: str) -> bool:
    return wider == host or (wider.startswith("*.") and host.endswith(wider[1:]))
