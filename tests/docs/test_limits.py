"""The limits that SECURITY.md promises are those of the code."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.architecture.source import ROOT
from wadjet.conf import Settings
from wadjet.http import cookies
from wadjet.http.forms import parse_urlencoded
from wadjet.http.urls import parse_query
from wadjet.media import json


def default(function: object, parameter: str) -> object:
    assert callable(function)
    return inspect.signature(function).parameters[parameter].default


PROMISED = re.findall(r"^\| ([^|]+?) \| (\d+) \|", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
KEPT = {
    "bytes of a body": Settings.MAX_BODY_SIZE,
    "pairs in a query or a form": default(parse_query, "max_pairs"),
    "bytes of a form field": default(parse_urlencoded, "max_field_bytes"),
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


def test_no_limit_is_kept_in_silence() -> None:
    assert [what for what, _ in PROMISED] == list(KEPT)
