from typing import Any

import pytest

import wadjet
from wadjet import BaseMiddleware, Mount, Router, Wadjet
from wadjet.errors import ConfigError, RouteError, SealedError
from wadjet.testing import TestClient


async def handler() -> str:
    return "x"


async def other() -> str:
    return "y"


async def answer(request: object, error: object) -> str:
    return "z"


def paths(router: Router) -> list[str]:
    return [declared.path for declared in router.walk()]


def assembling(app: Wadjet) -> str:
    with pytest.raises(ConfigError) as caught:
        app.seal()
    return str(caught.value)


def test_prefixes_add_up_from_the_outside_in() -> None:
    inner = Router("/c")
    inner.get("/d")(handler)
    inner.get()(handler)
    middle = Router("/b", routes=[inner])
    outer = Router("/a")
    outer.include(middle, prefix="/v1")
    outer.get("/{id}")(handler)
    assert paths(outer) == ["/a/v1/b/c/d", "/a/v1/b/c", "/a/{id}"]


def test_what_is_recorded_later_is_there_too() -> None:
    app, router = Wadjet(), Router("/a")
    app.include(router)
    router.get("/late")(handler)
    with TestClient(app) as client:
        assert client.get("/a/late").text == "x"


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options", "query"])
def test_every_verb_records(verb: str) -> None:
    router = Router()
    getattr(router, verb)("/x", name="n")(handler)
    (declared,) = router.walk()
    assert declared.target.methods == (verb.upper(),)  # type: ignore[union-attr]
    assert declared.options == {"name": "n"}


def test_a_route_may_be_recorded_in_four_ways() -> None:
    router = Router()
    made = [
        router.add("/a", handler, methods=["GET", "POST"]),
        router.route("/b", methods=["PUT"])(handler),
        router.route("/c", handler),
    ]
    router.add_routes([wadjet.get("/d", handler), Mount("/e", Wadjet()), [wadjet.get("/f", handler)]])
    assert [route.path for route in made] == ["/a", "/b", "/c"]
    assert paths(router) == ["/a", "/b", "/c", "/d", "/e", "/f"]


def test_options_are_defaults_for_what_a_router_holds() -> None:
    inner = Router("/i", status_code=202)
    inner.get("/own", status_code=203)(handler)
    inner.get("/inner")(handler)
    outer = Router("/o", status_code=201, max_body_size=5)
    outer.get("/outer")(handler)
    outer.include(inner)
    with TestClient(Wadjet(routes=[outer])) as client:
        assert [client.get(path).status_code for path in ("/o/outer", "/o/i/inner", "/o/i/own")] == [
            201,
            202,
            203,
        ]
    assert all(declared.options["max_body_size"] == 5 for declared in outer.walk())


def test_a_host_is_inherited() -> None:
    inner, outer = Router("/i"), Router(host="api.own.test")
    inner.get("/x")(handler)
    outer.include(inner)
    assert [declared.host for declared in outer.walk()] == ["api.own.test"]
    with TestClient(Wadjet(routes=[outer])) as client:
        assert client.get("/i/x").status_code == 404
        assert client.get("/i/x", headers={"host": "API.own.test:80"}).text == "x"


@pytest.mark.parametrize("prefix", ["a", "/a/", "/"])
def test_a_bad_prefix_says_what_a_good_one_is(prefix: str) -> None:
    message = "a prefix begins with a slash and does not end with one, as '/api'"
    with pytest.raises(RouteError, match=message):
        Router(prefix)
    with pytest.raises(RouteError, match=message):
        Router().include(Router(), prefix)


def test_an_unknown_option_of_a_router_is_refused() -> None:
    with pytest.raises(
        RouteError,
        match=r"Router\('/a'\) has no option 'statuscode'; the options are status_code, allow_head",
    ):
        Router("/a", statuscode=201)  # type: ignore[call-arg]


def test_a_router_has_no_name() -> None:
    with pytest.raises(
        RouteError, match=r"Router\('/a', name='n'\): name is one route's; write `@router.get"
    ):
        Router("/a", name="n")


@pytest.mark.parametrize("value", ["/x", 5, handler, None])
def test_what_holds_no_routes_cannot_be_included(value: Any) -> None:
    with pytest.raises(RouteError, match="this is no Route, Router, View or list of them"):
        Router().include(value)


def test_a_router_that_holds_itself_is_refused() -> None:
    router = Router("/a")
    with pytest.raises(RouteError, match="holds itself"):
        router.include(router)
        list(router.walk())


def test_nothing_can_be_recorded_once_the_application_serves() -> None:
    inner = Router("/i")
    app = Wadjet(routes=[inner])
    app.get("/")(handler)
    app.seal()
    for record in (
        lambda: app.get("/late")(handler),
        lambda: inner.get("/late")(handler),
        lambda: app.include(Router()),
        lambda: app.mount("/m", handler),  # type: ignore[arg-type]
        lambda: app.on_startup(print),
        lambda: app.on_shutdown(print),
        lambda: app.exception_handler(404)(answer),
        lambda: app.add_converter("x", None),  # type: ignore[arg-type]
    ):
        with pytest.raises(SealedError, match="comes too late: the application is serving already"):
            record()


def test_a_router_of_two_applications_stays_open_until_both_serve() -> None:
    shared, inner = Router("/s"), Router("/i")
    shared.include(inner)
    one, two = Wadjet(routes=[shared]), Wadjet(routes=[shared])
    one.seal()
    inner.get("/late")(handler)
    with TestClient(one) as first, TestClient(two) as second:
        assert (first.get("/s/i/late").status_code, second.get("/s/i/late").text) == (404, "x")
    for router in (shared, inner):
        with pytest.raises(SealedError, match="comes too late"):
            router.get("/later")(handler)


def test_a_router_that_no_application_holds_is_open() -> None:
    inner = Router("/i")
    Router("/o", routes=[inner]).get("/x")(handler)
    assert not inner.is_sealed
    inner.get("/x")(handler)


def test_routers_show_their_prefix() -> None:
    assert (repr(Router("/a")), repr(Router())) == ("<Router /a>", "<Router />")


# -- mistakes that assembly finds ----------------------------------------------------------------------------------------

LINE = handler.__code__.co_firstlineno


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("x", "position 0: a path begins with '/'"),
        ("/{", "this brace has no partner: a parameter is written {name} or {name:int}"),
        ("/<id>", "a parameter is written {name} or {name:int}, the rest of the path {name:path}"),
        ("/a b", "whitespace and control characters have no place here: a literal space is %20"),
        ("/a?b", "a path has neither query nor fragment"),
        ("/{id:nit}", "no converter is called 'nit'; did you mean 'int'? known: "),
        ("/{id}/{id}", "the name 'id' stands here a second time: give each its own"),
    ],
)
def test_a_bad_path_fails_with_its_place(path: str, problem: str) -> None:
    app = Wadjet()
    app.get(path)(handler)
    message = assembling(app)
    assert message.startswith(f"{__file__}:{LINE}: handler(): the path {path!r}, position ")
    assert problem in message


def test_two_routes_for_one_path_fail_naming_both() -> None:
    app = Wadjet()
    app.get("/users/{id}")(handler)
    app.get("/users/{name}")(other)
    message = assembling(app)
    assert f"{__file__}:{LINE}: handler()" in message
    assert f"{__file__}:{other.__code__.co_firstlineno}: other()" in message
    assert "GET" in message


def test_two_routes_of_one_name_fail_naming_both() -> None:
    app = Wadjet()
    app.get("/a", name="same")(handler)
    app.get("/b", name="same")(other)
    message = assembling(app)
    assert "'same'" in message
    assert f"{__file__}:{LINE}: handler()" in message
    assert "other()" in message


def test_a_route_without_a_path_at_top_level_fails() -> None:
    app = Wadjet()
    app.get()(handler)
    message = assembling(app)
    assert message == (
        f"{__file__}:{LINE}: handler(): the route has no path and nothing above it has one; write `@app.get('/')`"
    )


def test_middleware_that_is_an_instance_fails() -> None:
    class Hooks(BaseMiddleware):
        pass

    app = Wadjet(middleware=[Hooks(handler)])  # type: ignore[arg-type]
    message = assembling(app)
    assert "give the class, (class, options) or a dotted path; it is made around the application" in message


@pytest.mark.parametrize("path", ["nowhere.Middleware", "wadjet.Nothing", "x", "", "a..b"])
def test_middleware_that_cannot_be_imported_fails(path: str) -> None:
    message = assembling(Wadjet(middleware=[path]))
    assert message.startswith(f"middleware {path!r} cannot be imported: ")


def test_a_status_that_cannot_be_fails_on_a_router_too() -> None:
    router = Router("/a", status_code=99)
    router.get("/x")(handler)
    message = assembling(Wadjet(routes=[router]))
    assert message == f"{__file__}:{LINE}: handler(): a status code is an int from 100 to 599, not 99"


def test_an_exception_handler_is_registered_once() -> None:
    app = Wadjet()
    app.exception_handler(404)(answer)
    with pytest.raises(ConfigError, match=r"exception_handler\(404\) is taken by .*answer.*; keep one"):
        app.exception_handler(404)(answer)


def test_a_verb_without_a_path_says_how_to_write_it() -> None:
    async def index() -> None: ...

    with pytest.raises(RouteError, match=r"write `@app\.get\('/'\)`"):
        Router().get(index)  # type: ignore[arg-type]


def test_what_is_mounted_is_another_application() -> None:
    app = Wadjet()
    for mounted in (5, app):
        with pytest.raises(RouteError, match="this is no other ASGI application"):
            app.mount("/x", mounted)  # type: ignore[arg-type]
