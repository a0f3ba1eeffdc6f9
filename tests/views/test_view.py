"""View: one method for each HTTP method, a new instance for each request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel

import wadjet
from tests.http.scopes import scope
from wadjet import Header, JSONResponse, Request, Response, Router, View, Wadjet, action
from wadjet.errors import RouteError, SealedError, SignatureError
from wadjet.testing import TestClient


class Note(BaseModel):
    text: str
    stars: int = 0


class Notes(View):
    """All kinds of methods."""

    seen: ClassVar[list[View]] = []

    async def get(self, request: Request, page: int = 1, x_trace: Annotated[str, Header()] = "-") -> Any:
        self.seen.append(self)
        return {"page": page, "trace": x_trace, "method": request.method}

    def post(self, note: Note) -> Note:
        return note.model_copy(update={"stars": threading.current_thread() is not threading.main_thread()})

    async def put(self) -> AsyncIterator[str]:
        yield "a"
        yield "b"

    def patch(self) -> Iterator[bytes]:
        yield b"c"
        yield b"d"

    @staticmethod
    async def delete(tag: str) -> Any:
        return tag, 410


def serving(view: Any, path: str = "/", **initkwargs: Any) -> TestClient:
    app = Wadjet()
    view.register(app, path, **initkwargs)
    return TestClient(app, raise_server_exceptions=False)


def refused(view: Any, **options: Any) -> str:
    app = Wadjet()
    with pytest.raises(RouteError) as caught:
        app.add("/", view, **options)
        app.seal()
    return str(caught.value)


# -- answering --------------------------------------------------------------------------------------------------------------


def test_methods_bind_their_parameters_as_functions_do() -> None:
    client = serving(Notes)
    answer = client.get("/?page=3", headers={"x-trace": "t"})
    assert answer.json() == {"page": 3, "trace": "t", "method": "GET"}
    assert client.get("/?page=x").status_code == 422
    assert client.post("/", json={"text": "hi"}).json() == {"text": "hi", "stars": 1}
    assert client.post("/", json={}).status_code == 422
    assert [client.put("/").text, client.patch("/").text] == ["ab", "cd"]
    deleted = client.delete("/?tag=t")
    assert (deleted.status_code, deleted.text) == (410, "t")


def test_each_request_has_an_instance_of_its_own() -> None:
    Notes.seen.clear()
    client = serving(Notes)
    client.get("/")
    client.get("/")
    first, second = Notes.seen
    assert first is not second


def test_head_options_and_405_come_by_themselves() -> None:
    client = serving(Notes)
    allow = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    head = client.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(b'{"page":1,"trace":"-","method":"HEAD"}'))
    assert (client.options("/").status_code, client.options("/").headers["allow"]) == (204, allow)
    missing = client.request("QUERY", "/")
    assert (missing.status_code, missing.headers["allow"]) == (405, allow)


def test_allow_has_what_the_path_answers_and_not_what_the_class_does() -> None:
    class Many(View):
        async def get(self) -> str:
            return "all"

        async def put(self) -> str:
            return "one"

    app = Wadjet()
    app.add("/all", Many.as_view(), methods=["GET"])
    app.add("/one", Many.as_view(), methods=["PUT"])
    client = TestClient(app)
    assert client.options("/all").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/one").headers["allow"] == "OPTIONS, PUT"


def test_own_head_and_options_methods_are_asked() -> None:
    class Own(View):
        async def get(self) -> str:
            return "get"

        async def head(self) -> Response[Any]:
            return Response("", headers={"x-own": "head"})

        async def options(self, request: Request) -> str:
            return "options"

    client = serving(Own)
    assert client.head("/").headers["x-own"] == "head"
    assert client.options("/").text == "options"


@pytest.mark.parametrize("value", [{"a": 1}, [1], "text", None, Response("r"), JSONResponse({"j": 1})])
def test_a_method_returns_what_a_function_may(value: Any) -> None:
    class Returning(View):
        async def get(self) -> Any:
            return value

    app = Wadjet()
    Returning.register(app, "/view")
    app.get("/function")(lambda: value)
    client = TestClient(app)
    ours, theirs = client.get("/view"), client.get("/function")
    assert (ours.status_code, ours.content, ours.headers) == (
        theirs.status_code,
        theirs.content,
        theirs.headers,
    )


def test_http_method_names_say_what_is_answered() -> None:
    class Few(View):
        http_method_names: ClassVar = ["GET", "query"]

        async def get(self) -> str:
            return "get"

        async def query(self) -> str:
            return "query"

        async def post(self) -> str:
            return "unseen"

    client = serving(Few)
    assert client.request("QUERY", "/").text == "query"
    assert client.post("/").headers["allow"] == "GET, HEAD, OPTIONS, QUERY"
    assert serving(Few, http_method_names=["post"]).options("/").headers["allow"] == "OPTIONS, POST"


def test_query_is_a_method_like_any_other_unless_it_is_named() -> None:
    class Searching(View):
        async def get(self) -> str:
            return self.query("x")

        def query(self, text: str) -> str:
            return text

    client = serving(Searching)
    assert (client.get("/").text, client.request("QUERY", "/").status_code) == ("x", 405)


def test_a_subclass_takes_a_method_away_with_none() -> None:
    class Silent(Notes):
        post = None  # type: ignore[assignment]  # that is how a route is taken away

    assert serving(Silent).post("/").status_code == 405


# -- initkwargs -------------------------------------------------------------------------------------------------------------


class Paged(View):
    size = 10
    colour: str
    ALLOWED_KWARGS: ClassVar = ["extra"]

    async def get(self) -> Any:
        return [self.size, getattr(self, "colour", None), getattr(self, "extra", None)]

    def helper(self) -> None: ...


class Made(View):
    def __init__(self, shop: str, limit: int = 1) -> None:
        self.shop, self.limit = shop, limit

    async def get(self) -> Any:
        return [self.shop, self.limit]


@pytest.mark.parametrize(
    ("view", "initkwargs", "answer"),
    [
        (Paged, {}, [10, None, None]),
        (Paged, {"size": 2, "colour": "red", "extra": 1}, [2, "red", 1]),
        (Made, {"shop": "x"}, ["x", 1]),
        (Made, {"shop": "x", "limit": 3}, ["x", 3]),
    ],
)
def test_initkwargs_reach_every_instance(view: Any, initkwargs: Any, answer: Any) -> None:
    client = serving(view, **initkwargs)
    assert [client.get("/").json(), client.get("/").json()] == [answer, answer]
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("view", "initkwargs", "message"),
    [
        (Paged, {"sise": 1}, "has no attribute 'sise'; give the class one"),
        (Paged, {"_private": 1}, "has no attribute '_private'"),
        (Paged, {"get": 1}, "'get' is a method of the view; override it in a subclass"),
        (Paged, {"query": 1}, "'query' is a method"),
        (Paged, {"helper": 1}, "'helper' is a method"),
        (Paged, {"status_code": 201}, "an option of routes is a class attribute"),
        (Paged, {"wadjet_method": None}, "has no attribute 'wadjet_method'"),
        (Made, {}, "Made.as_view.*missing a required argument: 'shop'"),
        (Made, {"shop": "x", "sise": 1}, "Made.as_view.*unexpected keyword argument 'sise'"),
    ],
)
def test_bad_initkwargs_fail_at_registration(view: Any, initkwargs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        view.register(Router(), "/", **initkwargs)


def test_an_instance_made_by_hand_is_checked_too() -> None:
    with pytest.raises(TypeError, match="no attribute 'sise'"):
        Paged(sise=1)


# -- registering ------------------------------------------------------------------------------------------------------------


def test_a_view_is_registered_in_any_of_these_ways() -> None:
    class At(Notes):
        path: ClassVar = "/own"

    app, router = Wadjet(), Router("/router")
    Notes.register(router, "/registered")
    router.add("/added", Notes.as_view())
    router.route("/routed", Notes.as_view())
    router.include(Notes, "/included")
    router.include(Notes.as_view(), "/handler")
    app.include(router)
    app.include(At)
    app.add("/class", Notes)
    client = TestClient(app)
    for path in ("registered", "added", "routed", "included", "handler"):
        assert client.get(f"/router/{path}").status_code == 200, path
    assert [client.put(path).text for path in ("/own", "/class")] == ["ab", "ab"]
    listed = TestClient(Wadjet(routes=[wadjet.route("/x", Notes), At]))
    assert [listed.put(path).text for path in ("/x", "/own")] == ["ab", "ab"]


def test_a_verb_takes_that_method_of_a_view() -> None:
    app = Wadjet()
    app.get("/x")(Notes.as_view())
    app.add("/y", Notes, methods=["GET", "HEAD", "OPTIONS", "put"])
    client = TestClient(app)
    assert client.options("/x").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/y").headers["allow"] == "GET, HEAD, OPTIONS, PUT"


def test_names_are_the_class_and_its_actions() -> None:
    class Users(View):
        async def get(self) -> str:
            return ""

        @action
        async def search(self) -> str:
            return ""

        @wadjet.get("/latest")
        async def latest(self) -> str:
            return ""

        @wadjet.get("/first", name="the-first")
        async def first(self) -> str:
            return ""

    class Shops(Users): ...

    app = Wadjet()
    Users.register(app, "/users")
    names = ["Users", "Users.search", "search", "Users.latest", "latest", "the-first"]
    assert [app.url_for(name) for name in names] == [
        "/users",
        "/users/search",
        "/users/search",
        "/users/latest",
        "/users/latest",
        "/users/first",
    ]

    both = Wadjet()
    Users.register(both, "/users")
    both.add("/shops", Shops, name="shops", methods=["GET"])
    with pytest.raises(RouteError, match="two routes are called 'the-first'"):
        both.seal()


def test_a_short_name_counts_while_it_is_the_only_one() -> None:
    class One(View):
        name = "ones"

        @action
        async def search(self) -> str:
            return ""

    class Other(View):
        @action(name="find")
        async def search(self) -> str:
            return ""

    app = Wadjet()
    One.register(app, "/one")
    Other.register(app, "/other", name="others")
    assert app.url_for("ones.search") == app.url_for("search") == "/one/search"
    assert app.url_for("others.find") == app.url_for("find") == "/other/search"
    twice = Wadjet()
    One.register(twice, "/a", name="a")
    One.register(twice, "/b", name="b")
    assert twice.url_for("b.search") == "/b/search"
    with pytest.raises(RouteError, match="no route is called 'search'"):
        twice.url_for("search")


# -- options ----------------------------------------------------------------------------------------------------------------


def test_options_are_class_attributes_or_stand_above_a_method() -> None:
    def encode(document: Any) -> str:
        return f"<{document}>"

    class Optioned(View):
        status_code = 203
        response_json_encoder = encode
        max_body_size = 3

        async def get(self) -> Any:
            return [1]

        @wadjet.post(status_code=201)
        async def post(self, data: bytes) -> Any:
            return [2]

        def tags(self) -> None:
            """It is called as an option, and is none."""

    class Derived(Optioned):
        status_code = 202

    client = serving(Optioned)
    assert (client.get("/").status_code, client.get("/").text) == (203, "<[1]>")
    assert (client.post("/", content=b"abc").status_code, client.post("/", content=b"abcd").status_code) == (
        201,
        413,
    )
    assert serving(Derived).get("/").status_code == 202


def test_options_merge_from_the_outside_in() -> None:
    class Optioned(View):
        status_code = 203

        async def get(self) -> str:
            return ""

        @wadjet.put(status_code=205 - 1 + 2)
        async def put(self) -> str:
            return ""

    class Bare(View):
        async def get(self) -> str:
            return ""

    app, router = Wadjet(), Router("/r", status_code=202)
    router.add("/class", Optioned)
    router.add("/given", Optioned, status_code=201)
    router.add("/bare", Bare)
    app.include(router)
    client = TestClient(app)
    paths = ("/r/bare", "/r/class", "/r/given")
    assert [client.get(path).status_code for path in paths] == [202, 203, 201]
    assert [client.put(path).status_code for path in paths[1:]] == [206, 206]


def test_middleware_of_a_view_stands_around_all_its_methods() -> None:
    said: list[str] = []

    async def outer(call_next: Any, request: Request) -> Any:
        said.append(f"> {request.method}")
        result = await call_next()
        said.append("<")
        return result

    async def inner() -> None:
        said.append("class")

    class Guarded(View):
        middleware: ClassVar = [outer, inner]

        async def get(self) -> str:
            return "get"

        @wadjet.put()
        async def put(self) -> str:
            raise LookupError

        @action
        async def search(self) -> str:
            return "search"

    async def innermost() -> None:
        said.append("method")

    async def lost() -> Any:
        return "lost", 410

    Guarded.put.middleware(innermost)
    Guarded.put.error(LookupError)(lost)

    app = Wadjet()
    held = Guarded.as_view()
    route = app.add("/", held)

    @route.middleware
    async def outermost() -> None:
        said.append("route")

    client = TestClient(app)
    assert client.get("/search").text == "search"
    assert said == ["route", "> GET", "class", "<"]
    said.clear()
    assert (client.put("/").status_code, client.put("/").text) == (410, "lost")
    assert said[:4] == ["route", "> PUT", "class", "method"]
    for sealed in (route, Guarded.put):
        with pytest.raises(SealedError):
            sealed.middleware(outermost)


# -- dispatch ---------------------------------------------------------------------------------------------------------------


class Watched(View):
    """A dispatch of one's own stands around verbs and actions."""

    status_code = 201

    async def dispatch(self, request: Request, /, **kwargs: Any) -> Response[Any]:
        if request.headers.get("x-who") == "nobody":
            return Response("who are you?", 401)
        response = await super().dispatch(request, **kwargs)
        response.headers["x-arguments"] = ",".join(sorted(kwargs))
        return response

    async def get(self, req: Request, page: int = 1) -> dict[str, Any]:
        return {"method": req.method, "page": page}

    def post(self, note: Note) -> Note:
        return note.model_copy(update={"stars": threading.current_thread() is not threading.main_thread()})

    async def put(self) -> AsyncIterator[str]:
        yield "a"

    @wadjet.patch(inline=True)
    def patch(self) -> bool:
        return threading.current_thread() is threading.main_thread()

    @action(detail=True)
    async def show(self, request, id) -> Any:  # type: ignore[no-untyped-def]  # as the source's samples are
        return {"id": id, "path": request.path}


def test_a_dispatch_of_ones_own_stands_around_verbs_and_actions() -> None:
    client = serving(Watched)
    answer = client.get("/?page=2")
    assert (answer.status_code, answer.json()) == (201, {"method": "GET", "page": 2})
    assert answer.headers["x-arguments"] == "page"
    assert client.get("/7/show").json() == {"id": "7", "path": "/7/show"}
    assert client.post("/", json={"text": "hi"}).json() == {"text": "hi", "stars": 1}
    assert client.put("/").text == "a"
    assert client.head("/").status_code == 201
    for path in ("/", "/7/show"):
        assert client.get(path, headers={"x-who": "nobody"}).status_code == 401
    assert client.get("/?page=x").status_code == 422


def test_dispatch_leaves_a_def_where_its_route_wants_it() -> None:
    class OnTheLoop(Watched):
        seen: ClassVar[list[int]] = []

        async def dispatch(self, request: Request, /, **kwargs: Any) -> Response[Any]:
            self.seen.append(threading.get_ident())
            return await super().dispatch(request, **kwargs)

        @wadjet.patch(inline=True)
        def patch(self) -> None:
            self.seen.append(threading.get_ident())

        def delete(self) -> None:
            self.seen.append(threading.get_ident())

    client = serving(OnTheLoop)
    client.patch("/")
    client.delete("/")
    loop, patched, again, deleted = OnTheLoop.seen
    assert loop == patched == again != deleted


def test_a_plain_dispatch_may_return_what_a_method_may() -> None:
    class Plain(View):
        def dispatch(self, request: Request, /, **kwargs: Any) -> Any:
            return {"sent": request.method}

        async def get(self) -> dict[str, str]:
            return {}

    assert serving(Plain).get("/").json() == {"sent": "GET"}


def test_a_view_answers_by_hand_without_an_application() -> None:
    async def by_hand() -> None:
        view = Notes.as_view()
        response = await view(Request(scope(method="GET")), page=4, x_trace="t")
        assert response.body == b'{"page":4,"trace":"t","method":"GET"}'
        head = await view(Request(scope(method="HEAD")))
        assert head.status_code == 200
        plain = await view(Request(scope(method="POST")), note=Note(text="x"))
        assert plain.body == b'{"text":"x","stars":0}'
        options = await view(Request(scope(method="OPTIONS")))
        assert options.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
        with pytest.raises(wadjet.HTTPException) as caught:
            await view(Request(scope(method="QUERY")))
        assert caught.value.headers["allow"] == options.headers["allow"]
        assert repr(Paged.as_view(size=2)) == "Paged.as_view(size=2)"

    asyncio.run(by_hand())


def test_another_answer_to_what_is_missing_may_be_awaited() -> None:
    class Polite(View):
        async def http_method_not_allowed(self, request: Request) -> Response[Any]:
            return Response("sorry", 405)

    response = asyncio.run(Polite.as_view()(Request(scope(method="GET"))))
    assert (response.status_code, response.body) == (405, b"sorry")


def test_another_handlers_route_does_not_shape_a_view_that_it_asks() -> None:
    app = Wadjet()

    @app.get("/", status_code=202)
    async def index(request: Request) -> Response[Any]:
        return await Notes.as_view()(request, page=9)

    response = TestClient(app).get("/")
    assert (response.status_code, response.json()["page"]) == (200, 9)


# -- mistakes ---------------------------------------------------------------------------------------------------------------


class Empty(View):
    def helper(self) -> None: ...


@pytest.mark.parametrize(
    ("view", "options", "message"),
    [
        (Empty, {}, "Empty at / answers nothing; write a method that is called get"),
        (Notes, {"methods": ["TRACE"]}, "Notes has no method for TRACE; it has GET, POST"),
        (type("A", (View,), {"http_method_names": "get"}), {}, r"write \['get'\]"),
        (type("A", (View,), {"http_method_names": ["_get"]}), {}, "no name of a public method"),
        (
            type("A", (Notes,), {"response_exclude_nones": True}),
            {},
            "is no option of a route; did you mean 'response_exclude_none'",
        ),
        (type("A", (Notes,), {"response_qqqqqqqqqqqq": 1}), {}, "A.response_q+ is no option of a route$"),
        (type("A", (View,), {"get": lambda: 1}), {}, r"A\.get\(\) takes no self; write `def get\(self, …\)`"),
        (type("A", (Notes,), {"get": 3}), {}, r"A\.get is 3, which is no method; write `def get\(self, …\)`"),
        (type("A", (Notes,), {"put": "text"}), {}, r"A\.put is 'text', which is no method"),
        (type("A", (Notes,), {"get": property(print)}), {}, r"A\.get is <property .*>, which is no method"),
        (type("A", (Notes,), {"middleware": print}), {}, "no list of functions"),
        (type("A", (Notes,), {"middleware": ["x"]}), {}, "no list of functions"),
    ],
)
def test_a_mistake_in_a_view_is_found_at_assembly(view: Any, options: Any, message: str) -> None:
    import re

    assert re.search(message, refused(view, **options))


def test_a_verb_of_a_base_is_taken_away_by_none() -> None:
    client = serving(type("Readable", (Notes,), {"post": None}))
    assert client.post("/", json={"text": "x"}).status_code == 405
    assert client.get("/").status_code == 200


def test_no_methods_at_all_is_a_mistake_with_a_view_too() -> None:
    assert "methods is empty" in refused(Notes, methods=[])


def test_a_signature_is_refused_with_its_place() -> None:
    class Wrong(View):
        async def get(self, **kwargs: Any) -> None: ...

    app = Wadjet()
    Wrong.register(app, "/")
    with pytest.raises(SignatureError, match=r"test_view\.py:\d+: .*Wrong\.get\(\): parameter 'kwargs'"):
        app.seal()


def test_a_view_without_a_path_says_what_to_write() -> None:
    app = Wadjet()
    app.include(Notes)
    with pytest.raises(RouteError, match="Notes: the route has no path"):
        app.seal()


def test_annotations_may_name_what_is_defined_below() -> None:
    class Forward(View):
        async def post(self, later: Later) -> Later:
            return later

    app = Wadjet()
    Forward.register(app, "/")
    assert TestClient(app).post("/", json={"a": 1}).json() == {"a": 1}


class Later(BaseModel):
    a: int


class Resource:
    is_open = True


def test_what_a_stream_of_a_view_was_given_is_kept_until_it_ends() -> None:
    def resource() -> Iterator[Any]:
        made = Resource()
        yield made
        made.is_open = False

    class Streaming(View):
        async def get(self, given: Resource) -> AsyncIterator[str]:
            yield str(given.is_open)

        def post(self, given: Resource) -> Iterator[str]:
            yield str(given.is_open)

        async def put(self, given: Resource) -> bool:
            return given.is_open

    app = Wadjet()
    app.provide(Resource, resource)
    Streaming.register(app, "/")
    client = TestClient(app)
    assert [client.request(method, "/").text for method in ("GET", "POST", "PUT")] == ["True", "True", "true"]
