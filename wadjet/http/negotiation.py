"""Which of our offers the client likes best (RFC 9110 §12). Ties go to the first offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TypeAlias

from wadjet.http.parameters import format_parameters, is_token, parse_parameters

__all__ = ["best_media_type", "best_token", "parse_weighted"]

#: SECURITY: each member is compared with each offer.
MAX_MEMBERS = 100

#: A list member: a comma in a quoted string does not end it (RFC 9110 §5.6.1, §5.6.4).
_MEMBER = r'(?s)(?:[^",]++|"(?:[^"\\]++|\\.)*+"?)++'


#: Type, subtype, parameters, weight.
_Range: TypeAlias = tuple[str, str, set[tuple[str, str]], float]


def parse_weighted(field: str) -> list[tuple[str, float]]:
    """Return the members of an Accept-like field, in order, each with its weight (RFC 9110 §12.4.2).

    Parameters other than ``q`` stay with the member, names in lower case.

    Raises:
        ValueError: a weight that is not a number from 0 to 1 with up to three digits; a control character;
            more than 100 members.
    """
    return [(format_parameters(value, parameters), weight) for value, parameters, weight in _members(field)]


def _members(field: str) -> Iterator[tuple[str, dict[str, str], float]]:
    parts = field.split(",") if '"' not in field else re.findall(_MEMBER, field)
    if len(parts) > MAX_MEMBERS:
        raise ValueError(f"more than {MAX_MEMBERS} members")
    for part in parts:
        value, parameters = parse_parameters(part)
        if value:
            weight = _parse_weight(parameters.get("q", "1"))
            # RFC 9110 §12.5.1: what follows the weight is an extension of the field, none of the member.
            yield value.lower(), dict(takewhile(lambda pair: pair[0] != "q", parameters.items())), weight


def _parse_weight(text: str) -> float:
    whole, _, digits = text.partition(".")
    # RFC 9110 §12.4.2. float() alone would take ".5", "1e0", "inf" and other digits than ASCII's.
    if whole not in ("0", "1") or len(digits) > 3 or digits.strip("0123456789") or float(text) > 1:
        raise ValueError(f"{text!r:.20} is not a weight; weights go from 0 to 1 with up to three digits")
    return float(text)


def best_media_type(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that an Accept field likes best; None if it likes none (RFC 9110 §12.5.1).

    The most specific range that covers an offer gives its weight; among equal weights the first offer wins.

    Args:
        accept: the field, its lines joined by commas; absent, empty or malformed accepts everything.
        offers: media types, with or without parameters, the preferred one first.
    """
    try:
        ranges = [_range(*member) for member in _members(accept or "*/*")]
    except ValueError:
        ranges = []
    if not ranges:
        return offers[0] if offers else None
    best, best_weight = None, 0.0
    for offer in offers:
        weight = _weight(offer, ranges)
        if weight > best_weight:
            best, best_weight = offer, weight
    return best


def _range(value: str, parameters: dict[str, str], weight: float) -> _Range:
    major, slash, minor = value.partition("/")
    if not slash or not is_token(major) or not is_token(minor) or (major == "*" != minor):
        raise ValueError(f"{value!r:.60} is not a media range")
    return major, minor, _comparable(parameters), weight


def _comparable(parameters: dict[str, str]) -> set[tuple[str, str]]:
    return {(name, text.lower()) for name, text in parameters.items()}


def _weight(offer: str, ranges: list[_Range]) -> float:
    essence, parameters = parse_parameters(offer)
    major, _, minor = essence.lower().partition("/")
    having = _comparable(parameters)
    best, found = (-1, -1), 0.0
    for range_major, range_minor, wanted, weight in ranges:
        if range_major in ("*", major) and range_minor in ("*", minor) and wanted <= having:
            # RFC 9110 §12.5.1: type and subtype before type before anything, then more parameters.
            precedence = ((range_major != "*") + (range_minor != "*"), len(wanted))
            if precedence > best:
                best, found = precedence, weight
    return found


def best_token(field: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that a field of weighted tokens likes best; None if it likes none.

    For Accept-Charset and Accept-Encoding (RFC 9110 §12.5.2, §12.5.3): ``*`` is every token that the field
    does not name; names are compared without case.

    Args:
        field: the field, its lines joined by commas; absent, empty or malformed accepts everything.
        offers: tokens, the preferred one first.
    """
    try:
        weights: dict[str, float] = {}
        for value, _, weight in _members(field or "*"):
            weights.setdefault(value, weight)
    except ValueError:
        weights = {}
    default = weights.get("*", 0.0) if weights else 1.0
    best, best_weight = None, 0.0
    for offer in offers:
        weight = weights.get(offer.lower(), default)
        if weight > best_weight:
            best, best_weight = offer, weight
    return best
