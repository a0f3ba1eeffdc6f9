"""OpenViper's views, row by row: what View and @action promise, and what is wrong with the original and not with ours."""

from __future__ import annotations

import gc
import inspect
import weakref
from typing import Any, ClassVar

import pytest

from wadjet import JSONResponse, Request, Response, Router, View, Wadjet, action
from wadjet.http.exceptions import NotFound
from wadjet.testing import TestClient
from wadjet.views.methods import Method


class Posts(View):
    async def get(self, request: Request) -> Any:
        return {"posts": []}

    async def post(self, request: Request) -> Any:
        return Response("made", 201)

    @action(methods=["GET", "POST"], name="find")
    async def search(self, request: Request) -> Any:
        return [request.method]

    @action(detail=True, methods=["PUT"], url_path="switch-off")
    async def deactivate(self, request: Request, id: Any) -> Any:
        return {"id": id}


def client(view: type[View], path: str = "/posts", **initkwargs: Any) -> TestClient:
    router, app = Router(), Wadjet(debug=False)
    view.register(router, path, **initkwargs)
    app.include(router)
    app.seal()
    return TestClient(app, raise_server_exceptions=False)


# -- the surface ------------------------------------------------------------------------------------------------------------


def test_class_attributes_have_their_defaults() -> None:
    assert View.http_method_names == ["get", "post", "put", "patch", "delete", "head", "options"]
    assert View.serializer_class is None
    assert frozenset() == View.ALLOWED_KWARGS


def test_the_signatures_are_those_of_the_document() -> None:
    signatures: dict[Any, str] = {
        View.dispatch: "(self, request, /, **kwargs)",
        View.as_view: "(**initkwargs)",
        View.register: "(router, path, *, name=None, **initkwargs)",
    }
    for function, signature in signatures.items():
        bare = [
            parameter.replace(annotation=parameter.empty)
            for parameter in inspect.signature(function).parameters.values()
        ]
        assert str(inspect.Signature(bare)) == signature
    found = inspect.signature(action).parameters
    assert {name: parameter.default for name, parameter in found.items()} == {
        "methods": None,
        "detail": False,
        "url_path": None,
        "name": None,
    }


#: Method, path, status, Allow if it is a refusal.
ROUTES = [
    ("GET", "/posts", 200, ""),
    ("HEAD", "/posts", 200, ""),
    ("POST", "/posts", 201, ""),
    ("OPTIONS", "/posts", 204, "GET, HEAD, OPTIONS, POST"),
    ("PUT", "/posts", 405, "GET, HEAD, OPTIONS, POST"),
    ("GET", "/posts/search", 200, ""),
    ("HEAD", "/posts/search", 200, ""),
    ("POST", "/posts/search", 200, ""),
    ("OPTIONS", "/posts/search", 204, "GET, HEAD, OPTIONS, POST"),
    ("DELETE", "/posts/search", 405, "GET, HEAD, OPTIONS, POST"),
    ("PUT", "/posts/7/switch-off", 200, ""),
    ("OPTIONS", "/posts/7/switch-off", 204, "OPTIONS, PUT"),
    ("GET", "/posts/7/switch-off", 405, "OPTIONS, PUT"),
    ("GET", "/posts/find", 404, ""),
    ("PUT", "/posts/deactivate", 404, ""),
]


@pytest.mark.parametrize(("method", "path", "status", "allow"), ROUTES)
def test_w16_routes_answer_their_methods_with_the_right_allow(
    method: str, path: str, status: int, allow: str
) -> None:
    response = client(Posts).request(method, path)
    assert (response.status_code, response.headers.get("allow", "")) == (status, allow)


def test_w16_head_is_get_without_its_content() -> None:
    api = client(Posts)
    got, head = api.get("/posts"), api.head("/posts")
    assert (head.content, dict(head.headers)) == (b"", dict(got.headers))


@pytest.mark.parametrize(
    ("value", "content_type", "content"),
    [
        (JSONResponse({"a": 1}), "application/json", b'{"a":1}'),
        ({"a": 1}, "application/json", b'{"a":1}'),
        ([1], "application/json", b"[1]"),
        ("text", "text/plain; charset=utf-8", b"text"),
        (b"raw", "application/octet-stream", b"raw"),
        ({1, 1}, "application/json", b"[1]"),
    ],
)
def test_a_method_returns_what_it_likes(value: Any, content_type: str, content: bytes) -> None:
    class Returning(View):
        async def get(self, request: Request) -> Any:
            return value

        @action(detail=True)
        async def same(self, request: Request, id: str) -> Any:
            return value

    api = client(Returning)
    for path in ("/posts", "/posts/1/same"):
        response = api.get(path)
        assert (response.headers["content-type"], response.content) == (content_type, content)


def test_names_reverse_to_paths() -> None:
    app = Wadjet()
    Posts.register(app, "/posts")
    assert app.url_for("Posts") == "/posts"
    assert app.url_for("Posts.find") == app.url_for("find") == "/posts/search"
    assert app.url_for("Posts.deactivate", id=7) == "/posts/7/switch-off"


def test_the_id_of_an_action_is_text_without_an_annotation() -> None:
    assert client(Posts).put("/posts/7/switch-off").json() == {"id": "7"}


# -- what is wrong with the original ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("debug", [True, False])
def test_w2_not_found_raised_in_a_view_is_a_404_in_production_too(debug: bool) -> None:
    class Missing(View):
        async def get(self, request: Request, post_id: int) -> Any:
            raise NotFound

    app = Wadjet(debug=debug)
    Missing.register(app, "/posts/{post_id:int}")
    assert TestClient(app).get("/posts/1").status_code == 404


def test_w10_nothing_is_kept_of_a_request() -> None:
    made: list[weakref.ref[Any]] = []

    async def around(call_next: Any, request: Request) -> Any:
        return await call_next()

    class Kept(View):
        middleware: ClassVar = [around]

        async def get(self, request: Request) -> Any:
            made.append(weakref.ref(self))
            return "x"

    api = client(Kept)
    api.get("/posts")
    gc.collect()
    before = sum(isinstance(each, Method) for each in gc.get_objects())
    for _ in range(50):
        api.get("/posts")
    gc.collect()
    assert sum(isinstance(each, Method) for each in gc.get_objects()) == before
    assert [ref for ref in made if ref() is not None] == []


def test_w10_no_signature_is_inspected_while_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dispatching(Posts):
        async def dispatch(self, request: Request, /, **kwargs: Any) -> Response[Any]:
            return await super().dispatch(request, **kwargs)

    apis = [client(view) for view in (Posts, Dispatching)]
    for api in apis:
        api.get("/posts")

    def refuse(*args: object, **kwargs: object) -> Any:
        raise AssertionError("a signature was inspected")

    monkeypatch.setattr(inspect, "signature", refuse)
    for api in apis:
        assert api.get("/posts").json() == {"posts": []}
        assert api.put("/posts/7/switch-off").json() == {"id": "7"}


def test_w13_what_guards_the_verbs_guards_the_actions() -> None:
    class Guarded(Posts):
        async def dispatch(self, request: Request, /, **kwargs: Any) -> Any:
            return Response("no", 429)

    api = client(Guarded)
    answers = [api.get("/posts"), api.get("/posts/search"), api.put("/posts/7/switch-off")]
    assert [answer.status_code for answer in answers] == [429, 429, 429]


def test_w20_a_path_parameter_is_converted_by_its_annotation() -> None:
    class User(View):
        async def get(self, user_id: int) -> Any:
            return {"next": user_id + 1}

    api = client(User, "/users/{user_id}")
    assert api.get("/users/7").json() == {"next": 8}
    assert api.get("/users/seven").status_code == 422


def test_a_parameter_with_a_default_is_no_segment_of_the_path() -> None:
    class Listing(View):
        async def get(self, page: int = 1) -> Any:
            return page

    api = client(Listing)
    assert (api.get("/posts?page=3").text, api.get("/posts/3").status_code) == ("3", 404)


def test_a_bad_initkwarg_fails_at_registration_and_not_at_a_request() -> None:
    with pytest.raises(TypeError, match="no attribute 'colour'"):
        Posts.register(Router(), "/posts", colour="red")


def test_a_route_that_stands_twice_is_refused_and_not_forgotten() -> None:
    app = Wadjet()
    Posts.register(app, "/posts")
    Posts.register(app, "/posts")
    with pytest.raises(Exception, match="two routes answer GET /posts"):
        app.seal()
