from typing import Any

import pytest

from tests.handlers.serving import assembling
from wadjet.handlers.respond import Respond
from wadjet.handlers.signature import MISSING


async def handler() -> str:
    return ""


def test_a_route_that_says_nothing_has_the_defaults() -> None:
    assert Respond.of({}, "here") == Respond()
    assert Respond().type is MISSING


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"status_code": 201}, Respond(status=201)),
        ({"response_validate": False}, Respond(validate=False)),
        ({"response_type": None}, Respond(type=None)),
        ({"response_content_type": "text/html"}, Respond(content_type="text/html")),
        ({"response_charset": "UTF-8"}, Respond()),
        ({"response_by_alias": False}, Respond(dump=(("by_alias", False),))),
        (
            {"response_exclude_none": True, "response_include_fields": {"a"}},
            Respond(dump=(("by_alias", True), ("include", {"a"}), ("exclude_none", True))),
        ),
    ],
)
def test_options_are_read(options: Any, expected: Respond) -> None:
    assert Respond.of(options, "here") == expected


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"status_code": 99}, "a status code is an int from 100 to 599, not 99"),
        ({"status_code": 600}, "a status code is an int from 100 to 599, not 600"),
        ({"status_code": "200"}, "a status code is an int from 100 to 599, not '200'"),
        ({"status_code": True}, "a status code is an int from 100 to 599, not True"),
        ({"response_charset": "bogus"}, "'bogus' is not the name of a text encoding; try 'utf-8'"),
        ({"response_charset": "zlib"}, "'zlib' is not the name of a text encoding; try 'utf-8'"),
        (
            {"response_content_type": 'text/html; a="\r\nX-Evil: 1"'},
            "header 'content-type': a control character in the value",
        ),
    ],
)
def test_options_that_cannot_be_fail_at_assembly(options: Any, problem: str) -> None:
    message = assembling(handler, "/", "GET", **options)
    assert f"test_respond.py:{handler.__code__.co_firstlineno}: handler()" in message
    assert problem in message
