"""Patterns of paths become templates of OpenAPI, which has one for all paths of a shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..http.urls import quote_segment
from ..routing.pattern import Pattern, Segment, parameters_of

__all__ = ["Template", "template_of"]


class Template(NamedTuple):
    """A path as OpenAPI writes it."""

    text: str
    #: What a parameter of the pattern is called in the template.
    names: Mapping[str, str]


def template_of(pattern: Pattern, known: dict[tuple[str, ...], tuple[str, ...]]) -> Template:
    """Return the template of a pattern.

    OpenAPI takes two templates that differ in names only for the same path, so the first one names the parameters of all.

    Args:
        pattern: the route's.
        known: the names of the templates made so far, by what stands around them; is added to.
    """
    around = tuple(_text(segment, dict.fromkeys(pattern.names, "")) for segment in pattern.segments)
    names = dict(zip(pattern.names, known.setdefault(around, pattern.names), strict=True))
    return Template("/" + "/".join(_text(segment, names) for segment in pattern.segments), names)


def _text(segment: Segment, names: Mapping[str, str]) -> str:
    if isinstance(segment, str):
        return quote_segment(segment)
    parameters = parameters_of(segment)
    parts = segment.parts if not isinstance(segment, tuple) else parameters
    return "".join(
        quote_segment(part) if isinstance(part, str) else f"{{{names[part.name]}}}" for part in parts
    )
