"""Pyramid's views, renderers, traversal and static files: what is the same, and what is mended (section 12 of its facts)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import Request, Wadjet
from wadjet.testing import TestClient
from wadjet.traversal import ALL_PERMISSIONS, DENY_ALL, Allow, Authenticated, Deny, Everyone, permits


class Folder(dict[str, Any]):
    """A resource with others below it."""

    def __init__(self, name: str = "", parent: Folder | None = None, acl: Any = ()) -> None:
        self.__name__, self.__parent__, self.__acl__ = name, parent, acl
        if parent is not None:
            parent[name] = self


def tree() -> Folder:
    root = Folder()
    Folder("inner", Folder("docs", root))
    Folder("a/b", root)
    return root


def traversed(path: str, method: str = "GET", **headers: str) -> Sent:
    """Return what a request of a tree is told of itself."""
    root = tree()
    app = Wadjet(root_factory=lambda _: root)

    def view(context: Any, request: Request) -> Any:
        return [context.__name__, request.view_name, list(request.subpath), list(request.traversed)]

    for name in ("", "edit"):
        app.add_view(view, context=Folder, name=name, renderer="json", request_method="GET")
    return run(
        app, method, path, headers=[(name.replace("_", "-"), value) for name, value in headers.items()]
    )


#: A path, and name of the context, name of the view, subpath and traversed.
PATHS: list[tuple[str, bytes]] = [
    ("/", b'["","",[],[]]'),
    ("/docs", b'["docs","",[],["docs"]]'),
    ("/docs/", b'["docs","",[],["docs"]]'),
    ("/docs//inner", b'["inner","",[],["docs","inner"]]'),
    ("/docs/edit/x/y", b'["docs","edit",["x","y"],["docs"]]'),
    ("/docs/@@edit", b'["docs","edit",[],["docs"]]'),
    ("/@@edit/docs", b'["","edit",["docs"],[]]'),
    ("/a%2Fb", b'["a/b","",[],["a/b"]]'),
]


@pytest.mark.parametrize(("path", "body"), PATHS, ids=[path for path, _ in PATHS])
def test_12_a_path_is_looked_up_segment_by_segment(path: str, body: bytes) -> None:
    sent = traversed(path)
    assert (sent.status, sent.body) == (200, body)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/docs/none", "GET", 404),
        ("/docs/none", "POST", 404),
        ("/docs", "HEAD", 200),  # GET implies HEAD
        ("/docs", "POST", 405),  # theirs: 404, "predicate mismatch"
        ("/docs/edit", "DELETE", 405),
        ("/docs/%2e%2e", "GET", 400),  # theirs: the folder above
        ("/docs/%ff", "GET", 400),
        ("/docs/./inner", "GET", 400),  # theirs passes over it; clients never send it
    ],
)
def test_12_what_no_view_answers(path: str, method: str, status: int) -> None:
    sent = traversed(path, method)
    assert sent.status == status
    assert (sent.field(b"allow") == b"GET, HEAD, OPTIONS") is (status == 405)


def test_12_a_virtual_root_that_anybody_may_name_is_none() -> None:
    assert traversed("/", x_vhm_root="/docs").body == b'["","",[],[]]'  # theirs: the client chooses


# -- permissions ------------------------------------------------------------------------------------------------------------

LISTS: list[tuple[str, list[Any], list[Any], bool]] = [
    ("nothing says no", [], [], False),
    ("the first entry that fits decides", [(Deny, Everyone, "edit"), (Allow, Everyone, "edit")], [], False),
    ("the nearest list goes first", [(Allow, Everyone, "edit")], [(Deny, Everyone, "edit")], False),
    ("then those above", [(Allow, Authenticated, "edit")], [], True),
    ("another permission decides nothing", [(Allow, Everyone, "view")], [], False),
    ("somebody else decides nothing", [(Allow, "user:2", "edit")], [], False),
    ("every permission", [(Allow, Everyone, ALL_PERMISSIONS)], [], True),
    ("several permissions", [(Allow, Everyone, ("view", "edit"))], [], True),
    ("what is above is not asked", [(Allow, Everyone, "edit")], [DENY_ALL], False),
    ("an action that is misspelt lets nobody in", [("allow", Everyone, "edit")], [], False),
]


@pytest.mark.parametrize(
    ("above", "own", "expected"), [row[1:] for row in LISTS], ids=[row[0] for row in LISTS]
)
def test_12_access_control_lists(above: list[Any], own: list[Any], expected: bool) -> None:
    resource = Folder("x", Folder(acl=above), acl=own)
    assert permits(resource, {Everyone, Authenticated, "user:1"}, "edit") is expected


# -- renderers --------------------------------------------------------------------------------------------------------------


RENDERED: list[tuple[str, Any, bytes, bytes]] = [
    ("json", {"a": 1}, b'{"a":1}', b"application/json"),
    ("json", None, b"null", b"application/json"),
    ("string", 7, b"7", b"text/plain; charset=utf-8"),
    ("string", None, b"None", b"text/plain; charset=utf-8"),
]


@pytest.mark.parametrize(("renderer", "value", "body", "media_type"), RENDERED)
def test_12_renderers(renderer: str, value: Any, body: bytes, media_type: bytes) -> None:
    app = Wadjet()

    @app.get("/", renderer=renderer)
    async def view() -> Any:
        return value

    sent = run(app)
    assert (sent.status, sent.body, sent.field(b"content-type")) == (200, body, media_type)


# -- routes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "path"),
    [({"a": "x y", "b": 1}, "/foo/x%20y/1"), ({"a": "/", "b": 1}, "/foo/%2F/1")],  # theirs: /foo///1
)
def test_12_urls_are_quoted(values: dict[str, Any], path: str) -> None:
    app = Wadjet()
    app.router.add("/foo/{a}/{b:int}", lambda a, b: None, name="it")
    assert app.url_for("it", **values) == path


# -- static files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/static/a.txt", 200),
        ("HEAD", "/static/a.txt", 200),
        ("POST", "/static/a.txt", 405),  # theirs answers POST
        ("GET", "/static/", 404),
        ("GET", "/static/sub/", 200),  # its index
        ("GET", "/static/none", 404),
        ("GET", "/static//a.txt", 404),
        ("GET", "/static/%2e%2e/secret", 400),
        ("GET", "/static/sub%5Ca.txt", 404),
        ("GET", "/static/a%00.txt", 400),
    ],
)
def test_12_static_files(tmp_path: Path, method: str, path: str, status: int) -> None:
    (tmp_path / "files" / "sub").mkdir(parents=True)
    (tmp_path / "files" / "a.txt").write_text("a")
    (tmp_path / "files" / "sub" / "index.html").write_text("index")
    (tmp_path / "secret").write_text("secret")
    app = Wadjet()
    app.static("/static", tmp_path / "files")
    with TestClient(app) as client:
        answer = client.request(method, path)
    assert answer.status_code == status
    assert "secret" not in answer.text
