"""The header fields of a response as typed properties: a table of what parses and what writes each (RFC 9110).

Reading never raises: what nobody can understand is None. Writing refuses what cannot be sent. None removes the field, as ``del``
does.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar, Unpack, overload

from .authorization import Challenge, Challenges, parse_challenges, write_challenges
from .caching import CacheControl, ResponseDirectives
from .conditional import EntityTag
from .dates import parse_date
from .fieldvalues import (
    Delay,
    Moment,
    Part,
    Seconds,
    Tag,
    Words,
    read_delay,
    read_tag,
    read_whole,
    write_content_range,
    write_delay,
    write_moment,
    write_seconds,
    write_tag,
    write_text,
    write_words,
)
from .fieldviews import HeaderSet
from .ranges import ContentRange, parse_content_range
from .responsehead import ResponseHead
from .urls import encode_location

__all__ = ["ChallengeField", "Field", "ListField", "MethodSet", "ResponseFields"]

Read = TypeVar("Read")
Write = TypeVar("Write")


class Field(Generic[Read, Write]):
    """One field that stands at most once.

    Args:
        name: as the wire has it, in small letters.
        read: parses its value; gives None for what it does not understand.
        write: makes the text of a value; raises for what cannot be sent.
        doc: what the property is.
    """

    def __init__(
        self, name: bytes, read: Callable[[str], Read | None], write: Callable[[Write], str], doc: str
    ) -> None:
        self._name = name
        self._read = read
        self._write = write
        self.__doc__ = doc

    @overload
    def __get__(self, response: None, owner: type) -> Self: ...
    @overload
    def __get__(self, response: ResponseHead, owner: type) -> Read | None: ...
    def __get__(self, response: ResponseHead | None, owner: type) -> Self | Read | None:
        if response is None:
            return self
        values = response.field_values(self._name)
        return self._read(values[-1]) if values else None

    def __set__(self, response: ResponseHead, value: Write | None) -> None:
        if value is None:
            response.headers.delete(self._name)
        else:
            response.headers.set(self._name, self._write(value))

    def __delete__(self, response: ResponseHead) -> None:
        response.headers.delete(self._name)


class ListField:
    """A field of tokens, however many times it stands, as a live set: ``response.vary.add("Accept")``.

    Args:
        name: as the wire has it, in small letters.
        doc: what the property is.
        kind: how the names are compared.
        may_be_empty: whether a field without members says something.
    """

    def __init__(
        self, name: str, doc: str, kind: type[HeaderSet] = HeaderSet, *, may_be_empty: bool = False
    ) -> None:
        self._name = name
        self._kind = kind
        self._may_be_empty = may_be_empty
        self.__doc__ = doc

    @overload
    def __get__(self, response: None, owner: type) -> Self: ...
    @overload
    def __get__(self, response: ResponseHead, owner: type) -> HeaderSet: ...
    def __get__(self, response: ResponseHead | None, owner: type) -> Self | HeaderSet:
        return self if response is None else self._kind.of(response, self._name)

    def __set__(self, response: ResponseHead, value: Words | None) -> None:
        text = None if value is None else write_words(value)
        if text is None or (not text and not self._may_be_empty):
            response.headers.delete(self._name)
        else:
            response.headers.set(self._name, text)

    def __delete__(self, response: ResponseHead) -> None:
        response.headers.delete(self._name)


class ChallengeField:
    """A field of challenges, however many times it stands; an empty tuple where it does not.

    Args:
        name: as the wire has it, in small letters.
        doc: what the property is.
    """

    def __init__(self, name: bytes, doc: str) -> None:
        self._name = name
        self.__doc__ = doc

    @overload
    def __get__(self, response: None, owner: type) -> Self: ...
    @overload
    def __get__(self, response: ResponseHead, owner: type) -> tuple[Challenge, ...]: ...
    def __get__(self, response: ResponseHead | None, owner: type) -> Self | tuple[Challenge, ...]:
        if response is None:
            return self
        return tuple(parse_challenges(", ".join(response.field_values(self._name))))

    def __set__(self, response: ResponseHead, value: Challenges | None) -> None:
        if value is None:
            response.headers.delete(self._name)
        else:
            response.headers.set(self._name, write_challenges(value))

    def __delete__(self, response: ResponseHead) -> None:
        response.headers.delete(self._name)


class MethodSet(HeaderSet):
    """The methods that a field lists; their case counts (RFC 9110 §9.1)."""

    __slots__ = ()

    is_case_sensitive = True


def _text(value: str) -> str:
    return value


_Plain: TypeAlias = Field[str, str]
_Date: TypeAlias = Field[datetime, Moment]


def _date(name: bytes, doc: str) -> _Date:
    return Field(name, parse_date, write_moment, doc)


def _plain(name: bytes, doc: str) -> _Plain:
    return Field(name, _text, write_text, doc)


class _CacheExpires:
    """How long the response may be kept, as a method and as a property: ``response.cache_expires(60)``, ``= 60``."""

    def __get__(self, response: ResponseFields, owner: type) -> _Expire:
        return functools.partial(_expire, response)

    def __set__(self, response: ResponseFields, value: Seconds | None) -> None:
        _expire(response, value)


class _Expire(Protocol):
    def __call__(self, seconds: Seconds | None = 0, **directives: Unpack[ResponseDirectives]) -> None:
        """Let the response be kept for so long; 0: not at all; None: say the directives alone."""


def _expire(
    response: ResponseFields, seconds: Seconds | None = 0, **directives: Unpack[ResponseDirectives]
) -> None:
    if seconds is not None:
        lifetime = 0 if isinstance(seconds, bool) else int(write_seconds(seconds))
        response.expires = time.time() + lifetime  # first: it refuses what lasts longer than dates do
        if lifetime:
            response.cache_control = {"max_age": lifetime}
            response.pragma = None
        else:
            response.cache_control = _UNCACHEABLE
            response.pragma = "no-cache"
            if response.last_modified is None:
                response.last_modified = timedelta()
    response.cache_control.apply(directives)


#: RFC 9111 §5.2.2: whatever kind of cache reads it.
_UNCACHEABLE = {"max_age": 0, "must_revalidate": True, "no_cache": True, "no_store": True}


class ResponseFields(ResponseHead):
    """Every standard field of a response, by WebOb's names."""

    # Their types are written out, so that a subclass that sets one does not declare another attribute.

    accept_ranges: _Plain = _plain(
        b"accept-ranges", "Which range units the resource takes: ``bytes`` or ``none`` (RFC 9110 §14.3)."
    )
    age: Field[int, Seconds] = Field(
        b"age",
        read_whole,
        write_seconds,
        "For how many seconds a cache has had the response (RFC 9111 §5.1).",
    )
    allow: ListField = ListField(
        "allow",
        "The methods that the resource knows; empty for none (RFC 9110 §10.2.1).",
        MethodSet,
        may_be_empty=True,
    )
    content_disposition: _Plain = _plain(
        b"content-disposition", "Whether to show or to save it, under which name (RFC 6266)."
    )
    content_encoding: _Plain = _plain(
        b"content-encoding", "How the content is encoded; :meth:`encode_content` sets it (RFC 9110 §8.4)."
    )
    content_language: ListField = ListField(
        "content-language", "The languages of those it is for (RFC 9110 §8.5)."
    )
    content_location: Field[str, str] = Field(
        b"content-location",
        _text,
        encode_location,
        "The URL of what was sent, percent-encoded (RFC 9110 §8.7).",
    )
    content_md5: _Plain = _plain(
        b"content-md5", "The MD5 of the content, in base64 (RFC 2616 §14.15; obsolete)."
    )
    content_range: Field[ContentRange, Part] = Field(
        b"content-range",
        parse_content_range,
        write_content_range,
        "Which part of the whole was sent: ``(first, behind the last, length of the whole)`` (RFC 9110 §14.4).",
    )
    date: _Date = _date(
        b"date", "When the response was made; the server says it where nobody else does (RFC 9110 §6.6.1)."
    )
    etag: Field[str, Tag] = Field(
        b"etag",
        read_tag,
        write_tag,
        "The entity tag, without quotation marks; a pair ``(tag, False)`` sets a weak one (RFC 9110 §8.8.3).",
    )
    expires: _Date = _date(b"expires", "When the response becomes stale (RFC 9111 §5.3).")
    last_modified: _Date = _date(b"last-modified", "When the resource has changed last (RFC 9110 §8.8.2).")
    location: Field[str, str] = Field(
        b"location",
        _text,
        encode_location,
        "Where the client should look: percent-encoded, as given otherwise (RFC 9110 §10.2.2).",
    )
    proxy_authenticate: ChallengeField = ChallengeField(
        b"proxy-authenticate", "What a proxy asks of the client (RFC 9110 §11.7.1)."
    )
    pragma: _Plain = _plain(b"pragma", "What HTTP/1.0 caches are told (RFC 9111 §5.4; obsolete).")
    retry_after: Field[datetime, Delay] = Field(
        b"retry-after",
        read_delay,
        write_delay,
        "When to come again; set to seconds or a timedelta, or to a datetime, read as a moment in UTC (RFC 9110 §10.2.3).",
    )
    server: _Plain = _plain(b"server", "What made the response (RFC 9110 §10.2.4).")
    vary: ListField = ListField("vary", "The request fields that the response depends on (RFC 9110 §12.5.5).")
    www_authenticate: ChallengeField = ChallengeField(
        b"www-authenticate",
        "What credentials are asked for: a tuple of challenges; set to one, several, or a text (RFC 9110 §11.6.1).",
    )

    @property
    def etag_strong(self) -> str | None:
        """The entity tag if it is a strong one."""
        tag = self.entity_tag
        return None if tag is None or tag.is_weak else tag.value

    @property
    def entity_tag(self) -> EntityTag | None:
        """The entity tag, as it is compared."""
        fields = self.field_values(b"etag")
        return EntityTag.parse(fields[-1]) if fields else None

    @property
    def cache_control(self) -> CacheControl:
        """Who may keep the response, and for how long (RFC 9111 §5.2); a live view, ``response.cache_control.max_age = 60``.

        A text, a mapping of directives or another CacheControl may be assigned; None removes the field.
        """
        return CacheControl.of(self, "cache-control")

    @cache_control.setter
    def cache_control(self, value: str | Mapping[str, Any] | None) -> None:
        text = CacheControl.text_of(value)
        if text is None:
            self.headers.delete("cache-control")
        else:
            self.headers.set("cache-control", text)

    @cache_control.deleter
    def cache_control(self) -> None:
        self.headers.delete("cache-control")

    cache_expires = _CacheExpires()
