"""What an exception looks like: problem details, a page or plain text, as the client prefers (RFC 9457, RFC 9110 §12)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from string import Template
from typing import Any, Protocol
from urllib.parse import quote

from ..media import json, registry
from ..types import RawHeaders, Scope
from .cginames import fields_by_cgi_names
from .negotiation import Accept
from .outgoing import Response
from .status import NO_CONTENT
from .urls import encode_location

__all__ = ["PROBLEM", "Explained", "JSONFormatter", "Variables", "represent", "variables_of"]

PROBLEM = "application/problem+json"

#: What a status of each class can look like; the first is for clients that say nothing, or that anything will do.
_OFFERS: dict[int, tuple[str, ...]] = {
    2: (registry.JSON, registry.HTML, registry.TEXT),
    3: (
        registry.HTML,
        registry.TEXT,
    ),  # RFC 9110 §15.4: a short note with a link; a program reads the Location
    4: (PROBLEM, registry.JSON, registry.HTML, registry.TEXT),
    5: (PROBLEM, registry.JSON, registry.HTML, registry.TEXT),
}

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;margin:4rem auto;max-width:36rem;padding:0 1rem;color-scheme:light dark}</style>
<h1>${status}</h1>
${body}</html>
""")
_PLAIN = Template("${status}\n\n${body}")

#: What makes a template a page's: its plain form is made without.
_MARKUP = re.compile(r"<[^<>]*>")

#: Gives the request by its CGI names.
Variables = Callable[[], Mapping[str, object]]


class JSONFormatter(Protocol):
    """Makes the JSON document of an exception (WebOb)."""

    def __call__(self, *, body: str, status: str, title: str, environ: Mapping[str, object]) -> object:
        """Return what is to be written.

        Args:
            body: what the plain form says below its status.
            status: code and title.
            title: the reason phrase.
            environ: the request, by its CGI names.
        """


class Explained(Protocol):
    """What an exception tells of itself."""

    @property
    def status_code(self) -> int:
        """The status."""

    @property
    def title(self) -> str:
        """The reason phrase."""

    @property
    def explanation(self) -> str:
        """What the status means."""

    @property
    def detail(self) -> str | None:
        """What happened."""

    @property
    def comment(self) -> str | None:
        """More, for whoever reads the source of the page."""

    @property
    def location(self) -> str | None:
        """Where the client should look."""

    @property
    def raw_headers(self) -> RawHeaders:
        """The fields."""

    @property
    def extensions(self) -> Mapping[str, object]:
        """Further members of the problem details."""

    @property
    def empty_body(self) -> bool:
        """Whether there is never a body."""

    @property
    def body_template_obj(self) -> Template | None:
        """What the body is made of."""

    @property
    def html_template_obj(self) -> Template | None:
        """The page around it."""

    @property
    def plain_template_obj(self) -> Template | None:
        """The text around it."""

    @property
    def json_formatter(self) -> JSONFormatter | None:
        """What makes the JSON document."""


def represent(error: Explained, accept: str | None, variables: Variables = dict) -> Response[Any]:
    """Return a fresh response with the status and the fields of an exception, and a body that the client can read.

    Args:
        error: what was raised or returned; it is not changed.
        accept: the request's Accept field.
        variables: gives the request by its CGI names; called for templates and formatters only.
    """
    status = error.status_code
    response = Response[Any](None, status)
    response.raw_headers[:] = [
        field for field in error.raw_headers if field[0] not in {b"content-type", b"content-length"}
    ]
    if _has_nothing_to_say(error):
        return response
    chosen = Accept(accept).best_of(_OFFERS[status // 100]) or (PROBLEM if status >= 400 else None)
    if chosen is not None:
        is_problem = status >= 400 and error.json_formatter is None
        response.body = _WRITERS[chosen](error, variables).encode(errors="replace")
        response.content_type = PROBLEM if chosen == registry.JSON and is_problem else chosen
    response.headers.add_vary("Accept")
    return response


def variables_of(scope: Scope) -> dict[str, object]:
    """Return an ASGI scope by the names of CGI (RFC 3875 §4.1), decoded, as the template of a body may use them."""
    root = scope.get("root_path", "")
    return {
        **fields_by_cgi_names(scope["headers"]),
        "REQUEST_METHOD": scope.get("method", "GET"),
        "SCRIPT_NAME": root,
        "PATH_INFO": scope["path"].removeprefix(root),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
    }


def _has_nothing_to_say(error: Explained) -> bool:
    is_bare_success = error.status_code < 300 and error.detail is None and error.body_template_obj is None
    return error.empty_body or error.status_code in NO_CONTENT or error.detail == "" or is_bare_success


def _status(error: Explained) -> str:
    return f"{error.status_code} {error.title}"


# -- the forms --------------------------------------------------------------------------------------------------------------


def _problem(error: Explained, variables: Variables) -> str:
    """Problem details; for what is no problem, a document with the same members."""
    if error.json_formatter is not None:
        document = error.json_formatter(
            body=_plain_body(error, variables), status=_status(error), title=error.title, environ=variables()
        )
        return _document(document)
    detail = str(error) if error.body_template_obj is None else _plain_body(error, variables)
    members = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status_code,
        "detail": detail,
    }
    if "id" in error.extensions:
        members["instance"] = f"urn:wadjet:error:{quote(str(error.extensions['id']), safe='')}"
    return _document({**members, **error.extensions})


def _document(value: object) -> str:
    try:
        return json.dumps(value).decode()
    except TypeError:  # halves of characters, as they come from names of files; or what has no JSON form
        return json.dumps(_whole(value)).decode()


def _whole(value: object) -> object:
    """Return a value whose text is text that can be sent."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {_whole(name): _whole(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(member) for member in value]
    return value


def _page(error: Explained, variables: Variables) -> str:
    page = error.html_template_obj or _PAGE
    return page.safe_substitute(status=_escape(_status(error)), body=_page_body(error, variables))


def _page_body(error: Explained, variables: Variables) -> str:
    if error.body_template_obj is not None:
        return error.body_template_obj.safe_substitute(_Values(error, variables, _escape))
    lines = [f"<p>{_escape(str(error) if error.detail is None else error.detail)}{_link(error)}</p>\n"]
    lines += [f"<p>{_escape(line)}</p>\n" for line in _lines(error)]
    return "".join(lines) + _comment(error)


def _plain(error: Explained, variables: Variables) -> str:
    page = error.plain_template_obj or _PLAIN
    return page.safe_substitute(status=_status(error), body=_plain_body(error, variables))


def _plain_body(error: Explained, variables: Variables) -> str:
    if error.body_template_obj is not None:
        # The markup of the template goes, not what a value may look like.
        bare = html.unescape(_MARKUP.sub("", error.body_template_obj.template))
        return Template(bare).safe_substitute(_Values(error, variables, str)).strip()
    where = [] if error.location is None or error.status_code >= 400 else [error.location]
    return "\n\n".join([str(error), *where, *_lines(error)])


_WRITERS: dict[str, Callable[[Explained, Variables], str]] = {
    PROBLEM: _problem,
    registry.JSON: _problem,
    registry.HTML: _page,
    registry.TEXT: _plain,
}


# -- their pieces -----------------------------------------------------------------------------------------------------------


class _Values(dict[str, str]):
    """What the template of a body may name: the pieces, else a field of the response, else the request (WebOb).

    Args:
        error: what is shown.
        variables: gives the request.
        write: makes text of a value, as the form asks for it.
    """

    def __init__(self, error: Explained, variables: Variables, write: Callable[[object], str]) -> None:
        is_page = write is _escape
        super().__init__(
            explanation=write(error.explanation or error.title),
            detail=write(error.detail or ""),
            comment=write(error.comment or ""),
            html_comment=_comment(error) if is_page else "",
            br="<br>" if is_page else "\n",
        )
        self._error = error
        self._variables = variables
        self._write = write

    def __missing__(self, name: str) -> str:
        for field, value in self._error.raw_headers:
            if field.decode("latin-1").replace("-", "_") == name.lower():
                return self._write(value.decode("latin-1"))
        return self._write(self._variables()[name])


def _escape(value: object) -> str:
    """Return text that is safe in HTML; an object with ``__html__`` says itself how it looks there."""
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return html.escape(str(value))


def _comment(error: Explained) -> str:
    # SECURITY: "--" ends a comment in some readings, ">" in all; neither survives.
    return "" if error.comment is None else f"<!-- {re.sub('-(?=-)', '- ', html.escape(error.comment))} -->\n"


def _link(error: Explained) -> str:
    """Where a redirection leads."""
    location = error.location
    if location is None or error.status_code >= 400:
        return ""
    try:
        encode_location(location)
    except ValueError:  # SECURITY: a field set by hand may say javascript: (CWE-79)
        return f" {html.escape(location)}"
    return f' <a href="{html.escape(location)}">{html.escape(location)}</a>'


def _lines(error: Explained) -> list[str]:
    """What the extensions say, for people."""
    lines = _texts(error.extensions.get("errors", ()))
    if "unlisted" in error.extensions:
        lines.append(f"And {error.extensions['unlisted']} more.")
    if "id" in error.extensions:
        lines.append(f"Error id: {error.extensions['id']}")
    return lines


def _texts(found: object) -> list[str]:
    """Return errors of any shape as lines."""
    if isinstance(found, Mapping):
        if not {"in", "pointer", "detail"} & found.keys():
            return [f"{name}: {', '.join(_texts(problem))}" for name, problem in found.items()]
        place = " ".join(str(found[key]) for key in ("in", "pointer") if key in found)
        return [": ".join(text for text in (place, str(found.get("detail", ""))) if text)]
    if isinstance(found, list | tuple):
        return [text for problem in found for text in _texts(problem)]
    return [str(found)]
