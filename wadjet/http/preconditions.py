"""Asking whether a request still holds before anything is done (RFC 9110 §13)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from .clienterrors import PreconditionFailed
from .conditional import EntityTag, evaluate
from .dates import format_date
from .headers import Headers
from .redirections import NotModified

__all__ = ["Conditional", "check_preconditions"]


class Conditional(Protocol):
    """What is asked of a request."""

    @property
    def method(self) -> str:
        """In capitals."""

    @property
    def headers(self) -> Headers:
        """All its fields."""


def check_preconditions(
    request: Conditional,
    *,
    etag: EntityTag | str | None = None,
    last_modified: datetime | None = None,
    exists: bool = True,
) -> None:
    """Go on only if the conditions of a request hold for what there is now (RFC 9110 §13.2.2).

    To be called before something is changed, so that no update is lost; or before something is computed that the client
    has already.

    Args:
        request: the client's.
        etag: of the current version; a text is the tag itself, or all of it with its quotation marks.
        last_modified: when that version was made; a naive one is taken as UTC.
        exists: whether there is a current version at all, for ``If-Match: *`` and ``If-None-Match: *``.

    Raises:
        PreconditionFailed: one does not hold: 412.
        NotModified: a GET or HEAD asks for what the client has: 304, with the validators that were given.
        ValueError: a text that cannot be an entity tag.
    """
    if isinstance(etag, str):
        etag = EntityTag.parse(etag) or EntityTag(etag)
    verdict = evaluate(request.method, request.headers, etag=etag, last_modified=last_modified, exists=exists)
    if verdict.status == 412:
        raise PreconditionFailed
    if verdict.status == 304:
        answer = NotModified()
        if etag is not None:
            answer.headers.set("etag", str(etag))
        elif last_modified is not None:
            answer.headers.set("last-modified", format_date(last_modified))
        raise answer
