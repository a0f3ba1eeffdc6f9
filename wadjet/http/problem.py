"""What an error looks like: problem details, a page or plain text, as the client prefers (RFC 9457, RFC 9110 §12)."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from ..media import json
from .negotiation import best_media_type
from .outgoing import Response
from .raising import Error, HTTPException

__all__ = ["PROBLEM", "represent"]

PROBLEM = "application/problem+json"

#: What an error can look like; the first is for clients that say nothing, or that anything will do.
_OFFERS = (PROBLEM, "application/json", "text/html", "text/plain")

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{status}</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;margin:4rem auto;max-width:36rem;padding:0 1rem;color-scheme:light dark}}</style>
<h1>{status}</h1>
<p>{text}</p>
{more}</html>
"""


def represent(error: HTTPException, accept: str | None) -> Response[Any]:
    """Return a fresh response with the error's status, fields and a body that the client can read.

    Args:
        error: what was raised or returned; it is not changed.
        accept: the request's Accept field.
    """
    chosen = best_media_type(accept, _OFFERS) or PROBLEM
    speaks = isinstance(error, Error) or error.detail is not None
    content = _WRITERS.get(chosen, _problem)(error) if speaks and error.detail != "" else b""
    response = Response[Any](content, error.status_code)
    response.raw_headers[:] = [
        field for field in error.raw_headers if field[0] not in {b"content-type", b"content-length"}
    ]
    if content:
        response.content_type = PROBLEM if chosen == "application/json" else chosen
        response.headers.add_vary("Accept")
    return response


def _problem(error: HTTPException) -> bytes:
    members = {"type": "about:blank", "title": error.title, "status": error.status_code, "detail": str(error)}
    if "id" in error.extensions:
        members["instance"] = f"urn:wadjet:error:{quote(str(error.extensions['id']), safe='')}"
    return json.dumps({**members, **error.extensions})


def _page(error: HTTPException) -> bytes:
    more = "".join(f"<p>{escape(line)}</p>\n" for line in _lines(error))
    comment = "" if error.comment is None else f"<!-- {escape(error.comment).replace('--', '- -')} -->\n"
    return _PAGE.format(status=escape(error.status), text=escape(str(error)), more=more + comment).encode()


def _plain(error: HTTPException) -> bytes:
    return "\n\n".join([error.status, str(error), *_lines(error)]).encode()


def _lines(error: HTTPException) -> list[str]:
    """What the extensions say, for people."""
    found = error.extensions.get("errors")
    lines = []
    if isinstance(found, list):
        lines = [f"{problem['in']} {problem['pointer']}: {problem['detail']}" for problem in found]
    if "unlisted" in error.extensions:
        lines.append(f"And {error.extensions['unlisted']} more.")
    if "id" in error.extensions:
        lines.append(f"Error id: {error.extensions['id']}")
    return lines


_WRITERS = {"text/html": _page, "text/plain": _plain}
