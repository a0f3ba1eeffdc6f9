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


def _document(source: str, *rows: tuple[str, ...], start: int = 1) -> Iterator[Sample]:
    return (Sample(source, number, *row) for number, row in enumerate(rows, start))


SAMPLES: tuple[Sample, ...] = (
    *_document(
        "openviper_http",
        ("function_views", "list and create posts"),
        ("query_parameters", "read query parameters"),
        ("class_views", "a View that reads, changes and deletes a post"),
        ("view_actions", "extra actions of a View"),
        ("file_upload", "receive an uploaded file"),
        ("streaming", "server-sent events from a generator"),
        ("file_download", "a file below an allowed folder"),
        ("redirect", "a permanent redirect"),
        ("template", "render a template"),
        ("gzip", "a compressed response"),
    ),
    *_document(
        "viewpy",
        ("any_order", "body, status and headers as a tuple"),
        ("returned_error", "return a message with a status"),
        ("raised_error", "raise Error"),
        ("cache_rate", "answer ten requests by one call"),
        ("cache_count", "a changing answer, cached"),
        ("result_object", "an object that says its own response"),
        ("result_function", "a function that returns a response's parts"),
        ("response_wraps_result", "a Response around such an object"),
        ("cookie", "set a cookie"),
        ("unreturned_response", "a Response that is not returned has no effect"),
        ("repr_strategy", "the repr of the body is sent"),
        ("typed_response", "a Response for one type of body"),
        ("custom_strategy", "a Response that translates its own body"),
        ("route_middleware", "a function that runs before the route"),
    ),
    *_document(
        "rapidy",
        ("status_code", "the status of a route, as a number and as an HTTPStatus"),
        ("response_validate", "send a result without validating it"),
        ("response_type", "validate against a type that is not the annotation"),
        ("content_type_json", "send JSON"),
        ("content_type_text", "send text, whatever the subtype"),
        ("charset", "send another character set"),
        ("include_fields", "send only some fields of a model"),
        ("exclude_fields", "send all but some fields of a model"),
        ("by_alias", "send fields under their aliases, and under their names"),
        ("exclude_unset", "leave out what was not set"),
        ("exclude_defaults", "leave out what equals its default"),
        ("exclude_none", "leave out what is None"),
    ),
    *_document(
        "pyramid",
        ("json_body", "the JSON body is the decoded body, loaded"),
        ("jquery_ajax.js", "jQuery posts JSON"),
        ("view_config", "a view found by scanning prints its JSON body"),
        ("urllib2_client", "a client posts JSON"),
        ("cleanup_callback", "a subscriber adds a finished callback"),
        ("response_attributes", "a Response made of keyword arguments"),
        ("exceptions", "exceptions are responses"),
    ),
    *_document(
        "openviper_middleware",
        ("csp", "a content security policy as a dictionary"),
        ("settings", "a stack and its policies as settings"),
        ("composition", "a stack made by wrapping"),
        ("build_stack", "a stack made from a list"),
        ("csrf_form.html", "a form that carries its token"),
        ("csrf_fetch.js", "a script that sends the token"),
        ("rate_limit", "a limit for one view"),
        ("custom", "two ASGI middlewares of one's own"),
    ),
)

#: The document announces these, but its text came without them.
RECOVERED: tuple[Sample, ...] = tuple(
    _document(
        "rapidy",
        ("path", "the path of a route"),
        ("allow_head", "HEAD beside GET"),
        ("json_string", "a string under a JSON content type"),
        ("json_encoder", "an encoder of one's own"),
        ("aiohttp_style", "routes added to an application as a list"),
        start=COUNTS["rapidy"] + 1,
    )
)
