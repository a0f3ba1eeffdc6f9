"""The limits that SECURITY.md promises are those of the code."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.architecture.source import ROOT
from wadjet.conf import Settings
from wadjet.http import cookies, decoding, multipart, spool
from wadjet.http.forms import FormLimits, parse_urlencoded
from wadjet.http.queries import parse_query
from wadjet.media import json


def default(function: object, parameter: str) -> object:
    assert callable(function)
    return inspect.signature(function).parameters[parameter].default


PROMISED = re.findall(r"^\| ([^|]+?) \| (\d+) \|", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
KEPT = {
    "bytes of a body": Settings.MAX_BODY_SIZE,
    "times that compressed content may grow, beyond 1 MiB": decoding.MOST_RATIO,
    "pairs in a query": default(parse_query, "max_pairs"),
    "fields of a form": Settings.MAX_FORM_FIELDS,
    "files of a form": Settings.MAX_FORM_FILES,
    "bytes of a form field": Settings.MAX_FIELD_SIZE,
    "bytes of all fields of a multipart form": Settings.MAX_FIELDS_SIZE,
    "lines in the head of a part": FormLimits().max_head_lines,
    "bytes of the head of a part": FormLimits().max_head_bytes,
    "bytes before the first part, and after the last": multipart.MOST_AROUND,
    "bytes of the files of a form in memory": spool.IN_MEMORY,
    "cookies in a request": cookies.MAX_PAIRS,
    "bytes of its Cookie header": cookies.MAX_BYTES,
    "levels of nested JSON": json.MAX_DEPTH,
    "plain `def` handlers at once": Settings.THREAD_POOL_SIZE,
    "blocking streams at once": Settings.STREAM_POOL_SIZE,
    "bytes of a request line": Settings.MAX_REQUEST_LINE,
    "bytes of a head": Settings.MAX_HEADER_BYTES,
    "fields of a head": Settings.MAX_HEADER_COUNT,
    "seconds for a head": Settings.HEADER_TIMEOUT,
    "seconds between two requests": Settings.KEEP_ALIVE_TIMEOUT,
    "seconds without content": Settings.BODY_TIMEOUT,
    "seconds without taking a response": Settings.SEND_TIMEOUT,
    "pipelined requests of a connection": Settings.MAX_PIPELINED,
    "connections at once": Settings.MAX_CONNECTIONS,
    "bytes of a response that wait for a client": Settings.WRITE_BUFFER_SIZE,
}


@pytest.mark.parametrize(("what", "limit"), PROMISED)
def test_a_promised_limit_is_kept(what: str, limit: str) -> None:
    assert KEPT[what] == int(limit)


def test_a_form_has_the_limits_of_the_settings_where_there_are_none() -> None:
    assert FormLimits()[:4] == (
        Settings.MAX_FORM_FIELDS,
        Settings.MAX_FORM_FILES,
        Settings.MAX_FIELD_SIZE,
        Settings.MAX_FIELDS_SIZE,
    )
    assert default(parse_urlencoded, "max_fields") == Settings.MAX_FORM_FIELDS
    assert default(parse_urlencoded, "max_field_bytes") == Settings.MAX_FIELD_SIZE


def test_no_limit_is_kept_in_silence() -> None:
    assert [what for what, _ in PROMISED] == list(KEPT)
