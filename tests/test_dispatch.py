from typing import Any, cast
from urllib.parse import unquote

import pytest

from tests.routing.oracle import Answers
from wadjet.dispatch import Dispatcher
from wadjet.http.request import Request
from wadjet.routing.matcher import Entry, Matcher
from wadjet.routing.pattern import Pattern

PATHS = ("/", "/users", "/users/{name}", "/caf%C3%A9", "/a%2Fb", "/files/{rest:path}")


def matcher(host: str | None = None) -> Matcher[Any]:
    entries = [Entry(Pattern.parse(path), {"GET": f"GET {path}"}, host) for path in PATHS]
    return Matcher(entries, Answers())


def asked(method: str, target: str, root: str = "", *, tells: bool = True) -> Request:
    return Request(
        {
            "type": "http",
            "method": method,
            "path": root + unquote(target),
            "raw_path": (root + target).encode() if tells else None,
            "root_path": root,
            "headers": [(b"host", b"own.test")],
        }
    )


@pytest.mark.parametrize("host", [None, "own.test", "other.test"])
@pytest.mark.parametrize("root", ["", "/users"])
@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/users",
        "/users/",
        "/users/a",
        "/caf%C3%A9",
        "/a%2Fb",
        "/a/b",
        "/%75sers",
        "/files/a/b",
        "/../users",
        "/no",
    ],
)
def test_a_dispatcher_finds_what_its_matcher_finds(
    target: str, method: str, root: str, host: str | None, *, tells: bool
) -> None:
    found, refused = matcher(host), cast("Any", "refused")
    dispatcher = Dispatcher(found, refused, refused)
    request = asked(method, target, root, tells=tells)
    plan, values = found.match(
        method, request.path_info, request.sent_path_info, "own.test" if found.by_host else None
    )
    assert (dispatcher.plan_of(request), request.path_params) == (plan, values)
    assert request.plan is plan


def test_what_has_no_valid_host_is_not_looked_for() -> None:
    refused: Any = "refused"
    request = asked("GET", "/users")
    request.raw_headers.append((b"host", b"other.test"))
    assert Dispatcher(matcher(), refused, refused).plan_of(request) == request.plan == refused
