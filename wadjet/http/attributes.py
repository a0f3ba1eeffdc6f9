"""What a response's constructor takes as keywords: its settable properties (WebOb's rule), in the order they are applied."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterable, Iterable, Mapping
from typing import IO, Any, TypedDict, cast

from .authorization import Challenges
from .fieldvalues import Delay, Moment, Part, Seconds, Tag, Words
from .works import Work

__all__ = ["CONTENTS", "Attributes", "ContentAttributes", "apply_attributes", "check_contents"]


class ContentAttributes(TypedDict, total=False):
    """Every settable property but the three that errors and redirects have arguments of their own for."""

    headerlist: Mapping[str, str] | Iterable[tuple[str, str]]
    content_type: str | None
    charset: str | None
    content_type_params: Mapping[str, str] | None
    body: bytes | str
    text: str
    unicode_body: str
    ubody: str
    json: object
    json_body: object
    app_iter: Iterable[bytes] | AsyncIterable[bytes]
    body_file: IO[bytes] | IO[str]
    accept_ranges: str | None
    age: Seconds | None
    allow: Words | None
    cache_control: str | Mapping[str, Any] | None
    cache_expires: Seconds | None
    content_disposition: str | None
    content_encoding: str | None
    content_language: Words | None
    content_length: int | None
    content_location: str | None
    content_md5: str | None
    content_range: Part | None
    date: Moment | None
    etag: Tag | None
    expires: Moment | None
    last_modified: Moment | None
    pragma: str | None
    proxy_authenticate: Challenges | None
    server: str | None
    vary: Words | None
    www_authenticate: Challenges | None
    conditional_response: bool
    background: Work | Iterable[Work] | None


class Attributes(ContentAttributes, total=False):
    """Every settable property."""

    status: int | str
    location: str | None
    retry_after: Delay | None


_ORDER = ("status", *ContentAttributes.__annotations__, "location", "retry_after")
#: Each of them is the whole content.
CONTENTS = frozenset({"body", "text", "unicode_body", "ubody", "json", "json_body", "app_iter", "body_file"})


def apply_attributes(response: object, attributes: Attributes, *, has_content: bool) -> None:
    """Set properties, each by its name, in the order of the table: the type of the content before the content.

    Args:
        response: whose properties.
        attributes: by name.
        has_content: whether the response was given content in another way.

    Raises:
        TypeError: there is no such property; or there is a second content.
    """
    unknown = attributes.keys() - set(_ORDER)
    if unknown:
        name = min(unknown)
        near = difflib.get_close_matches(name, _ORDER, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(_ORDER)}"
        raise TypeError(f"{type(response).__name__}() has no settable property {name!r}{hint}")
    check_contents(response, attributes, "content" if has_content else None)
    values = cast("dict[str, Any]", attributes)
    for name in _ORDER:
        if name in values:
            setattr(response, name, values[name])


def check_contents(response: object, attributes: Attributes, given: str | None) -> None:
    """See that there is one content.

    Args:
        response: whose content.
        attributes: by name.
        given: the argument that is its content; None where there is none.

    Raises:
        TypeError: there are two.
    """
    contents = [*([] if given is None else [given]), *sorted(attributes.keys() & CONTENTS)]
    if len(contents) > 1:
        raise TypeError(
            f"{type(response).__name__}(): {' and '.join(contents)} are each the content; give one"
        )
