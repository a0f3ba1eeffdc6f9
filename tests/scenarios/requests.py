"""Wire scenarios of what a handler is told of a request: its fields, parsed, and its addresses."""

from __future__ import annotations

import json
from typing import Any

from tests.scenarios.scenario import Judge, Scenario, ask

__all__ = ["REQUESTS"]


def says(expected: Any) -> Judge:
    """Judge that the answer is this document."""
    return lambda reply: bool(json.loads(reply.body) == expected)


def told(name: str, attribute: str, expected: Any, *fields: str, target: str = "/told") -> Scenario:
    """Tell the handler what an attribute is: as text, where it is there at all."""
    mark = "&" if "?" in target else "?"
    return Scenario(name, ask(f"{target}{mark}attribute={attribute}", *fields), body=says(expected))


REQUESTS = (
    told(
        "REQ date",
        "if_modified_since",
        "1994-11-06 08:49:37+00:00",
        "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT",
    ),
    told("REQ no date", "if_modified_since", None, "If-Modified-Since: yesterday"),
    told("REQ max-forwards", "max_forwards", "3", "Max-Forwards: 3"),
    told("REQ max-forwards nonsense", "max_forwards", None, "Max-Forwards: many"),
    told("REQ range", "range", "bytes=0-4", "Range: bytes=0-4"),
    told("REQ range nonsense", "range", None, "Range: bytes=-"),
    told("REQ authorization", "authorization", "Bearer t", "Authorization: Bearer t"),
    told("REQ authorization nonsense", "authorization", None, 'Authorization: Digest a="'),
    told(
        "REQ tags of two lines", "if_none_match", '"a", W/"b"', 'If-None-Match: "a"', 'If-None-Match: W/"b"'
    ),
    told("REQ cache-control", "cache_control", "no-cache", "Cache-Control: no-cache"),
    told("REQ lines are one text", "user_agent", "one, two", "User-Agent: one", "User-Agent: two"),
    told("REQ host", "host_port", "80"),
    told("REQ path", "path_qs", "/told?q=%20&attribute=path_qs", target="/told?q=%20"),
    told("REQ application", "application_url", "http://own.test"),
    told("REQ xhr", "is_xhr", "True", "X-Requested-With: XMLHttpRequest"),
    Scenario("REQ changes nothing", ask("/told/changed"), body=says("AttributeError")),
    Scenario(
        "REQ asks another", ask("/told/by-another?attribute=user_agent", "User-Agent: me"), body=says("me")
    ),
)
