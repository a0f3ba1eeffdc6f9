"""A path template, read once: ``/users/{id:int}/v{n:int}`` → segments: literals, parameters and mixtures.

Whatever is wrong with a template is a `RouteError` that shows the place and the accepted form.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import count, pairwise
from typing import NamedTuple, NoReturn, TypeAlias

from wadjet.errors import RouteError
from wadjet.http.urls import decode_path
from wadjet.routing.converters import CONVERTERS, Converter

__all__ = ["UNSAFE", "Mixed", "Parameter", "Pattern", "Segment", "nearest", "parameters_of"]

#: What no decoded path may hold unless a route spells it: control characters, lone surrogates, dot segments
#: (RFC 3986 section 3.3), whether they arrived plain or percent-encoded.
UNSAFE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]|(?:^|/)\\.\\.?(?:/|$)")

_TOKENS = re.compile(r"\{(?P<parameter>[^{}/]*)\}|(?P<text>[^{}/]+)|(?P<slash>/)|(?P<brace>.)")
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
        return cls(path, _read(path, converters))

    @classmethod
    def prefix(cls, path: str, converters: Mapping[str, Converter] = CONVERTERS) -> Pattern:
        """Read the path of a mount, which with or without its trailing slash means itself and all below.

        Raises:
            RouteError: as `parse`; a ``path`` parameter is refused, because a prefix has something after it.
        """
        segments = _read(path, converters)
        for segment in segments:
            if isinstance(segment, Parameter) and segment.converter.spans:
                raise RouteError(f"{path!r} is a prefix: {{{segment.name}}} cannot take the rest of the path")
        return cls(path, segments[:-1] if segments[-1] == "" else segments, is_prefix=True)

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


def _refuse(path: str, position: int, what: str) -> NoReturn:
    raise RouteError(f"in the path {path!r} at position {position}: {what}")


def _read(path: str, converters: Mapping[str, Converter]) -> tuple[Segment, ...]:
    blanked = _BRACES.sub(lambda braces: "_" * len(braces[0]), path)
    for mistake, remedy in _MISTAKES:
        if found := mistake.search(blanked):
            _refuse(path, found.start(), remedy)
    parts: list[list[str | Parameter]] = []
    names: set[str] = set()
    for token in _TOKENS.finditer(path):
        if token.lastgroup == "slash":
            parts.append([])
        elif token.lastgroup == "text":
            parts[-1].append(_literal(path, token))
        elif token.lastgroup == "parameter":
            parts[-1].append(_parameter(path, token, converters, names))
        else:
            _refuse(
                path, token.start(), "this brace has no partner: a parameter is written {name} or {name:int}"
            )
    segments = tuple(_segment(path, tuple(part)) for part in parts)
    for segment in segments[:-1]:
        if isinstance(segment, Parameter) and segment.converter.spans:
            _refuse(
                path,
                path.index("{" + segment.name),
                f"{{{segment.name}}} takes the rest of the path, so it must end it",
            )
    return segments


def _literal(path: str, token: re.Match[str]) -> str:
    """Decode a literal, so that ``/caf%C3%A9`` and ``/café`` are one path."""
    try:
        text = decode_path(token[0].encode())[-1]
    except ValueError as error:
        _refuse(path, token.start(), f"{error}: escapes spell UTF-8")
    return text


def _parameter(
    path: str, token: re.Match[str], converters: Mapping[str, Converter], names: set[str]
) -> Parameter:
    name, _, kind = map(str.strip, token["parameter"].partition(":"))
    if not name.isidentifier():
        _refuse(path, token.start(), f"{name!r} is not a parameter's name: write {{name}} or {{name:int}}")
    if name in names:
        _refuse(
            path, token.start(), f"the name {name!r} stands here a second time: give each parameter its own"
        )
    names.add(name)
    converter = converters.get(kind or "str")
    if converter is None:
        _refuse(path, token.start(), f"no converter is called {kind!r}; {nearest(kind, converters)}")
    return Parameter(name, converter)


def _segment(path: str, parts: tuple[str | Parameter, ...]) -> Segment:
    if all(isinstance(part, str) for part in parts):
        text = "".join(map(str, parts))
        if UNSAFE.search(text):
            _refuse(
                path,
                0,
                f"no request can have the segment {text!r}: dot segments and control characters are refused",
            )
        return text
    if len(parts) == 1:
        return parts[0]
    for part, following in pairwise((*parts, "")):
        if not isinstance(part, Parameter):
            continue
        if part.converter.spans:
            _refuse(
                path,
                path.index("{" + part.name),
                f"{{{part.name}}} takes slashes too: make it a segment of its own",
            )
        if isinstance(following, Parameter):
            _refuse(path, 0, f"{part.name!r} and {following.name!r} touch: put a character between them")
    mixed = Mixed(parts)
    if len(mixed.parameters) > _MIXED_PARAMETERS:
        _refuse(
            path,
            0,
            f"a segment holds at most {_MIXED_PARAMETERS} parameters: take it whole, with one converter",
        )
    return mixed
