"""Which of our languages suits a client (RFC 4647, RFC 9110 §12.5.4). Reading never raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, overload

from .negotiation import Offer, Preferences

__all__ = ["AcceptLanguage"]

D = TypeVar("D")

#: RFC 4647 §2.1. SECURITY: shortening costs the square of the number of subtags; no language has so many.
_RANGE = r"\*|[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,15}+"


class AcceptLanguage(Preferences):
    """The languages that a client prefers: ``request.accept_language.best_of(["en", "de"])``.

    ``best_of`` and ``lookup`` find the one that suits best, ``en`` for who asks for ``en-GB``; ``in``, ``quality`` and
    ``acceptable_offers`` filter: ``en-GB`` is among what ``en`` asks for, and ``en`` not among what ``en-GB`` does.
    """

    __slots__ = ()

    def _read(self, members: list[tuple[str, dict[str, str], float]]) -> tuple[tuple[str, float], ...]:
        for value, _, _ in members:
            if not re.fullmatch(_RANGE, value):
                raise ValueError(f"{value!r:.60} is not a language range")
        return super()._read(members)

    def quality(self, offer: str) -> float:
        """Return how much a language is liked by basic filtering, from 0 (not accepted) to 1 (RFC 4647 §3.3.1)."""
        return 1.0 if self.members is None else self._matched(offer)[0]

    def basic_filtering(self, tags: Iterable[Offer]) -> list[tuple[Offer, float]]:
        """Return the languages that the field covers, each with its weight, the heaviest first (RFC 4647 §3.3.1).

        Among equal weights the order is that of the field. Without a field it is none.
        """
        found = [(tag, *self._matched(tag)) for tag in tags] if self.members else []
        found.sort(key=lambda match: (-match[1], match[2]))
        return [(tag, weight) for tag, weight, _ in found if weight]

    def acceptable_offers(self, offers: Iterable[Offer]) -> list[tuple[Offer, float]]:
        """Return the languages that are accepted, each with its weight: all of them where nothing was said."""
        return [(offer, 1.0) for offer in offers] if self.members is None else self.basic_filtering(offers)

    def _matched(self, tag: str) -> tuple[float, int]:
        """Return the weight and the place of the longest range that covers a language; no weight where none does."""
        lowered = tag.lower()
        longest, found = -1, (0.0, 0)
        for place, (language, weight) in enumerate(self.members or ()):
            if language == "*":
                length = 0
            elif lowered == language or lowered.startswith(f"{language}-"):
                length = len(language)
            else:
                continue
            if length > longest:
                longest, found = length, (weight, place)
        return found

    @overload
    def best_of(self, offers: Iterable[Offer]) -> Offer | None: ...
    @overload
    def best_of(self, offers: Iterable[Offer], default: D) -> Offer | D: ...
    def best_of(self, offers: Iterable[Offer], default: object = None) -> object:
        """Return the language that suits best by lookup, else ``default`` where none does (RFC 4647 §3.4).

        Where nothing was said, or the field has ``*``, that is the first one that is not refused.
        """
        known = list(offers)
        found = self._lookup(known, None)
        if found is None and (self.members is None or "*" in tuple(self)):
            found = next((offer for offer in known if not self._is_refused(offer)), None)
        return default if found is None else found

    @overload
    def lookup(
        self,
        tags: Iterable[str],
        default_range: str | None = None,
        default_tag: str | None = None,
        default: None = None,
    ) -> str | None: ...
    @overload
    def lookup(
        self,
        tags: Iterable[str],
        default_range: str | None = None,
        default_tag: str | None = None,
        *,
        default: Callable[[], D],
    ) -> str | D: ...
    @overload
    def lookup(
        self,
        tags: Iterable[str],
        default_range: str | None = None,
        default_tag: str | None = None,
        *,
        default: D,
    ) -> str | D: ...
    def lookup(
        self,
        tags: Iterable[str],
        default_range: str | None = None,
        default_tag: str | None = None,
        default: object = None,
    ) -> object:
        """Return the language that suits best: ranges are shortened until one fits (RFC 4647 §3.4).

        Args:
            tags: the languages that there are.
            default_range: what to look for where nothing fits.
            default_tag: the language to take where nothing fits, unless the field refuses it.
            default: what to return where nothing is left; if it can be called, what it returns.
        """
        found = self._lookup(list(tags), default_range)
        if found is None and default_tag and not self._is_refused(default_tag) and not self._is_refused("*"):
            found = default_tag
        if found is not None:
            return found
        return default() if callable(default) else default

    def _lookup(self, tags: Sequence[Offer], default_range: str | None) -> Offer | None:
        known: dict[str, Offer] = {}
        for tag in tags:
            if not self._is_refused(tag):
                known.setdefault(tag.lower(), tag)
        wanted = [language for language in self if language != "*"]
        if default_range is not None and not self._is_refused("*"):
            wanted.append(default_range.lower())
        fitting = (shorter for language in wanted for shorter in _shortened(language) if shorter in known)
        return next((known[language] for language in fitting), None)

    def _is_refused(self, tag: str) -> bool:
        """Tell whether the field refuses this very language; ``*`` is all that it does not name."""
        weights = dict(reversed(self.members or ()))
        return weights.get(tag.lower()) == 0


def _shortened(language: str) -> Iterator[str]:
    """Return a range, then without its last subtag and so on; a single letter goes with what follows it (RFC 4647 §3.4)."""
    subtags = language.split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()
