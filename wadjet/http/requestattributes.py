"""What ``Request.blank`` takes as keywords: whatever can be set (WebOb's rule)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any, TypedDict, cast

from .conditional import EntityTag, IfRange
from .fieldvalues import Moment, Words
from .negotiation import Weighted
from .ranges import Range
from .requestfields import Credentials, Field, Tags

__all__ = ["RequestAttributes", "apply_attributes"]


class RequestAttributes(TypedDict, total=False):
    """What ``Request.blank`` can set, beside its own arguments; the parsed fields in the forms that their attributes take."""

    method: str
    scheme: str
    host: str
    script_name: str
    path_info: str
    query_string: str
    remote_addr: str | None
    charset: str
    content_type: str
    body: bytes
    body_bytes: bytes
    body_file: IO[bytes]
    text: str
    text_body: str
    json: Any
    json_body: Any
    cookies: Mapping[str, str]
    urlvars: Mapping[str, Any]
    urlargs: tuple[str, ...]
    accept: Weighted | None
    accept_charset: Weighted | None
    accept_encoding: Weighted | None
    accept_language: Weighted | None
    access_control_request_headers: Words | None
    access_control_request_method: str | None
    authorization: Credentials | None
    cache_control: str | Mapping[str, Any] | None
    content_encoding: Words | None
    content_language: Words | None
    content_length: int | None
    content_location: str | None
    date: Moment | None
    expect: str | None
    from_: str | None
    if_match: Tags | None
    if_modified_since: Moment | None
    if_none_match: Tags | None
    if_range: str | EntityTag | IfRange | datetime | None
    if_unmodified_since: Moment | None
    max_forwards: int | None
    origin: str | None
    pragma: str | None
    proxy_authorization: Credentials | None
    range: str | Range | tuple[int, int | None] | None
    referer: str | None
    referrer: str | None
    sec_fetch_dest: str | None
    sec_fetch_mode: str | None
    sec_fetch_site: str | None
    te: Words | None
    upgrade: Words | None
    user_agent: str | None
    via: Words | None


#: Keywords for what is a coroutine on the request.
_TWINS = {"text": "text_body", "json": "json_body"}
#: In which order keywords are applied: those before the first dash before others, the content after them.
_FIRST = ("method", "content_type", "charset")
_LAST = ("body", "body_bytes", "body_file", "text_body", "json_body")


def apply_attributes(request: object, attributes: RequestAttributes) -> None:
    """Set attributes by name, the method first and the content last.

    Raises:
        TypeError: a name that is none, or cannot be set.
    """
    given = cast("Mapping[str, Any]", attributes)
    values = {_TWINS.get(name, name): value for name, value in given.items()}
    for name, value in values.items():
        if not _can_be_set(type(request), name):
            known = [one for one in dir(type(request)) if _can_be_set(type(request), one)]
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"Unexpected keyword: {name}={value!r:.60}{hint}")
    rest = [name for name in values if name not in {*_FIRST, *_LAST}]
    for name in (*_FIRST, *rest, *_LAST):
        if name in values:
            setattr(request, name, values[name])


def _can_be_set(cls: type, name: str) -> bool:
    found = getattr(cls, name, None)
    return isinstance(found, Field) or getattr(found, "fset", None) is not None
