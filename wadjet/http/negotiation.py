"""Which of our offers a client likes best (RFC 9110 §12). Reading never raises; ties go to the first offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any, Self, TypeAlias, TypeVar, overload

from wadjet.http.parameters import format_parameters, is_token, parse_parameters, split_list

__all__ = [
    "MAX_MEMBERS",
    "Accept",
    "AcceptCharset",
    "AcceptEncoding",
    "Preferences",
    "Weighted",
    "parse_weighted",
]

Offer = TypeVar("Offer", bound=str)
D = TypeVar("D")

#: SECURITY: each member is compared with each offer.
MAX_MEMBERS = 100

#: Value, parameters, weight.
_Member: TypeAlias = tuple[str, dict[str, str], float]
#: Type, subtype, parameters, weight.
_Range: TypeAlias = tuple[str, str, set[tuple[str, str]], float]
#: What the fields of a request of our own may be made of.
Weighted: TypeAlias = str | Mapping[str, float] | Iterable[str | tuple[str, float]]

_HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/xml")
#: RFC 9110 §8.4.1: codings under the names of old.
_CODINGS = {"x-gzip": "gzip", "x-compress": "compress"}


def parse_weighted(field: str) -> list[tuple[str, float]]:
    """Return the members of an Accept-like field, in order, each with its weight (RFC 9110 §12.4.2).

    Parameters other than ``q`` stay with the member, names in lower case.

    Raises:
        ValueError: a weight that is not a number from 0 to 1 with up to three digits; a control character;
            more than 100 members.
    """
    return [(format_parameters(value, parameters), weight) for value, parameters, weight in _members(field)]


def _members(field: str) -> Iterator[_Member]:
    parts = split_list(field)
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


class Preferences(ABC):
    """What a client accepts, and how much of each; true when it said so in a field that can be read.

    Without a field, or with a malformed one, everything is accepted alike (RFC 9110 §12.4.1); an empty one accepts
    nothing. ``offer in preferences`` tells whether an offer is accepted.

    Args:
        field: its lines joined by commas; None when it is absent.
    """

    __slots__ = ("members", "text")

    def __init__(self, field: str | None = None) -> None:
        #: The field as it was sent.
        self.text = field
        #: What it names, in its order, in small letters, each with its weight; None where everything is accepted alike.
        self.members: tuple[tuple[str, float], ...] | None = None
        if field is not None:
            try:
                self.members = self._read(list(_members(field)))
            except ValueError:
                self.members = None

    def _read(self, members: list[_Member]) -> tuple[tuple[str, float], ...]:
        """Return what the field names; ValueError where it is malformed."""
        for value, _, _ in members:
            if not is_token(value):
                raise ValueError(f"{value!r:.60} is not a token")
        return tuple((value, weight) for value, _, weight in members)

    @abstractmethod
    def quality(self, offer: str) -> float:
        """Return how much an offer is liked, from 0 (not accepted) to 1."""

    def acceptable_offers(self, offers: Iterable[Offer]) -> list[tuple[Offer, float]]:
        """Return the offers that are accepted, each with its weight, the heaviest first."""
        weighed = [(offer, self.quality(offer)) for offer in offers]
        return sorted((pair for pair in weighed if pair[1]), key=lambda pair: -pair[1])

    @overload
    def best_of(self, offers: Iterable[Offer]) -> Offer | None: ...
    @overload
    def best_of(self, offers: Iterable[Offer], default: D) -> Offer | D: ...
    def best_of(self, offers: Iterable[Offer], default: object = None) -> object:
        """Return the offer that is liked best, else ``default`` where none is accepted.

        Args:
            offers: the preferred one first: among equal weights the first wins.
            default: None if it is not given.
        """
        acceptable = self.acceptable_offers(offers)
        return acceptable[0][0] if acceptable else default

    def __contains__(self, offer: object) -> bool:
        return isinstance(offer, str) and self.quality(offer) > 0

    def __iter__(self) -> Iterator[str]:
        """Go over what the field names, the heaviest first, without what it refuses."""
        named = sorted(self.members or (), key=lambda member: -member[1])
        return iter([value for value, weight in named if weight])

    def __bool__(self) -> bool:
        return self.members is not None

    @classmethod
    def text_of(cls, value: Weighted | None) -> str | None:
        """Return the text of a field: as it is given, or made of values with or without weights; None for no field.

        Raises:
            ValueError: a weight that is not from 0 to 1.
        """
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, Preferences):
            return value.text
        pairs = value.items() if isinstance(value, Mapping) else value
        return ", ".join(pair if isinstance(pair, str) else _weighted(*pair) for pair in pairs)

    def __add__(self, other: Weighted | None) -> Self:
        """Return what both name, this first; what is absent or malformed names nothing."""
        return self._joined(self, other)

    def __radd__(self, other: Weighted | None) -> Self:
        return self._joined(other, self)

    def _joined(self, *values: Any) -> Self:
        fields = [type(self)(self.text_of(value)) for value in values]
        texts = [field.text for field in fields if field]
        return type(self)(", ".join(text for text in texts if text) if texts else None)

    def __eq__(self, other: object) -> bool:
        return self.members == other.members if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.members)

    def __str__(self) -> str:
        return self.text or ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def _weighted(value: str, weight: float) -> str:
    if not 0 <= weight <= 1:
        raise ValueError(f"{value!r:.60}: {weight} is not a weight; weights go from 0 to 1")
    return value if weight == 1 else f"{value};q={f'{weight:.3f}'.rstrip('0').rstrip('.')}"


class Accept(Preferences):
    """The media types that a client accepts (RFC 9110 §12.5.1).

    Of the ranges that cover an offer the most specific one counts: ``text/html;q=0, */*`` is anything but HTML. An offer
    that is no media type is never accepted.
    """

    __slots__ = ("_ranges",)

    def _read(self, members: list[_Member]) -> tuple[tuple[str, float], ...]:
        self._ranges = [_range(*member) for member in members]
        return tuple((format_parameters(value, parameters), weight) for value, parameters, weight in members)

    def quality(self, offer: str) -> float:
        """Return how much a media type, with or without parameters, is liked: from 0 (not accepted) to 1."""
        essence, parameters = parse_parameters(offer)
        major, _, minor = essence.lower().partition("/")
        if not is_token(major) or not is_token(minor) or "*" in (major, minor):
            return 0.0
        return 1.0 if self.members is None else _weight(major, minor, _comparable(parameters), self._ranges)

    @property
    def accepts_html(self) -> bool:
        """Whether a page will do, as HTML or XHTML."""
        return any(offer in self for offer in _HTML)


def _range(value: str, parameters: dict[str, str], weight: float) -> _Range:
    major, slash, minor = value.partition("/")
    if not slash or not is_token(major) or not is_token(minor) or (major == "*" != minor):
        raise ValueError(f"{value!r:.60} is not a media range")
    return major, minor, _comparable(parameters), weight


def _comparable(parameters: dict[str, str]) -> set[tuple[str, str]]:
    return {(name, text.lower()) for name, text in parameters.items()}


def _weight(major: str, minor: str, having: set[tuple[str, str]], ranges: list[_Range]) -> float:
    best, found = (-1, -1), 0.0
    for range_major, range_minor, wanted, weight in ranges:
        if range_major in ("*", major) and range_minor in ("*", minor) and wanted <= having:
            # RFC 9110 §12.5.1: type and subtype before type before anything, then more parameters.
            precedence = ((range_major != "*") + (range_minor != "*"), len(wanted))
            if precedence > best:
                best, found = precedence, weight
    return found


class AcceptCharset(Preferences):
    """The charsets that a client accepts (RFC 9110 §12.5.2); ``*`` is every one that the field does not name."""

    __slots__ = ()

    def quality(self, offer: str) -> float:
        """Return how much a charset is liked, from 0 (not accepted) to 1."""
        if self.members is None:
            return 1.0
        weights = _first_weights(self.members)
        return weights.get(offer.lower(), weights.get("*", 0.0))


class AcceptEncoding(Preferences):
    """The content codings that a client accepts (RFC 9110 §12.5.3); ``*`` is every one that the field does not name.

    ``identity``, no coding at all, is accepted unless ``identity;q=0`` or ``*;q=0`` refuses it; where the field is silent
    on it, it is liked as little as the least liked coding that is accepted.
    """

    __slots__ = ()

    def quality(self, offer: str) -> float:
        """Return how much a coding is liked, from 0 (not accepted) to 1."""
        if self.members is None:
            return 1.0
        weights = _first_weights((_CODINGS.get(name, name), weight) for name, weight in self.members)
        name = _CODINGS.get(offer.lower(), offer.lower())
        others = weights.get("*", 0.0)
        if name == "identity" and "*" not in weights:
            others = min((weight for weight in weights.values() if weight), default=1.0)
        return weights.get(name, others)


def _first_weights(members: Iterable[tuple[str, float]]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for name, weight in members:
        weights.setdefault(name, weight)
    return weights
