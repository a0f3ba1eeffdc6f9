"""The code samples of the five source documents: 51, and five that one document lost.

Each stands beside this file as ``<source>/<nn>_<name>``, as it was written but for its import lines,
or says which room it waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["COUNTS", "FOLDER", "RECOVERED", "SAMPLES", "Sample"]

FOLDER = Path(__file__).resolve().parent


class Sample(NamedTuple):
    """One sample of one document.

    Args:
        source: the document, as a folder.
        number: its place in the document, from 1.
        name: the file's name after the number; without a suffix it is Python.
        title: what the sample shows.
        waits_for: ``room: reason`` while it has no file, else empty.
    """

    source: str
    number: int
    name: str
    title: str
    waits_for: str = ""

    @property
    def file(self) -> str:
        """The path below this folder."""
        name = self.name if "." in self.name else f"{self.name}.py"
        return f"{self.source}/{self.number:02}_{name}"


#: How many samples each document has, counted in the documents and not in the table below.
COUNTS = {"openviper_http": 10, "viewpy": 14, "rapidy": 12, "pyramid": 7, "openviper_middleware": 8}

_APP = "app: handlers are served by an application"
_CHROMIUM = "app: a browser asks a served application"


def _document(source: str, *rows: tuple[str, ...], start: int = 1) -> Iterator[Sample]:
    return (Sample(source, number, *row) for number, row in enumerate(rows, start))


SAMPLES: tuple[Sample, ...] = (
    *_document(
        "openviper_http",
        ("function_views", "list and create posts", _APP),
        ("query_parameters", "read query parameters", _APP),
        ("class_views", "a View that reads, changes and deletes a post", "views: View stands there"),
        ("view_actions", "extra actions of a View", "views: @action stands there"),
        ("file_upload", "receive an uploaded file", "http: forms with files are read there"),
        ("streaming", "server-sent events from a generator", _APP),
        ("file_download", "a file below an allowed folder", "http: FileResponse is described there"),
        ("redirect", "a permanent redirect", _APP),
        ("template", "render a template", "templating: the engine stands there"),
        ("gzip", "a compressed response", "http: GZipResponse stands there"),
    ),
    *_document(
        "viewpy",
        ("any_order", "body, status and headers as a tuple", _APP),
        ("returned_error", "return a message with a status", _APP),
        ("raised_error", "raise Error", _APP),
        ("cache_rate", "answer ten requests by one call", "cache: cache_rate is decided there"),
        ("cache_count", "a changing answer, cached", "cache: cache_rate is decided there"),
        ("result_object", "an object that says its own response", _APP),
        ("result_function", "a function that returns a response's parts", _APP),
        ("response_wraps_result", "a Response around such an object", _APP),
        ("cookie", "set a cookie", _APP),
        ("unreturned_response", "a Response that is not returned has no effect", _APP),
        ("repr_strategy", "the repr of the body is sent", _APP),
        ("typed_response", "a Response for one type of body", _APP),
        ("custom_strategy", "a Response that translates its own body", _APP),
        ("route_middleware", "a function that runs before the route", _APP),
    ),
    *_document(
        "rapidy",
        ("status_code", "the status of a route, as a number and as an HTTPStatus", _APP),
        ("response_validate", "send a result without validating it", _APP),
        ("response_type", "validate against a type that is not the annotation", _APP),
        ("content_type_json", "send JSON", _APP),
        ("content_type_text", "send text, whatever the subtype", _APP),
        ("charset", "send another character set", _APP),
        ("include_fields", "send only some fields of a model", _APP),
        ("exclude_fields", "send all but some fields of a model", _APP),
        ("by_alias", "send fields under their aliases, and under their names", _APP),
        ("exclude_unset", "leave out what was not set", _APP),
        ("exclude_defaults", "leave out what equals its default", _APP),
        ("exclude_none", "leave out what is None", _APP),
    ),
    *_document(
        "pyramid",
        ("json_body", "the JSON body is the decoded body, loaded", "http: json_body is read there"),
        ("jquery_ajax.js", "jQuery posts JSON", _CHROMIUM),
        (
            "view_config",
            "a view found by scanning prints its JSON body",
            "traversal: view_config stands there",
        ),
        ("urllib2_client", "a client posts JSON", "traversal: it talks to the sample before it"),
        ("cleanup_callback", "a subscriber adds a finished callback", "events: subscriber stands there"),
        ("response_attributes", "a Response made of keyword arguments", _APP),
        ("exceptions", "exceptions are responses", "httpexceptions: the names stand there"),
    ),
    *_document(
        "openviper_middleware",
        ("csp", "a content security policy as a dictionary", "middleware: SecurityMiddleware stands there"),
        ("settings", "a stack and its policies as settings", "middleware: the built-in stack stands there"),
        ("composition", "a stack made by wrapping", "middleware: the built-in stack stands there"),
        ("build_stack", "a stack made from a list", "middleware: build_middleware_stack stands there"),
        ("csrf_form.html", "a form that carries its token", "middleware: CSRFMiddleware stands there"),
        ("csrf_fetch.js", "a script that sends the token", "middleware: CSRFMiddleware stands there"),
        ("rate_limit", "a limit for one view", "middleware: rate_limit stands there"),
        ("custom", "two ASGI middlewares of one's own", _APP),
    ),
)

#: The document announces these, but its text came without them.
RECOVERED: tuple[Sample, ...] = tuple(
    _document(
        "rapidy",
        ("path", "the path of a route", _APP),
        ("allow_head", "HEAD beside GET", _APP),
        ("json_string", "a string under a JSON content type", _APP),
        ("json_encoder", "an encoder of one's own", _APP),
        ("aiohttp_style", "routes added to an application as a list", _APP),
        start=COUNTS["rapidy"] + 1,
    )
)
