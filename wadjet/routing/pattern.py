"""A path template, read once: ``/users/{id:int}/v{n:int}`` → segments: literals, parameters and mixtures.

Whatever is wrong with a template is a `RouteError` that shows the place and the accepted form.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import count, pairwise
from typing import Any, NamedTuple, NoReturn, TypeAlias

from wadjet.errors import RouteError
from wadjet.http.urls import decode_path
from wadjet.routing.converters import CONVERTERS, Converter

__all__ = ["UNSAFE", "Mixed", "Parameter", "Pattern", "Segment", "nearest", "parameters_of"]

#: What no decoded path may hold unless a route spells it: control characters, lone surrogates, dot segments
#: (RFC 3986 section 3.3), whether they arrived plain or percent-encoded.
UNSAFE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]|(?:^|/)\\.\\.?(?:/|$)")

_SEGMENTS = re.compile(r"/([^/]*)")
_PARTS = re.compile(r"\{(?P<parameter>[^{}]*)\}|(?P<literal>[^{}]+)|(?P<brace>.)")
_BRACES = re.compile(r"\{[^{}]*\}")

#: What a template cannot contain, and what to write instead; braces are blanked out before the search.
_MISTAKES = (
    (re.compile(r"^(?!/)"), "a path begins with '/'"),
    (
        re.compile(r"[?#]"),
        "a path has neither query nor fragment: query parameters are the handler's; a literal is %3F or %23",
    ),
    (re.compile(r"[<>\\*]"), "a parameter is written {name} or {name:int}, the rest of the path {name:path}"),
    (
        re.compile(r"[\s\x00-\x1f\x7f]"),
        "whitespace and control characters have no place here: a literal space is %20",
    ),
    (re.compile(r"//"), "a segment is empty: write one '/'"),
    (
        re.compile(r"%(?![0-9A-Fa-f]{2})"),
        "'%' begins an escape of two hexadecimal digits: a literal one is %25",
    ),
)

#: Backtracking grows as the length to the power of the parameters, so both are bounded.
_MIXED_LENGTH = 255
_MIXED_PARAMETERS = 3


class Parameter(NamedTuple):
    """A segment, or a part of one, whose text becomes a value."""

    name: str
    converter: Converter


class Mixed:
    """A segment of literals and parameters, such as ``{name}.{ext}`` or ``v{n:int}``.

    The first parameter takes as much as it can: ``a.tar.gz`` is ``a.tar`` and ``gz``.
    """

    __slots__ = ("_match", "parameters", "parts", "rank", "shape")

    def __init__(self, parts: tuple[str | Parameter, ...]) -> None:
        self.parts = parts
        self.parameters = tuple(part for part in parts if isinstance(part, Parameter))
        self.shape = tuple(part if isinstance(part, str) else part.converter for part in parts)
        #: The more literal text, the more specific.
        self.rank = -sum(len(part) for part in parts if isinstance(part, str))
        self._match = re.compile("".join(self._expressions())).fullmatch

    def _expressions(self) -> Iterator[str]:
        numbers = count()
        for part in self.parts:
            # Named, because a converter's pattern may have groups of its own.
            yield (
                re.escape(part)
                if isinstance(part, str)
                else f"(?P<_{next(numbers)}>{part.converter.pattern})"
            )

    def split(self, text: str) -> tuple[str, ...]:
        """The text of each parameter; ValueError if the segment is another."""
        found = self._match(text) if len(text) <= _MIXED_LENGTH else None
        if found is None:
            raise ValueError(f"{text[:40]!r} is not such a segment")
        return tuple(found[f"_{number}"] for number in range(len(self.parameters)))

    def join(self, texts: Iterable[str]) -> str:
        """The segment with these texts for its parameters."""
        rest = iter(texts)
        return "".join(part if isinstance(part, str) else next(rest) for part in self.parts)

    def to_values(self, text: str) -> tuple[object, ...]:
        """The value of each parameter; ValueError if the segment is another."""
        texts = self.split(text)
        return tuple(part.converter.to_value(text) for part, text in zip(self.parameters, texts, strict=True))


Segment: TypeAlias = str | Parameter | Mixed


class Pattern:
    """A path template.

    Attributes:
        segments: what stands between the slashes; a trailing slash is an empty literal at the end.
        names: of the parameters, in order.
        shape: equal for two patterns that match the same paths: the names are dropped, the converters kept.
        is_literal: it has no parameter, so it matches one path, `literal` (decoded; empty if there are any).
        is_prefix: it also matches everything below; its segments have no trailing slash.
    """

    __slots__ = ("_text", "is_literal", "is_prefix", "literal", "names", "segments", "shape")

    def __init__(self, text: str, segments: tuple[Segment, ...], *, is_prefix: bool = False) -> None:
        self._text = text
        self.segments = segments
        self.is_prefix = is_prefix
        self.names = tuple(parameter.name for segment in segments for parameter in parameters_of(segment))
        self.shape: tuple[Hashable, ...] = (*map(_shape, segments), *((...,) if is_prefix else ()))
        self.is_literal = not self.names
        self.literal = "/" + "/".join(map(str, segments)) if self.is_literal else ""

    @classmethod
    def parse(cls, path: str, converters: Mapping[str, Converter] = CONVERTERS) -> Pattern:
        """Read a route's path.

        Raises:
            RouteError: the template is malformed; the message has the position and the accepted form.
        """
        return cls(path, _Reader(path, converters).read())

    @classmethod
    def prefix(cls, path: str, converters: Mapping[str, Converter] = CONVERTERS) -> Pattern:
        """Read the path of a mount, which with or without its trailing slash means itself and all below.

        Raises:
            RouteError: as `parse`; a ``path`` parameter is refused, because a prefix has something after it.
        """
        segments = _Reader(path, converters).read()
        for segment in segments:
            if isinstance(segment, Parameter) and segment.converter.spans:
                raise RouteError(f"{path!r} is a prefix: {{{segment.name}}} cannot take the rest of the path")
        return cls(path, segments[:-1] if segments[-1] == "" else segments, is_prefix=True)

    def types(self) -> dict[str, Any]:
        """What the converters say they make of the values, by name; ``object`` where one does not say."""
        return {
            parameter.name: parameter.converter.value_type
            for segment in self.segments
            for parameter in parameters_of(segment)
        }

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<Pattern {self._text}>"


def parameters_of(segment: Segment) -> tuple[Parameter, ...]:
    """The parameters of one segment, in order."""
    if isinstance(segment, str):
        return ()
    return (segment,) if isinstance(segment, Parameter) else segment.parameters


def nearest(word: str, known: Iterable[str]) -> str:
    """A clause for an error message that lists what is known and guesses what was meant."""
    from difflib import get_close_matches  # only on the way to an error

    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}known: {', '.join(names) or 'none'}"


def _shape(segment: Segment) -> Hashable:
    if isinstance(segment, str):
        return segment
    return segment.converter if isinstance(segment, Parameter) else segment.shape


class _Reader:
    """Reads one template, and remembers what its messages and its later segments need."""

    __slots__ = ("_converters", "_names", "_path")

    def __init__(self, path: str, converters: Mapping[str, Converter]) -> None:
        self._path = path
        self._converters = converters
        self._names: set[str] = set()

    def read(self) -> tuple[Segment, ...]:
        blanked = _BRACES.sub(lambda braces: "_" * len(braces[0]), self._path)
        for mistake, remedy in _MISTAKES:
            if found := mistake.search(blanked):
                self._refuse(found.start(), remedy)
        segments: list[Segment] = []
        for found in _SEGMENTS.finditer(self._path):
            if segments and isinstance(last := segments[-1], Parameter) and last.converter.spans:
                self._refuse(
                    found.start(), f"{{{last.name}}} takes all that follows, so nothing can follow it"
                )
            segments.append(self._segment(found.start(1), found.end(1)))
        return tuple(segments)

    def _segment(self, start: int, end: int) -> Segment:
        parts = tuple(self._part(token) for token in _PARTS.finditer(self._path, start, end))
        if len(parts) > 1:
            return self._mixed(start, parts)
        part = parts[0] if parts else ""
        if isinstance(part, str) and UNSAFE.search(part):
            self._refuse(start, f"a request with the segment {part!r} is refused before any route is asked")
        return part

    def _mixed(self, start: int, parts: tuple[str | Parameter, ...]) -> Mixed:
        try:
            mixed = Mixed(parts)
        except re.error as error:
            self._refuse(start, f"a converter's pattern is not a regular expression: {error}")
        for parameter in mixed.parameters:
            if parameter.converter.spans:
                self._refuse(start, f"{{{parameter.name}}} takes slashes too: make it a segment of its own")
        for one, other in pairwise(parts):
            if isinstance(one, Parameter) and isinstance(other, Parameter):
                self._refuse(start, f"{one.name!r} and {other.name!r} touch: write something between them")
        if len(mixed.parameters) > _MIXED_PARAMETERS:
            self._refuse(
                start, f"a segment has at most {_MIXED_PARAMETERS} parameters: take it whole, then divide it"
            )
        return mixed

    def _part(self, token: re.Match[str]) -> str | Parameter:
        if token.lastgroup == "brace":
            self._refuse(
                token.start(), "this brace has no partner: a parameter is written {name} or {name:int}"
            )
        return self._parameter(token) if token.lastgroup == "parameter" else self._literal(token)

    def _literal(self, token: re.Match[str]) -> str:
        """Decode a literal, so that ``/caf%C3%A9`` and ``/café`` are one path."""
        try:
            return decode_path(token[0].encode())[0]
        except ValueError as error:
            self._refuse(token.start(), f"{error}, so no request can match it")

    def _parameter(self, token: re.Match[str]) -> Parameter:
        name, _, kind = map(str.strip, token["parameter"].partition(":"))
        if not name.isidentifier():
            self._refuse(token.start(), f"{name!r} is no parameter's name: write {{name}} or {{name:int}}")
        if name in self._names:
            self._refuse(token.start(), f"the name {name!r} stands here a second time: give each its own")
        self._names.add(name)
        converter = self._converters.get(kind or "str")
        if converter is None:
            self._refuse(
                token.start(),
                f"no converter is called {kind!r}; {nearest(kind, self._converters)}; "
                "another kind is a Converter of your own",
            )
        return Parameter(name, converter)

    def _refuse(self, position: int, what: str) -> NoReturn:
        raise RouteError(f"the path {self._path!r}, position {position}: {what}")
