"""3xx: one class for each status. All but one say where first."""

from __future__ import annotations

from typing import Unpack

from .outgoing import Fields
from .raising import Attributes, HTTPException, Redirection

__all__ = [
    "Found",
    "MovedPermanently",
    "MultipleChoices",
    "NotModified",
    "PermanentRedirect",
    "SeeOther",
    "TemporaryRedirect",
    "UseProxy",
]


class MultipleChoices(Redirection):
    """300."""

    code = 300
    explanation = "There are several of what was asked for; this one is preferred:"


class MovedPermanently(Redirection):
    """301."""

    code = 301
    explanation = "What was asked for is now at"


class Found(Redirection):
    """302."""

    code = 302
    explanation = "What was asked for is at"


class SeeOther(Redirection):
    """303."""

    code = 303
    explanation = "The answer is at"


class NotModified(Redirection):
    """304; it sends the client nowhere, so there is no location."""

    code = 304

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        HTTPException.__init__(self, None, detail, headers, comment, **attributes)


class UseProxy(Redirection):
    """305; deprecated (RFC 9110 §15.4.6)."""

    code = 305
    explanation = "What was asked for must be reached through the proxy at"


class TemporaryRedirect(Redirection):
    """307."""

    code = 307
    explanation = "What was asked for is for now at"


class PermanentRedirect(Redirection):
    """308."""

    code = 308
    explanation = "What was asked for is now at"
