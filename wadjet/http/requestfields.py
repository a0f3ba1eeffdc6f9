"""Every standard request field as an attribute, parsed when it is first asked for and not before.

The table below says of each field what reads it and what writes it. What arrives is never trusted: a reader raises nothing, and
makes of nonsense what RFC 9110 says, which mostly is as if the field were absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Generic, Self, TypeAlias, TypeVar, overload

from .authorization import Authorization, parse_authorization
from .caching import RequestCacheControl
from .conditional import EntityTag, EntityTags, IfRange, parse_if_match, parse_if_none_match, parse_if_range
from .cookies import cookie_field, cookies_of
from .dates import format_date, parse_date
from .exceptions import BadRequest
from .fieldvalues import Moment, read_whole, write_moment
from .forms import known_charset
from .languages import AcceptLanguage
from .located import Located
from .negotiation import Accept, AcceptCharset, AcceptEncoding, Weighted
from .parameters import format_parameters, media_type, parse_parameters, split_list
from .ranges import Range, parse_range

__all__ = ["Credentials", "Field", "Fielded", "OwnCookies", "Tags"]

Got = TypeVar("Got")
Given = TypeVar("Given")


class Field(Generic[Got, Given]):
    """An attribute that stands for a field.

    Reading parses it, once. Lines of one name are one text, joined by commas (RFC 9110 §5.2), as whoever answers by the field
    reads it. On a request of our own making it can be set; None and ``del`` remove it.

    Args:
        parse: makes the value of the text, or of None when the field is absent; raises nothing.
        write: makes the text, or None to remove the field.
        name: the field's; when empty, the attribute's with hyphens.
    """

    __slots__ = ("_attribute", "_parse", "_write", "name")

    def __init__(
        self,
        parse: Callable[[str | None], Got],
        write: Callable[[Given], str | None] = str,
        *,
        name: bytes = b"",
    ) -> None:
        self._parse = parse
        self._write = write
        self.name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute = name
        self.name = self.name or name.replace("_", "-").encode()

    @overload
    def __get__(self, request: None, owner: type) -> Field[Got, Given]: ...
    @overload
    def __get__(self, request: Fielded, owner: type) -> Got: ...
    def __get__(self, request: Fielded | None, owner: type) -> Field[Got, Given] | Got:
        if request is None:
            return self
        if request.is_made:  # its fields may change
            return self.read(request)
        known = request.parsed_fields
        if self._attribute not in known:
            known[self._attribute] = self.read(request)
        found: Got = known[self._attribute]
        return found

    def read(self, request: Fielded) -> Got:
        """Parse the field."""
        values = [value for name, value in request.raw_headers if name == self.name]
        return self._parse(b", ".join(values).decode("latin-1") if values else None)

    def __set__(self, request: Fielded, value: Given | None) -> None:
        request.check_made(self._attribute)  # whose message names the attribute and not the field
        request.set_field(self.name, None if value is None else self._write(value))

    def __delete__(self, request: Fielded) -> None:
        self.__set__(request, None)


# -- readers ----------------------------------------------------------------------------------------------------------------


def _text(text: str | None) -> str | None:
    return text


def _token(text: str | None) -> str | None:
    return None if text is None else text.strip(" \t").lower()


def _date(text: str | None) -> datetime | None:
    return None if text is None else parse_date(text.strip(" \t"))


def _count(text: str | None) -> int | None:
    return None if text is None else read_whole(text)


def _members(text: str | None) -> tuple[str, ...]:
    return tuple(split_list(text or ""))


def _lower_members(text: str | None) -> tuple[str, ...]:
    return tuple(split_list((text or "").lower()))


#: What credentials may be given as: the field, or scheme and parameters, or scheme and token.
Credentials: TypeAlias = str | Authorization | tuple[str, str | Mapping[str, str]]
#: What entity tags may be given as: the field, tags, or the text of one tag.
Tags: TypeAlias = str | EntityTag | EntityTags | Iterable[str | EntityTag]


# -- writers ----------------------------------------------------------------------------------------------------------------


def _count_text(value: int) -> str:
    if value < 0:
        raise ValueError(f"{value} is less than 0, which this field cannot say")
    return str(value)


def _list_text(value: str | Iterable[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _tags_text(value: Tags) -> str:
    """Tags with their quotes; text that has quotes already, and ``*``, as it is."""
    if isinstance(value, str):
        tags = parse_if_none_match(value if value == "*" or '"' in value else str(EntityTag(value)))
        if not (tags.tags or tags.is_any):
            raise ValueError(f"{value!r:.60} is no list of entity tags; each stands between quotation marks")
        return str(tags)
    return ", ".join(map(_tags_text, value)) if isinstance(value, tuple | list) else str(value)


def _if_range_text(value: str | EntityTag | IfRange | datetime) -> str:
    if isinstance(value, str) and parse_date(value) is not None:
        return value
    return format_date(value) if isinstance(value, datetime) else _tags_text(value)  # type: ignore[arg-type]


def _credentials_text(value: Credentials) -> str:
    return str(Authorization(*value) if isinstance(value, tuple) else value)


def _range_text(value: str | Range | tuple[int, int | None]) -> str:
    return str(Range(*value) if isinstance(value, tuple) else value)


# -- the table --------------------------------------------------------------------------------------------------------------

_Text: TypeAlias = Field[str | None, str]
_List: TypeAlias = Field[tuple[str, ...], str | Iterable[str]]
_Access: TypeAlias = Field[Authorization | None, Credentials]
_Date: TypeAlias = Field[datetime | None, Moment]


class Fielded(Located):
    """The fields of a request as attributes. Names are the fields' own, with underscores; sections are RFC 9110's."""

    __slots__ = ()

    # What the client would like (§12.5), and what it knows already (§13.1, §14.2).
    accept: Field[Accept, Weighted] = Field(Accept, Accept.text_of)
    accept_charset: Field[AcceptCharset, Weighted] = Field(AcceptCharset, AcceptCharset.text_of)
    accept_encoding: Field[AcceptEncoding, Weighted] = Field(AcceptEncoding, AcceptEncoding.text_of)
    accept_language: Field[AcceptLanguage, Weighted] = Field(AcceptLanguage, AcceptLanguage.text_of)
    if_match: Field[EntityTags, Tags] = Field(parse_if_match, _tags_text)
    if_none_match: Field[EntityTags, Tags] = Field(parse_if_none_match, _tags_text)
    if_modified_since: _Date = Field(_date, write_moment)
    if_unmodified_since: _Date = Field(_date, write_moment)
    if_range: Field[IfRange, str | EntityTag | IfRange | datetime] = Field(parse_if_range, _if_range_text)
    range: Field[Range | None, str | Range | tuple[int, int | None]] = Field(parse_range, _range_text)

    # Who is asking, from where, and how (§10.1, §7, Fetch §3).
    authorization: _Access = Field(parse_authorization, _credentials_text)
    proxy_authorization: _Access = Field(parse_authorization, _credentials_text)
    expect: _Text = Field(_token)
    from_: _Text = Field(_text, name=b"from")
    max_forwards: Field[int | None, int] = Field(_count, _count_text)
    origin: _Text = Field(_text)
    referer: _Text = Field(_text)
    referrer: _Text = Field(_text, name=b"referer")
    sec_fetch_dest: _Text = Field(_token)
    sec_fetch_mode: _Text = Field(_token)
    sec_fetch_site: _Text = Field(_token)
    te: _List = Field(_members, _list_text)
    upgrade: _List = Field(_members, _list_text)
    user_agent: _Text = Field(_text)
    via: _List = Field(_members, _list_text)
    access_control_request_headers: _List = Field(_lower_members, _list_text)
    access_control_request_method: _Text = Field(_text)

    # About the message and its content (§6.6.1, §8.3-8.8; RFC 9111 §5.4).
    content_encoding: _List = Field(_lower_members, _list_text)
    content_language: _List = Field(_members, _list_text)
    content_location: _Text = Field(_text)
    date: _Date = Field(_date, write_moment)
    pragma: _Text = Field(_text)

    @property
    def cache_control(self) -> RequestCacheControl:
        """What the client asks of caches (RFC 9111 §5.2.1); on a request of our own making, changes are kept."""
        if "cache_control" not in self.parsed_fields:
            self.parsed_fields["cache_control"] = RequestCacheControl.over(_FieldOf(self, b"cache-control"))
        found: RequestCacheControl = self.parsed_fields["cache_control"]
        return found

    @cache_control.setter
    def cache_control(self, value: str | Mapping[str, Any] | None) -> None:
        self.check_made("cache_control")
        self.set_field(b"cache-control", RequestCacheControl.text_of(value))

    @property
    def content_type(self) -> str:
        """The media type of the content, without parameters, in small letters; empty when there is none.

        What is set keeps the parameters that are there, unless it brings its own; None removes the field.
        """
        field = self.header(b"content-type")
        return "" if field is None else media_type(field.decode("latin-1"))

    @content_type.setter
    def content_type(self, value: str | None) -> None:
        self.check_made("content_type")
        field = self.header(b"content-type")
        if value and ";" not in value and field is not None:
            value = format_parameters(value, parse_parameters(field.decode("latin-1"))[1])
        self.set_field(b"content-type", value or None)

    @property
    def content_length(self) -> int | None:
        """The declared length of the content in bytes; None when there is none, or nonsense."""
        field = self.header(b"content-length")
        return None if field is None else read_whole(field.decode("latin-1"))

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        self.check_made("content_length")
        self.set_field(b"content-length", None if value is None else _count_text(value))

    @property
    def charset(self) -> str:
        """The charset of the content, and when set that of the query too.

        It is what was set, else what Content-Type says, else the class's own ``charset``, else UTF-8.
        """
        if self._charset is not None:
            return self._charset
        field = self.header(b"content-type")
        if field is None:
            return self.default_charset
        return parse_parameters(field.decode("latin-1"))[1].get("charset", self.default_charset)

    @charset.setter
    def charset(self, value: str) -> None:
        self.check_made("charset")
        self._charset = known_charset(value)
        field = self.header(b"content-type")
        if field is None:
            self._change("charset")
        else:
            essence, parameters = parse_parameters(field.decode("latin-1"))
            self.set_field(b"content-type", format_parameters(essence, parameters | {"charset": value}))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        chosen = cls.__dict__.get("charset")
        if isinstance(
            chosen, str
        ):  # WebOb's way to choose one for a whole application; checkers of types refuse it
            del cls.charset
            cls.default_charset = chosen
        if "default_charset" in cls.__dict__:
            cls.default_charset = known_charset(cls.default_charset)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies; of two with one name the first counts (RFC 6265 §5.4). On a request of our own making, changes are kept.

        Raises:
            BadRequest: more cookies than any client sends.
        """
        self.first.is_personal = True
        if self._cookies is not None:
            return self._cookies
        fields = [value.decode("latin-1") for name, value in self.raw_headers if name == b"cookie"]
        try:
            found = cookies_of(fields) if fields else {}
        except ValueError as error:
            raise BadRequest(str(error)) from None
        if self.is_made:
            return OwnCookies(self, found)
        self._cookies = found
        return found

    @cookies.setter
    def cookies(self, value: Mapping[str, str]) -> None:
        self.check_made("cookies")
        self.set_field(b"cookie", cookie_field(value) or None)

    #: WebOb's name of old, when there was text that was not decoded.
    str_cookies = cookies

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event that the client has had of a stream; None when it begins (WHATWG HTML §9.2.4)."""
        field = self.header(b"last-event-id")
        return None if field is None else field.decode("utf-8", "replace")

    @property
    def is_xhr(self) -> bool:
        """Whether a script says that it is asking: ``X-Requested-With: XMLHttpRequest``, as libraries write it."""
        return self.header(b"x-requested-with") == b"XMLHttpRequest"


class _FieldOf:
    """The text of a field of a request: to change it raises when the request was received."""

    __slots__ = ("_name", "_request")

    def __init__(self, request: Fielded, name: bytes) -> None:
        self._request = request
        self._name = name

    @property
    def text(self) -> str | None:
        return self._request.headers.joined(self._name)

    @text.setter
    def text(self, text: str | None) -> None:
        self._request.set_field(self._name, text)


class OwnCookies(dict[str, str]):
    """The cookies of a request of our own making: what is changed here is written into its Cookie field."""

    __slots__ = ("_request",)

    # By way of the two methods below; dict's own would not ask them.
    clear = MutableMapping.clear
    pop = MutableMapping.pop
    popitem = MutableMapping.popitem
    setdefault = MutableMapping.setdefault
    update = MutableMapping.update

    def __init__(self, request: Fielded, cookies: Mapping[str, str]) -> None:
        super().__init__(cookies)
        self._request = request

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]  # dict's has two overloads
        self.update(other)
        return self

    def __setitem__(self, name: str, value: str) -> None:
        super().__setitem__(name, value)
        self._request.cookies = self

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._request.cookies = self
