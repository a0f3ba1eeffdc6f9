"""What a request's conditions and ranges make of a response whose content is computed (RFC 9110 §13, §14). No clock."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from .conditional import evaluate
from .headers import Headers
from .ranges import ByteRanges, ContentRange, Range
from .responsecontent import ResponseContent

__all__ = ["apply_conditions", "tag_content"]

_READING = frozenset({"GET", "HEAD"})

#: RFC 9110 §15.4.5: what says something of content that a 304 does not have. Last-Modified stays where there is no entity tag.
_OF_THE_CONTENT = frozenset(
    {
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-length",
        b"content-md5",
        b"content-range",
        b"content-type",
        b"transfer-encoding",
    }
)


def apply_conditions(response: ResponseContent[Any], method: str, headers: Headers, now: datetime) -> bool:
    """Make of a response what the request's conditions and ranges ask for.

    They count for GET and HEAD. Whatever changes something has been done when its response is made; it asks before.

    Args:
        response: what would be sent without them; it is changed.
        method: of the request.
        headers: of the request.
        now: when the response is made.

    Returns:
        Whether what was asked for is refused: the response is a 412 or a 416, of which its content says nothing more.
    """
    if method not in _READING:
        return False
    if response.tags_content:
        tag_content(response)
    is_full = response.status_code == 200 and "content-range" not in response.headers
    verdict = evaluate(
        method,
        headers,
        etag=response.entity_tag,
        last_modified=response.last_modified,
        status_code=response.status_code,
        now=now,
    )
    if verdict.status == 304:
        _not_modified(response)
    elif verdict.status == 412:
        _refuse(response, 412)
    elif is_full and _is_divisible(response):
        response.accept_ranges = "bytes"
        return verdict.range is not None and _divide(response, verdict.range)
    return verdict.status == 412


def _is_divisible(response: ResponseContent[Any]) -> bool:
    """Tell whether parts may be sent: ranges are of the form that leaves (RFC 9110 §14.4), and can be declined (§14.3)."""
    return response.is_whole and response.encoder is None and response.accept_ranges in {None, "bytes"}


def tag_content(response: ResponseContent[Any]) -> None:
    """Give a response an entity tag made of its content, unless it has one, or its content is not there as a whole."""
    if response.status_code != 200 or not response.is_whole or "etag" in response.headers:
        return
    digest = hashlib.blake2b(response.body, digest_size=16)
    # RFC 9110 §8.8.1: a strong tag is of one form of the content alone.
    digest.update(f"{response.content_encoding} {response.headers.get('content-type')}".encode())
    response.etag = digest.hexdigest()


def _not_modified(response: ResponseContent[Any]) -> None:
    """Make a response a 304: its content leaves, and what is said of it; what a cache has to know stays (RFC 9110 §15.4.5)."""
    response.replace_body(b"")
    response.status_code = 304
    dropped = _OF_THE_CONTENT | {b"last-modified"} if "etag" in response.headers else _OF_THE_CONTENT
    fields = response.raw_headers
    fields[:] = [field for field in fields if field[0] not in dropped]


def _divide(response: ResponseContent[Any], asked: Range) -> bool:
    """Leave the parts of the content that were asked for; tell whether there are none."""
    body = response.body
    length = len(body)
    parts = asked.ranges_of(length)
    if parts is None:
        return False
    if not parts:
        _refuse(response, 416)
        response.content_range = ContentRange(None, None, length)
        return True
    if len(parts) == 1:
        start, stop = parts[0]
        response.replace_body(body[start:stop])
        response.content_range = ContentRange(start, stop, length)
    else:
        several = ByteRanges(parts, length, response.headers.get("content-type"), secrets.token_hex(16))
        pieces = zip(several.heads, (body[start:stop] for start, stop in parts), strict=True)
        response.replace_body(b"".join([part for piece in pieces for part in piece]) + several.end)
        response.headers.set("content-type", several.content_type)
    response.headers.delete("content-length")
    response.status_code = 206
    return False


def _refuse(response: ResponseContent[Any], status: int) -> None:
    """Make a response an error; nothing of what it said was said of that."""
    response.raw_headers.clear()
    response.status_code = status
    response.text = response.status
