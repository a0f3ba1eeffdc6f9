"""Traversal: a tree of resources, their views, and who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet import Request, Wadjet
from wadjet.errors import ConfigError, SealedError
from wadjet.events import BeforeTraversal, ContextFound
from wadjet.middleware.base import BaseMiddleware
from wadjet.testing import TestClient
from wadjet.traversal import (
    ALL_PERMISSIONS,
    DENY_ALL,
    Allow,
    Authenticated,
    Deny,
    Everyone,
    lineage,
    permits,
    view_config,
)


class Node(dict[str, Any]):
    def __init__(self, name: str = "", parent: Any = None, **below: Any) -> None:
        super().__init__(below)
        self.__name__, self.__parent__ = name, parent
        self.secret = "attribute"
        for key, value in below.items():
            if isinstance(value, Node):
                value.__name__, value.__parent__ = key, self


class Page(Node):
    pass


class Front(Page):
    pass


def tree() -> Node:
    below: dict[str, Any] = {"a/b": Page()}
    return Node(docs=Node(intro=Page(), front=Front(), **below), text="abc", things=["x"])


def shown(request: Request) -> Any:
    return {
        "context": request.context.__class__.__name__,
        "root": request.root is not request.context,
        "view_name": request.view_name,
        "subpath": request.subpath,
        "traversed": request.traversed,
        "virtual_root_path": request.virtual_root_path,
    }


def site(root: Any = None) -> Wadjet:
    app = Wadjet(root_factory=(lambda request: tree()) if root is None else root)
    app.add_view(shown, renderer="json", request_method="GET")
    app.add_view(lambda context, request: f"edit {context.__name__}", name="edit")
    return app


@pytest.mark.parametrize(
    ("path", "context", "name", "subpath", "traversed"),
    [
        ("/", "Node", "", [], []),
        ("/docs", "Node", "", [], ["docs"]),
        ("/docs/", "Node", "", [], ["docs"]),
        ("/docs/./intro", "Page", "", [], ["docs", "intro"]),
        ("/docs/a%2Fb", "Page", "", [], ["docs", "a/b"]),
        ("/docs/@@/x", "Node", "", ["x"], ["docs"]),
    ],
)
def test_a_path_leads_to_a_resource(
    path: str, context: str, name: str, subpath: list[str], traversed: list[str]
) -> None:
    found = TestClient(site()).get(path).json()
    assert (found["context"], found["view_name"], found["subpath"], found["traversed"]) == (
        context,
        name,
        subpath,
        traversed,
    )


@pytest.mark.parametrize("path", ["/docs/intro/edit", "/docs/intro/@@edit", "/docs/intro/edit/more/of/it"])
def test_what_leads_nowhere_names_the_view(path: str) -> None:
    assert TestClient(site()).get(path).text == "edit intro"


@pytest.mark.parametrize(
    "path",
    [
        "/secret",
        "/__class__",
        "/docs/__parent__",
        "/docs/_private",
        "/text/0",
        "/text/a",
        "/things/0",
        "/docs/nothing",
    ],
)
def test_attributes_characters_and_lists_are_no_resources(path: str) -> None:
    assert TestClient(site()).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/docs/%2e%2e/docs", "/docs/%2E./docs", "/docs/%ff", "/%80"])
def test_a_path_that_climbs_or_is_not_utf8_is_400(path: str) -> None:
    assert TestClient(site()).get(path).status_code == 400


@given(st.lists(st.text(max_size=8), max_size=5))
def test_no_path_is_a_crash(segments: list[str]) -> None:
    from urllib.parse import quote

    path = "/" + "/".join(quote(segment, safe="", errors="replace") for segment in segments)
    assert TestClient(site(), follow_redirects=False).get(f"http://localhost{path}").status_code in {
        200,
        308,
        400,
        404,
    }


def test_a_wrong_method_is_405_with_allow_and_options_tells() -> None:
    client = TestClient(site())
    response = client.post("/docs")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    response = client.options("/docs")
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert client.head("/docs").status_code == 200
    assert client.post("/docs/edit").status_code == 200


def test_the_nearest_class_answers_and_what_says_the_method_goes_first() -> None:
    app = Wadjet(root_factory=lambda request: tree())
    app.add_view(lambda request: "any")
    app.add_view(lambda request: "page", context=Page)
    app.add_view(lambda request: "page posted", context=Page, request_method="POST")
    app.add_view(lambda request: "front put", context=Front, request_method="PUT")
    client = TestClient(app)
    assert [client.get(path).text for path in ("/", "/docs/intro", "/docs/front")] == ["any", "page", "page"]
    assert client.post("/docs/front").text == "page posted"
    assert client.put("/docs/front").text == "front put"


def test_routes_go_first_and_their_405_stays() -> None:
    app = site()
    app.get("/docs")(lambda: "route")

    @app.get("/mine")
    async def mine(request: Request) -> Any:
        return [request.context is request.root, request.virtual_root is request.root, request.view_name]

    client = TestClient(app)
    assert client.get("/docs").text == "route"
    assert client.post("/docs").status_code == 405
    assert client.get("/docs/intro").status_code == 200
    assert client.get("/mine").json() == [True, True, ""]


def test_children_and_roots_may_be_awaited_and_events_stand_around_it() -> None:
    told: list[Any] = []

    class Slow:
        def __getitem__(self, name: str) -> Any:
            async def child() -> Any:
                if name != "a":
                    raise KeyError(name)
                return Page(name)

            return child()

    async def root(request: Request) -> Any:
        return Slow()

    app = site(root)
    app.add_subscriber(lambda event: told.append("before"), BeforeTraversal)
    app.add_subscriber(lambda event: told.append(event.request.traversed), ContextFound)
    client = TestClient(app)
    assert client.get("/a").json()["context"] == "Page"
    assert client.get("/b").status_code == 404
    assert told == ["before", ("a",), "before", ()]


def test_a_route_does_not_wait_for_an_asynchronous_root() -> None:
    async def root(request: Request) -> Any:
        return None

    app = site(root)
    app.get("/r")(lambda request: request.context)
    with pytest.raises(ConfigError, match="is asynchronous, and a route does not wait for it"):
        TestClient(app).get("/r")


def test_without_a_root_the_default_one_has_views() -> None:
    app = Wadjet()

    @view_config(renderer="string")
    def index(request: Request) -> Any:
        return 7

    app.add_view(index, renderer="string")
    client = TestClient(app)
    assert client.get("/").text == "7"
    assert client.get("/x").status_code == 404


class Classed:
    def __init__(self, context: Any, request: Request) -> None:
        self.context, self.request = context, request

    async def __call__(self) -> str:
        return "called"

    def named(self) -> str:
        return f"named {self.request.view_name}"


class Yielding:
    def __init__(self, request: Request) -> None: ...

    def __call__(self) -> Any:
        yield "a"
        yield "b"


def test_a_class_whose_method_yields_is_a_stream_and_not_rendered() -> None:
    app = Wadjet()
    app.add_view(Yielding)
    assert TestClient(app).get("/").text == "ab"
    rendering = Wadjet()
    rendering.add_view(Yielding, renderer="json")
    with pytest.raises(ConfigError, match="Yielding.* yields, and a stream is not rendered"):
        rendering.seal()


def test_classes_are_views() -> None:
    app = Wadjet()
    app.add_view(Classed)
    app.add_view(Classed, name="n", attr="named")
    client = TestClient(app)
    assert [client.get(path).text for path in ("/", "/n")] == ["called", "named n"]


class User:
    is_authenticated = True
    id = 7
    roles = ("editor", 3)
    groups = ("staff",)


def acl_app(user: Any) -> Wadjet:
    class Known(BaseMiddleware):
        def before(self, request: Request) -> None:
            if user is not None:
                request.user = user

    def root(request: Request) -> Node:
        top, page, closed = Node(), Page(), Page()
        top.__acl__ = [(Allow, Everyone, "view"), (Allow, "role:editor", ("edit",)), DENY_ALL]  # type: ignore[attr-defined]
        closed.__acl__ = lambda: [(Deny, Authenticated, ALL_PERMISSIONS)]  # type: ignore[attr-defined]
        for name, node in (("page", page), ("closed", closed)):
            node.__name__, node.__parent__ = name, top
            top[name] = node
        return top

    app = Wadjet(root_factory=root, middleware=[Known])
    app.add_view(lambda request: "seen", permission="view")
    app.add_view(lambda request: "edited", name="edit", permission="edit")
    return app


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        (None, "/page", 200),
        (None, "/page/edit", 401),
        (User(), "/page/edit", 200),
        (type("Reader", (User,), {"roles": ()})(), "/page/edit", 403),
        (User(), "/closed", 403),
        (None, "/closed", 200),
    ],
)
def test_access_control_lists_are_asked_up_the_lineage(user: Any, path: str, status: int) -> None:
    assert TestClient(acl_app(user)).get(path).status_code == status


@pytest.mark.parametrize(("user", "may"), [(None, [True, False, True]), (User(), [True, True, False])])
def test_a_request_asks_what_may_be_done_with_its_context_or_another_object(
    user: Any, may: list[bool]
) -> None:
    app = acl_app(user)
    found: list[bool] = []

    def look(request: Request) -> str:
        closed = request.root["closed"]
        found.extend([request.has_permission("view"), request.has_permission("edit")])
        found.append(request.has_permission("view", closed))
        return ""

    app.add_view(look, name="look")
    app.get("/route")(look)
    client = TestClient(app)
    assert client.get("/page/look").status_code == 200
    assert client.get("/route").status_code == 200
    assert found == may * 2


def test_where_no_list_says_yes_the_answer_is_no() -> None:
    resource = Node()
    assert not permits(resource, {Everyone}, "view")
    resource.__acl__ = [("allow", Everyone, "view")]  # type: ignore[attr-defined]
    assert not permits(resource, {Everyone}, "view")
    assert repr(ALL_PERMISSIONS) == "ALL_PERMISSIONS"
    for ask in (list, len):
        with pytest.raises(TypeError, match="cannot be"):
            ask(ALL_PERMISSIONS)


def test_resources_have_addresses() -> None:
    root = tree()
    page = root["docs"]["a/b"]
    assert [each.__name__ for each in lineage(page)] == ["a/b", "docs", ""]
    found: list[str] = []

    def view(request: Request) -> str:
        found.extend([request.resource_path(page), request.resource_path(root)])
        found.extend([request.resource_url(page, "edit", query={"q": "é"}), request.resource_url(root)])
        return "x"

    app = Wadjet(root_factory=lambda request: root)
    app.add_view(view)
    TestClient(app, root_path="/app").get("/")
    assert found == [
        "/app/docs/a%2Fb/",
        "/app/",
        "http://localhost/app/docs/a%2Fb/edit?q=%C3%A9",
        "http://localhost/app/",
    ]


def test_a_virtual_root_is_a_trusted_proxys_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def view(request: Request) -> Any:
        virtual = request.virtual_root.__name__
        return [request.virtual_root_path, virtual, request.resource_path(request.context), request.traversed]

    answers = []
    for trusted in ("", "127.0.0.1"):
        monkeypatch.setenv("WADJET_TRUSTED_PROXIES", trusted)
        app = Wadjet(root_factory=lambda request: tree())
        app.add_view(view, renderer="json")
        client = TestClient(app)
        answers.append(
            client.get("/docs", headers={"x-vhm-root": "/docs"}).status_code if not trusted else None
        )
        if trusted:
            assert client.get("/intro", headers={"x-vhm-root": "/docs"}).json() == [
                ["docs"],
                "docs",
                "/intro/",
                ["docs", "intro"],
            ]
            assert client.get("/", headers={"x-vhm-root": "/docs"}).json() == [
                ["docs"],
                "docs",
                "/",
                ["docs"],
            ]
        else:
            assert client.get("/docs", headers={"x-vhm-root": "/docs"}).json()[0] == []
    assert answers == [200, None]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"context": "Page"}, "context='Page' is no class of resources"),
        ({"name": "@@edit"}, "name='@@edit' is no name of a view"),
        ({"request_method": "get"}, "request_method='get' is not in capitals"),
        ({"attr": "x"}, "attr='x' is no method of it"),
    ],
)
def test_a_view_that_cannot_be_is_an_error_where_it_is_written(given: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        view_config(**given)(lambda request: "x")


def test_what_a_view_takes_is_known_at_assembly() -> None:
    app, view = Wadjet(), "no view"
    app.add_view(lambda: "x")
    with pytest.raises(ConfigError, match=r"a view takes \(request\) or \(context, request\)"):
        app.seal()
    with pytest.raises(ConfigError, match="this is no function and no class"):
        Wadjet().add_view(view)  # type: ignore[type-var]  # which is the mistake


def test_two_views_for_the_same_are_an_error() -> None:
    app = Wadjet()
    app.add_view(lambda request: "a", request_method=("GET", "POST"))
    app.add_view(lambda request: "b", request_method="POST")
    with pytest.raises(ConfigError, match="has the name '' for object and POST already"):
        app.seal()
    with pytest.raises(SealedError, match="add_view comes too late"):
        sealed = Wadjet()
        sealed.seal()
        sealed.add_view(lambda request: "a")
