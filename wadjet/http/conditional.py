"""Whether a request still wants what there is: entity tags and preconditions (RFC 9110 §8.8, §13). Reading never raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, Self

from .dates import format_date, parse_date
from .headers import Headers
from .ranges import Range, parse_range

__all__ = [
    "EntityTag",
    "EntityTags",
    "IfRange",
    "Verdict",
    "evaluate",
    "parse_if_match",
    "parse_if_none_match",
    "parse_if_range",
]

#: RFC 9110 §8.8.3: visible characters without the quotation mark, and what is not ASCII.
_OPAQUE = r"[\x21\x23-\x7e\x80-\xff]*+"
_TAG = rf'(W/)?"({_OPAQUE})"'
#: A member of a list, or an empty one (RFC 9110 §5.6.1). SECURITY: possessive, so that nothing is read twice.
_MEMBER = rf"[ \t]*+(?:{_TAG}[ \t]*+)?+(?:,|\Z)"

#: RFC 9110 §13.2.1: methods that neither select nor change a representation.
_UNCONDITIONAL = frozenset({"CONNECT", "OPTIONS", "TRACE"})
_READING = frozenset({"GET", "HEAD"})

_SECOND = timedelta(seconds=1)

_IF_MATCH, _IF_NONE_MATCH, _IF_RANGE, _RANGE = b"if-match", b"if-none-match", b"if-range", b"range"
_SINCE, _NOT_SINCE = b"if-modified-since", b"if-unmodified-since"
_FIELDS = frozenset({_IF_MATCH, _IF_NONE_MATCH, _SINCE, _NOT_SINCE, _IF_RANGE, _RANGE})


class EntityTag:
    """The name of one version of a representation (RFC 9110 §8.8.3). ``str()`` gives it as it is sent.

    Args:
        value: what is between the quotation marks.
        is_weak: versions that differ in bytes may share it.

    Raises:
        ValueError: white space, a control character, a quotation mark or a character beyond Latin-1 in the value.
    """

    __slots__ = ("is_weak", "value")

    def __init__(self, value: str, is_weak: bool = False) -> None:
        if not re.fullmatch(_OPAQUE, value):
            raise ValueError(
                f"{value!r:.80} cannot be an entity tag: it takes visible Latin-1 characters without quotation "
                "marks and white space; a digest in hexadecimal is always right"
            )
        self.value = value
        self.is_weak = is_weak

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an ETag field, ``"v1"`` or ``W/"v1"``; None when it is not one."""
        found = re.fullmatch(_TAG, text)
        return cls(found[2], found[1] is not None) if found else None

    def strongly_equals(self, other: EntityTag) -> bool:
        """Tell whether both are the same version, byte for byte (RFC 9110 §8.8.3.2)."""
        return self.value == other.value and not self.is_weak and not other.is_weak

    def weakly_equals(self, other: EntityTag) -> bool:
        """Tell whether both stand for the same content, in whichever bytes (RFC 9110 §8.8.3.2)."""
        return self.value == other.value

    def weakened(self) -> EntityTag:
        """Return the weak form: for a content whose bytes were changed on the way, as by compression."""
        return EntityTag(self.value, is_weak=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EntityTag):
            return NotImplemented
        return self.value == other.value and self.is_weak == other.is_weak

    def __hash__(self) -> int:
        return hash((self.value, self.is_weak))

    def __str__(self) -> str:
        return f'W/"{self.value}"' if self.is_weak else f'"{self.value}"'

    def __repr__(self) -> str:
        return f"<EntityTag {self}>"


class EntityTags:
    """The entity tags of an If-Match or If-None-Match field; true when the client sent the field at all.

    ``"v1" in tags`` compares as the field demands: strongly for If-Match, weakly for If-None-Match.

    Args:
        tags: those that are named.
        is_any: the field is ``*``, or its absence allows any.
        is_strong: ``in`` compares strongly.
        is_present: the client sent the field.
    """

    __slots__ = ("is_any", "is_present", "is_strong", "tags")

    def __init__(
        self,
        tags: Iterable[EntityTag] = (),
        *,
        is_any: bool = False,
        is_strong: bool = False,
        is_present: bool = True,
    ) -> None:
        self.tags = tuple(tags)
        self.is_any = is_any
        self.is_strong = is_strong
        self.is_present = is_present

    def __contains__(self, tag: object) -> bool:
        """Tell whether a tag is among them: an EntityTag, its value, or its text with quotation marks."""
        if self.is_any:
            return True
        if isinstance(tag, str):
            tag = EntityTag.parse(tag) or (EntityTag(tag) if re.fullmatch(_OPAQUE, tag) else None)
        if not isinstance(tag, EntityTag):
            return False
        return self.strong(tag) if self.is_strong else self.weak(tag)

    def strong(self, tag: EntityTag) -> bool:
        """Tell whether a tag is among them by strong comparison (RFC 9110 §8.8.3.2)."""
        return self.is_any or any(tag.strongly_equals(known) for known in self.tags)

    def weak(self, tag: EntityTag) -> bool:
        """Tell whether a tag is among them by weak comparison (RFC 9110 §8.8.3.2)."""
        return self.is_any or any(tag.weakly_equals(known) for known in self.tags)

    def __bool__(self) -> bool:
        return self.is_present

    def __iter__(self) -> Iterator[EntityTag]:
        return iter(self.tags)

    def __len__(self) -> int:
        return len(self.tags)

    def __str__(self) -> str:
        return "*" if self.is_any and self.is_present else ", ".join(map(str, self.tags))

    def __repr__(self) -> str:
        return f"<EntityTags {self}>"


def parse_if_match(field: str | None) -> EntityTags:
    """Read an If-Match field (RFC 9110 §13.1.1). Without one every tag matches, with a malformed one none.

    Args:
        field: its lines joined by commas; None when it is absent.
    """
    if field is None:
        return EntityTags(is_any=True, is_strong=True, is_present=False)
    return EntityTags(_tags(field), is_any=field.strip(" \t") == "*", is_strong=True)


def parse_if_none_match(field: str | None) -> EntityTags:
    """Read an If-None-Match field (RFC 9110 §13.1.2). Without one no tag matches, nor with a malformed one.

    Args:
        field: its lines joined by commas; None when it is absent.
    """
    if field is None:
        return EntityTags(is_present=False)
    return EntityTags(_tags(field), is_any=field.strip(" \t") == "*")


def _tags(field: str) -> list[EntityTag]:
    """Read a list; nothing of one that breaks the grammar, so that neither field can match by accident."""
    tags = []
    position, member = 0, re.compile(_MEMBER)
    while position < len(field):
        found = member.match(field, position)
        if found is None:
            return []
        if found[2] is not None:
            tags.append(EntityTag(found[2], found[1] is not None))
        position = found.end()
    return tags


class IfRange(NamedTuple):
    """An If-Range field: of which version the client has a part already (RFC 9110 §13.1.5).

    With neither of the two it matches nothing if it is present, everything if it is not.
    """

    etag: EntityTag | None = None
    date: datetime | None = None
    is_present: bool = True

    def matches(
        self, etag: EntityTag | None, last_modified: datetime | None = None, *, now: datetime | None = None
    ) -> bool:
        """Tell whether the version is still the current one, byte for byte.

        Args:
            etag: of the current version.
            last_modified: of the current version.
            now: when the answer is made. A date of the same second is no strong validator (RFC 9110 §8.8.2.2): the
                content could have changed again since.
        """
        if self.etag is not None:
            return etag is not None and self.etag.strongly_equals(etag)
        if self.date is None:
            return not self.is_present
        if last_modified is None or (now is not None and _whole(now) - _whole(last_modified) < _SECOND):
            return False
        return _whole(last_modified) == self.date

    def __bool__(self) -> bool:
        return self.is_present

    def __str__(self) -> str:
        return str(self.etag or "") if self.date is None else format_date(self.date)


def parse_if_range(field: str | None) -> IfRange:
    """Read an If-Range field (RFC 9110 §13.1.5)."""
    if field is None:
        return IfRange(is_present=False)
    tag = EntityTag.parse(field)
    return IfRange(tag, None if tag else parse_date(field))


class Verdict(NamedTuple):
    """What comes of a request's preconditions."""

    #: What to answer with instead; None: go on.
    status: Literal[304, 412] | None
    #: What was asked for, where only a part is to be sent.
    range: Range | None


_GO_ON = Verdict(None, None)
_NOT_MODIFIED = Verdict(304, None)
_FAILED = Verdict(412, None)


def evaluate(
    method: str,
    headers: Headers,
    *,
    etag: EntityTag | None = None,
    last_modified: datetime | None = None,
    status_code: int = 200,
    exists: bool = True,
    now: datetime | None = None,
) -> Verdict:
    """Say what comes of the preconditions of a request, in the order of RFC 9110 §13.2.2.

    Args:
        method: of the request.
        headers: of the request.
        etag: of the current version of what the request is about.
        last_modified: when that version was made; a naive one is taken as UTC. Fractions of a second are cut off.
        status_code: what the answer would be without preconditions; they count where it is 2xx, a range where it is 200.
        exists: whether there is a current version at all, for ``*``.
        now: when the answer is made, for If-Range with a date; see :meth:`IfRange.matches`.
    """
    sent = _sent(headers)
    if not sent or not 200 <= status_code < 300 or method in _UNCONDITIONAL:
        return _GO_ON
    current = _Version(etag, last_modified, exists)
    if current.is_refused(sent):
        return _FAILED
    is_reading = method in _READING
    if current.is_known(sent, is_reading=is_reading):
        return _NOT_MODIFIED if is_reading else _FAILED
    # RFC 9110 §14.2: a range is defined for GET alone.
    if method != "GET" or status_code != 200 or _RANGE not in sent:
        return _GO_ON
    is_same = parse_if_range(sent.get(_IF_RANGE)).matches(etag, last_modified, now=now)
    return Verdict(None, parse_range(sent[_RANGE]) if is_same else None)


class _Version(NamedTuple):
    """What there is, and what each step of RFC 9110 §13.2.2 says of it."""

    etag: EntityTag | None
    last_modified: datetime | None
    exists: bool

    def is_refused(self, sent: Mapping[bytes, str]) -> bool:
        """Steps 1 and 2: whether If-Match fails, or without one If-Unmodified-Since."""
        if _IF_MATCH not in sent:
            return self._is_newer_than(sent.get(_NOT_SINCE)) is True
        tags = parse_if_match(sent[_IF_MATCH])
        if tags.is_any:
            return not self.exists
        return self.etag is None or not tags.strong(self.etag)

    def is_known(self, sent: Mapping[bytes, str], *, is_reading: bool) -> bool:
        """Steps 3 and 4: whether If-None-Match fails, or without one, where something is read, If-Modified-Since."""
        if _IF_NONE_MATCH not in sent:
            return is_reading and self._is_newer_than(sent.get(_SINCE)) is False
        field = sent[_IF_NONE_MATCH]
        if self.etag is not None and field == str(self.etag):
            return True  # PERF: what clients send, but for the rare one that has several versions
        tags = parse_if_none_match(field)
        if tags.is_any:
            return self.exists
        return self.etag is not None and tags.weak(self.etag)

    def _is_newer_than(self, field: str | None) -> bool | None:
        """Compare with a date; None where there are no two to compare."""
        if field is None or self.last_modified is None:
            return None
        moment = parse_date(field)
        return None if moment is None else _whole(self.last_modified) > moment


def _sent(headers: Headers) -> dict[bytes, str]:
    """Return the fields that matter here, the lines of each joined by commas (RFC 9110 §5.3)."""
    # PERF: one pass, and nothing is decoded where there are none; each usually has one line.
    lines = [line for line in headers.raw if line[0] in _FIELDS]
    sent = dict(lines)
    if len(sent) == len(lines):
        return {name: value.decode("latin-1") for name, value in sent.items()}
    return {name: headers.joined(name) or "" for name in sent}


def _whole(moment: datetime) -> datetime:
    """Return the second that a date on the wire can express, in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.replace(microsecond=0)
