import re
import sys
from types import FrameType
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routing.oracle import KINDS, LITERALS, REST, Answers, Sample, expected
from wadjet.errors import RouteError
from wadjet.http.parameters import is_token
from wadjet.http.urls import quote_segment
from wadjet.routing.converters import CONVERTERS, Converter
from wadjet.routing.matcher import ANY_METHOD, Entry, Matcher, relative_twin
from wadjet.routing.pattern import Pattern


def entry(line: str, **more: object) -> Entry[str]:
    """``GET,POST /path``: the target of a method is its word and the path; ``mount`` is any method, below too."""
    methods, path = line.split(maxsplit=1)
    mount = methods == "mount"
    names = ["*"] if mount else methods.split(",")
    pattern = Pattern.prefix(path) if mount else Pattern.parse(path)
    targets = {ANY_METHOD if name == "*" else name: line if mount else f"{name} {path}" for name in names}
    return Entry(pattern, targets, mount=mount, origin=f"at {line}", **more)  # type: ignore[arg-type]


def matcher(*lines: str | Entry[str]) -> Matcher[str]:
    return Matcher([entry(line) if isinstance(line, str) else line for line in lines], Answers())


def target(found: Matcher[str], request: str, host: str | None = None) -> str:
    """Match ``GET /path``, as the request line has it."""
    return matched(found, request, host)[0]


def matched(found: Matcher[str], request: str, host: str | None = None) -> tuple[str, dict[str, object]]:
    method, path = request.split(" ", maxsplit=1)
    raw = path.encode()
    decoded = re.sub(rb"%([0-9A-Fa-f]{2})", lambda escape: bytes([int(escape[1], 16)]), raw)
    return found.match(method, decoded.decode(errors="surrogateescape"), raw, host)


SHOP = matcher(
    "GET,HEAD /",
    "GET,HEAD /users",
    "POST /users",
    "GET /users/{id:int}",
    "DELETE /users/{number:int}",
    "PUT /users/{name}",
    "GET /users/me",
    "GET /users/{id:uuid}",
    "GET /users/{id:int}/posts/{slug:slug}",
    "GET /v{n:int}/{name}.{ext}",
    "GET /prices/{amount:float}",
    "GET /prices/{amount:int}",
    "GET /files/{rest:path}",
    "GET /files/index",
    "GET /tree/{a}/leaf",
    "GET /tree/x/{b}",
    "GET /folder/",
    "OPTIONS,GET /own",
    "GET /caf%C3%A9",
    "GET /a%2Fb",
)


@pytest.mark.parametrize(
    ("request_line", "answer", "values"),
    [
        ("GET /", "GET /", {}),
        ("GET /users", "GET /users", {}),
        ("POST /users", "POST /users", {}),
        ("GET /users/7", "GET /users/{id:int}", {"id": 7}),
        ("GET /users/me", "GET /users/me", {}),
        ("GET /users/12/posts/a-b", "GET /users/{id:int}/posts/{slug:slug}", {"id": 12, "slug": "a-b"}),
        ("GET /v2/a.tar.gz", "GET /v{n:int}/{name}.{ext}", {"n": 2, "name": "a.tar", "ext": "gz"}),
        ("GET /prices/3", "GET /prices/{amount:int}", {"amount": 3}),
        ("GET /prices/3.5", "GET /prices/{amount:float}", {"amount": 3.5}),
        ("GET /files/a/b//c/", "GET /files/{rest:path}", {"rest": "a/b//c/"}),
        ("GET /files/index", "GET /files/index", {}),
        ("GET /files/index/x", "GET /files/{rest:path}", {"rest": "index/x"}),
        ("GET /caf%C3%A9", "GET /caf%C3%A9", {}),
        ("GET /café", "GET /caf%C3%A9", {}),
        ("GET /a%2Fb", "GET /a%2Fb", {}),
        ("GET /a%2fb", "GET /a%2Fb", {}),
        ("GET /%75sers", "GET /users", {}),
    ],
)
def test_a_request_finds_its_target_and_values(
    request_line: str, answer: str, values: dict[str, object]
) -> None:
    assert matched(SHOP, request_line) == (answer, values)


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /user",
        "GET /users/1/posts",
        "GET /users/1/posts/a.b",
        "GET /users/1/posts/a/b",
        "GET /Users",
        "GET /files",
        "GET /files/",
        "GET /files//etc/passwd",
        "GET /prices/x",
        "GET /a/b",
        "GET //",
        "GET //users",
        "GET /users//",
        "GET /v/a.b",
        "GET /%2Fusers",
        "GET /users%2Fme",
    ],
)
def test_a_path_that_no_entry_has_is_not_found(request_line: str) -> None:
    assert target(SHOP, request_line) == "404"


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        ("PUT /users/7", "PUT /users/{name}"),
        ("DELETE /users/7", "DELETE /users/{number:int}"),
        ("PUT /users/me", "PUT /users/{name}"),
        ("GET /tree/x/leaf", "GET /tree/x/{b}"),
        ("GET /tree/y/leaf", "GET /tree/{a}/leaf"),
    ],
)
def test_a_less_specific_entry_is_found_when_the_more_specific_does_not_fit(
    request_line: str, answer: str
) -> None:
    assert target(SHOP, request_line) == answer


def test_a_dead_end_is_left_for_the_next_branch() -> None:
    found = matcher("GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e", "GET /{z:path}")
    assert matched(found, "GET /a/b/c") == ("GET /a/b/c", {})
    assert matched(found, "GET /a/b/d") == ("GET /a/{x}/d", {"x": "b"})
    assert matched(found, "GET /a/b/e") == ("GET /{y}/b/e", {"y": "a"})
    assert matched(found, "GET /a/b/f") == ("GET /{z:path}", {"z": "a/b/f"})


def test_kinds_are_tried_from_the_most_specific_to_the_least() -> None:
    class Hexadecimal(Converter):
        pattern = "[0-9a-f]+"

    kinds = ["str", "path", "slug", "float", "int", "hex", "uuid"]
    known = {**CONVERTERS, "hex": Hexadecimal()}
    lines = [f"/{{x:{kind}}}" for kind in kinds] + ["/{x}-{y}", "/5-{y}", "/lit"]
    found = Matcher([Entry(Pattern.parse(path, known), {"GET": path}) for path in lines], Answers())
    samples = {
        "/lit": "/lit",
        "/5-6": "/5-{y}",
        "/6-5": "/{x}-{y}",
        "/6": "/{x:int}",
        "/6.5": "/{x:float}",
        "/a": "/{x:hex}",
        "/z": "/{x:slug}",
        "/~": "/{x:str}",
        "/~/~": "/{x:path}",
    }
    assert {path: target(found, f"GET {path}") for path in samples} == samples


def test_of_equally_specific_kinds_the_first_declared_is_tried_first() -> None:
    known = {"one": Converter(), "two": Converter()}
    for order in (["/{x:one}", "/{x:two}"], ["/{x:two}", "/{x:one}"]):
        found = Matcher([Entry(Pattern.parse(path, known), {"GET": path}) for path in order], Answers())
        assert target(found, "GET /a") == order[0]


# Methods


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        pytest.param("PUT /users", "405 GET HEAD OPTIONS POST", id="MTH-03"),
        pytest.param("DELETE /users", "405 GET HEAD OPTIONS POST", id="MTH-04"),
        pytest.param("OPTIONS /users", "204 GET HEAD OPTIONS POST", id="MTH-07"),
        pytest.param("get /users", "405 GET HEAD OPTIONS POST", id="URL-46"),
        ("PATCH /users/7", "405 DELETE GET OPTIONS PUT"),
        ("PATCH /users/me", "405 GET OPTIONS PUT"),
        ("OPTIONS /users/7", "204 DELETE GET OPTIONS PUT"),
        ("PATCH /users/bob", "405 OPTIONS PUT"),
        ("PATCH /files/a", "405 GET OPTIONS"),
        ("OPTIONS /own", "OPTIONS /own"),
        ("PUT /own", "405 GET OPTIONS"),
        ("PUT /nowhere", "404"),
        ("OPTIONS /nowhere", "404"),
        *((f"{name} /users", "405 GET HEAD OPTIONS POST") for name in ("__INIT__", "__CLASS__", "A" * 4000)),
        ("* /users", "405 GET HEAD OPTIONS POST"),
    ],
)
def test_another_method_is_refused_with_all_that_the_path_allows(request_line: str, answer: str) -> None:
    assert target(SHOP, request_line) == answer


def test_entries_of_one_shape_keep_their_own_names() -> None:
    assert matched(SHOP, "GET /users/7")[1] == {"id": 7}
    assert matched(SHOP, "DELETE /users/7")[1] == {"number": 7}


def test_an_entry_for_any_method_leaves_those_listed_to_others() -> None:
    found = matcher("GET /x", "* /x", "* /y/{a}", "GET /y/{b:int}")
    assert target(found, "GET /x") == "GET /x"
    assert target(found, "BREW /x") == "* /x"
    assert target(found, "OPTIONS /x") == "* /x"
    assert matched(found, "BREW /y/5") == ("* /y/{a}", {"a": "5"})
    assert target(found, "GET /y/5") == "GET /y/{b:int}"


def test_the_answers_to_other_methods_are_made_once_and_at_the_start() -> None:
    made: list[tuple[str, ...]] = []

    class Counting(Answers):
        def not_allowed(self, allow: tuple[str, ...]) -> str:
            made.append(allow)
            return super().not_allowed(allow)

    found = Matcher([entry("GET /a"), entry("GET /b/{x}"), entry("POST /c")], Counting())
    assert sorted(made) == [("GET", "OPTIONS"), ("OPTIONS", "POST")]
    for path in ("/a", "/b/1", "/b/2", "/c"):
        assert target(found, f"PUT {path}").startswith("405")
    assert len(made) == 2


# Paths


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("hello", "hello", id="URL-01"),
        pytest.param("a%2Fb", "a/b", id="URL-04"),
        pytest.param("a%23b", "a#b", id="URL-06"),
        pytest.param("a+b", "a+b", id="URL-07"),
        pytest.param("%c3%a9", "é", id="URL-08"),
        pytest.param("a%zz", "a%zz", id="URL-12"),
        pytest.param("a%", "a%", id="URL-12 cut off"),
        pytest.param("a" * 6000, "a" * 6000, id="URL-19"),
        pytest.param("a;x=1", "a;x=1", id="URL-53"),
        pytest.param("a%3Fb", "a?b", id="question mark"),
        pytest.param("a%252Fb", "a%2Fb", id="decoded once"),
        pytest.param("a%20b%C2%A0", "a b\xa0", id="spaces"),
        pytest.param("...", "...", id="three dots"),
        pytest.param("a%5C..%5Cb", "a\\..\\b", id="backslashes are data"),
    ],
)
def test_an_escape_is_data(path: str, value: str) -> None:
    assert matched(matcher("GET /param/{value}"), f"GET /param/{path}") == (
        "GET /param/{value}",
        {"value": value},
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/param/%E4%FF", id="URL-09"),
        pytest.param("/param/a%00b", id="URL-11"),
        pytest.param("/param/a\x00b", id="URL-11 plain"),
        pytest.param("@evil.test/param/a", id="URL-40"),
        pytest.param("/param/a\x01", id="URL-42"),
        pytest.param("/param/a%0D%0Ab", id="CR LF"),
        pytest.param("/param/%7F", id="DEL"),
        pytest.param("/param/%ED%A0%80", id="surrogate"),
        pytest.param("*", id="asterisk-form"),
        pytest.param("/.", id="dot"),
        pytest.param("/..", id="dots"),
        pytest.param("/param/../secret", id="dots between"),
        pytest.param("/param/%2e%2E", id="dots escaped"),
        pytest.param("/param/%2e/x", id="dot escaped"),
        pytest.param("/param/..%2F..%2Fetc%2Fpasswd", id="dots before an escaped slash"),
        pytest.param("/param/a%2F..", id="dots after an escaped slash"),
    ],
)
@pytest.mark.parametrize("line", ["GET /param/{value}", "GET /{value:path}", "mount /"])
def test_a_path_that_has_two_readings_is_refused(path: str, line: str) -> None:
    assert target(matcher(line), f"GET {path}") == "400"


@pytest.mark.parametrize("path", ["/param/a\x00b", "/param/\udcff", "/param/..", "param/a", "/param/a\nb"])
def test_a_path_without_its_bytes_is_checked_too(path: str) -> None:
    assert matcher("GET /param/{value}").match("GET", path) == ("400", {})


@pytest.mark.parametrize("path", ["/param/a%2Fb", "/param/50%"])
def test_a_percent_sign_in_a_decoded_path_is_data(path: str) -> None:
    assert matcher("GET /param/{value}").match("GET", path)[1] == {"value": path.removeprefix("/param/")}


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000, "0" * 5000])
def test_a_long_number_is_no_number(digits: str) -> None:
    """URL-15, CVE-2020-10735."""
    assert target(matcher("GET /int/{n:int}"), f"GET /int/{digits}") == "404"


def test_an_escaped_slash_at_the_front_of_the_rest_does_not_make_it_absolute() -> None:
    assert target(matcher("GET /files/{rest:path}"), "GET /files/%2Fetc/passwd") == "404"


def test_a_path_of_slashes_is_searched_soon() -> None:
    found = matcher("GET /{a}/{b}/{c}", "GET /a/{rest:path}", "GET /{a}/x/{rest:path}")
    assert target(found, "GET " + "/" * 8000) == "404"
    assert target(found, "GET " + "/a" * 4000) == "GET /a/{rest:path}"


# Trailing slashes


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        pytest.param("GET /folder", "redirect", id="RDR-22"),
        ("POST /folder", "redirect"),
        ("GET /users/", "redirect"),
        ("GET /users/7/", "redirect"),
        ("BREW /users/7/", "redirect"),
        ("GET /v1/a.b/", "redirect"),
        ("GET ", "redirect"),
        ("GET /folder//", "404"),
        ("GET /files", "404"),
        ("GET //", "404"),
    ],
)
def test_the_path_with_another_trailing_slash_is_redirected_to(request_line: str, answer: str) -> None:
    assert matched(SHOP, request_line) == (answer, {})


def test_a_strict_entry_is_not_redirected_to() -> None:
    found = matcher(entry("GET /a", strict=True), entry("GET /b/{x}/", strict=True))
    assert target(found, "GET /a/") == "404"
    assert target(found, "GET /b/1") == "404"


def test_both_paths_may_be_entries() -> None:
    found = matcher("GET /a", "GET /a/", "GET /{x}/b/", "GET /{y:path}")
    assert target(found, "GET /a") == "GET /a"
    assert target(found, "GET /a/") == "GET /a/"
    assert target(found, "POST /a/") == "405 GET OPTIONS"
    assert target(found, "GET /x/b") == "GET /{y:path}"


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        (b"/name", "./name/"),
        (b"/name/", "../name"),
        (b"/a/name", "./name/"),
        (b"/a/name/", "../name"),
        (b"/a%2Fb", "./a%2Fb/"),
        (b"/%C3%A9/", "../%C3%A9"),
        (b"/x:y", "./x:y/"),
        (b"/javascript:alert(1)", "./javascript:alert(1)/"),
        pytest.param(b"//evil.test", "./evil.test/", id="CVE-2018-14574"),
        pytest.param(b"//evil.test/", "../evil.test", id="CVE-2018-14574 back"),
        pytest.param(b"/mount//evil.test", "./evil.test/", id="RDR-27"),
        pytest.param(b"/\\evil.test", "./%5Cevil.test/", id="backslash"),
        (b"/\t/evil.test", "./evil.test/"),
        (b"/a b\r\n\xff", "./a%20b%0D%0A%FF/"),
        (b"/a?b#c", "./a%3Fb%23c/"),
        (b"", "../"),
        (b"/", "../"),
    ],
)
def test_the_twin_is_relative_to_the_path(path: bytes, reference: str) -> None:
    assert relative_twin(path) == reference


@given(st.binary().map(lambda data: b"/" + data))
def test_no_twin_leaves_the_host(path: bytes) -> None:
    reference = relative_twin(path)
    assert re.fullmatch(r"\.\.?/[A-Za-z0-9\-._~!$&'()*+,;=:@%]*/?", reference)


SEGMENTS = st.text("ab:%20.", min_size=1).filter(lambda text: text not in (".", ".."))


@given(st.lists(SEGMENTS, min_size=1, max_size=3), st.booleans())
def test_a_browser_reads_the_twin_as_the_other_path(segments: list[str], slash: bool) -> None:
    with_slash, without = "/" + "/".join(segments) + "/", "/" + "/".join(segments)
    path, twin = (with_slash, without) if slash else (without, with_slash)
    assert urljoin(f"http://own.test{path}", relative_twin(path.encode())) == f"http://own.test{twin}"


# Mounts


MOUNTED = matcher(
    "GET /legacy/own",
    "GET /{page}",
    "GET /{rest:path}",
    "mount /legacy",
    "mount /t/{tenant}/app/",
    entry("mount /strict", strict=True),
    "GET /both",
    "mount /both",
)


@pytest.mark.parametrize(
    ("request_line", "answer", "values"),
    [
        ("GET /legacy/", "mount /legacy", {}),
        ("BREW /legacy/a/b", "mount /legacy", {}),
        ("OPTIONS /legacy/a", "mount /legacy", {}),
        ("GET /legacy//evil.test", "mount /legacy", {}),
        ("GET /legacy/a%2Fb/", "mount /legacy", {}),
        ("GET /legacy", "redirect", {}),
        ("POST /legacy", "redirect", {}),
        ("GET /legacy/own", "GET /legacy/own", {}),
        ("POST /legacy/own", "405 GET OPTIONS", {}),
        ("OPTIONS /legacy/own", "204 GET OPTIONS", {}),
        ("GET /t/one/app/x", "mount /t/{tenant}/app/", {"tenant": "one"}),
        ("GET /t/one/app", "redirect", {}),
        ("POST /strict", "mount /strict", {}),
        ("POST /strict/", "mount /strict", {}),
        ("GET /both", "GET /both", {}),
        ("POST /both", "405 GET OPTIONS", {}),
        ("POST /both/", "mount /both", {}),
        ("GET /legacies", "GET /{page}", {"page": "legacies"}),
        ("GET /a/b", "GET /{rest:path}", {"rest": "a/b"}),
    ],
)
def test_a_mount_answers_what_no_route_above_it_has(
    request_line: str, answer: str, values: dict[str, object]
) -> None:
    assert matched(MOUNTED, request_line) == (answer, values)


def test_a_mount_at_the_root_is_the_fallback_for_everything() -> None:
    found = matcher("GET /a", "GET /b/{x:int}", "mount /")
    for request_line in ("GET /", "GET /nothing", "BREW /b/x", "GET /a/", "GET //"):
        assert target(found, request_line) == "mount /"
    assert target(found, "GET /a") == "GET /a"
    assert target(found, "POST /a") == "405 GET OPTIONS"
    assert target(found, "OPTIONS /b/1") == "204 GET OPTIONS"


def test_a_mount_may_take_some_methods_only() -> None:
    found = matcher(
        "POST /contact",
        Entry(Pattern.prefix("/"), {"GET": "files", "HEAD": "files"}, mount=True),
    )
    assert target(found, "GET /a/b.css") == "files"
    assert target(found, "POST /a/b.css") == "405 GET HEAD OPTIONS"
    assert target(found, "GET /contact") == "files"
    assert target(found, "PUT /contact") == "405 GET HEAD OPTIONS POST"


def test_an_application_mounted_without_a_slash_sends_its_root_there() -> None:
    assert target(matcher("GET /"), "GET ") == "redirect"
    assert target(matcher(entry("GET /", strict=True)), "GET ") == "404"
    assert target(matcher("mount /"), "GET ") == "redirect"


# Hosts


HOSTED = matcher(
    "GET /",
    "GET /about",
    "GET /only-everywhere",
    entry("GET,POST /about", host="shop.example.com"),
    entry("GET /cart", host="shop.example.com"),
    Entry(Pattern.parse("/about"), {"GET": "any subdomain"}, host="*.example.com"),
    Entry(Pattern.parse("/sub"), {"GET": "any subdomain"}, host="*.example.com"),
    Entry(Pattern.parse("/about"), {"GET": "deeper"}, host="*.eu.example.com"),
    Entry(Pattern.parse("/"), {ANY_METHOD: "address"}, host="[::1]"),
)


@pytest.mark.parametrize(
    ("request_line", "host", "answer"),
    [
        ("GET /about", None, "GET /about"),
        ("GET /about", "else.test", "GET /about"),
        ("GET /about", "example.com", "GET /about"),
        ("GET /about", "a.example.com", "any subdomain"),
        ("GET /about", "a.b.example.com", "any subdomain"),
        ("GET /about", "a.eu.example.com", "deeper"),
        ("GET /about", "eu.example.com", "any subdomain"),
        ("POST /about", "shop.example.com", "POST /about"),
        ("POST /about", "else.test", "405 GET OPTIONS"),
        ("GET /cart", "shop.example.com", "GET /cart"),
        ("GET /cart", "a.example.com", "404"),
        ("GET /cart/", "shop.example.com", "redirect"),
        ("GET /cart/", None, "404"),
        ("GET /sub", "a.eu.example.com", "any subdomain"),
        ("GET /sub", "shop.example.com", "any subdomain"),
        ("GET /only-everywhere", "shop.example.com", "GET /only-everywhere"),
        ("GET /", "[::1]", "address"),
        ("BREW /", "[::1]", "address"),
        ("GET /", "[::2]", "GET /"),
        pytest.param("GET /about", "evilexample.com", "GET /about", id="HOST-26"),
        pytest.param("GET /about", "aXexample.com", "GET /about", id="HOST-29 CVE-2026-25479"),
        ("GET /about", "", "GET /about"),
        ("GET /about", "." * 255, "GET /about"),
    ],
)
def test_the_most_specific_host_answers_with_all_that_is_below_it(
    request_line: str, host: str | None, answer: str
) -> None:
    assert target(HOSTED, request_line, host) == answer


def test_the_host_is_asked_for_only_when_an_entry_names_one() -> None:
    assert HOSTED.by_host
    assert not SHOP.by_host
    assert target(SHOP, "GET /users", "any.test") == "GET /users"


@pytest.mark.parametrize(
    "host", ["", "*", "*.", "Example.com", "a.test:80", "a b", "*.*.test", "a.*", "é.test", "a..b", "a\n"]
)
def test_what_is_no_host_is_the_developers_mistake(host: str) -> None:
    with pytest.raises(RouteError, match=r"(?s)^at GET /: .* is not a host"):
        matcher(entry("GET /", host=host))


# Mistakes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET /a", "GET,POST /a"),
        ("GET /a/{x:int}", "GET /a/{y:int}"),
        ("GET /caf%C3%A9", "GET /café"),
        ("GET /{a}.{b}", "GET /{c}.{d}"),
        ("mount /a", "mount /a/"),
        ("* /a", "* /a"),
    ],
)
def test_two_entries_for_the_same_requests_are_refused_with_both_origins(one: str, other: str) -> None:
    with pytest.raises(RouteError) as caught:
        matcher(one, other)
    message = str(caught.value)
    assert f"at {one}" in message
    assert f"at {other}" in message
    assert "change the path, the method or the host" in message


def test_the_same_path_under_two_hosts_is_no_mistake() -> None:
    found = matcher("GET /a", entry("GET,PUT /a", host="a.test"), entry("GET,PATCH /a", host="*.a.test"))
    for host, methods in (("a.test", ["PUT"]), ("x.a.test", ["PATCH"]), ("b.test", [])):
        answers = [target(found, f"{method} /a", host) for method in ("PUT", "PATCH")]
        assert [answer for answer in answers if not answer.startswith("405")] == [
            f"{method} /a" for method in methods
        ]


# The caller's dict, and the price


@pytest.mark.parametrize("request_line", ["GET /users", "PUT /users", "GET /nowhere", "GET /users/"])
def test_the_values_are_the_callers_to_change(request_line: str) -> None:
    matched(SHOP, request_line)[1]["x"] = 1
    assert matched(SHOP, request_line)[1] == {}


def test_a_literal_path_does_not_touch_the_trie() -> None:
    found = matcher(*(f"GET /route/{number}" for number in range(1000)), "GET /{rest:path}")
    del found._everywhere.root
    assert found.match("GET", "/route/777", b"/route/777") == ("GET /route/777", {})


def test_what_goes_before_a_parameter_is_not_passed_by() -> None:
    found = Matcher(
        [
            Entry(Pattern.parse("/users/{name}"), {"GET": "user"}),
            Entry(Pattern.prefix("/users/files"), {ANY_METHOD: "files"}, mount=True, strict=True),
        ],
        Answers(),
    )
    assert found.match("GET", "/users/files", b"/users/files") == ("files", {})
    assert found.match("GET", "/users/x", b"/users/x") == ("user", {"name": "x"})


def calls(found: Matcher[str], path: str) -> list[str]:
    names: list[str] = []

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.append(frame.f_code.co_name)

    raw = path.encode()
    previous = sys.getprofile()
    sys.setprofile(watch)
    try:
        found.match("GET", path, raw)
    finally:
        sys.setprofile(previous)
    return names


def test_a_match_is_few_calls() -> None:
    assert calls(SHOP, "/users") == ["match"]
    found = matcher("GET /users/me", "GET /users/{id:int}", "GET /users/{id:int}/posts/{slug}")
    assert calls(found, "/users/42") == ["match", "hit", "to_value"]
    assert calls(found, "/users/42/posts/x") == ["match", "_search", "search", "to_value", "to_value", "name"]
    assert calls(found, "/nowhere") == ["match", "_search", "search", "_miss", "search"]


# Properties

PARTS = st.sampled_from([*LITERALS, *KINDS])
ROUTES = st.builds(
    lambda front, last, method, strict: Sample((*front, last), method, strict),
    st.lists(PARTS, max_size=3),
    PARTS | st.sampled_from(["", REST]),
    st.sampled_from(["GET", "POST"]),
    st.booleans(),
)
MOUNTS = st.builds(
    lambda parts, strict: Sample(tuple(parts), ANY_METHOD, strict), st.lists(PARTS, max_size=2), st.booleans()
)
SAMPLES = st.lists(ROUTES | MOUNTS, max_size=12, unique_by=lambda sample: (sample.parts, sample.method))
TEXTS = st.sampled_from([*LITERALS, "7", "07", "v-7", "c", "c.d", "c.d.e", "c_d", "~", "v-", "a/b", ""])
REQUESTS = st.tuples(st.sampled_from(["GET", "POST", "OPTIONS"]), st.lists(TEXTS, min_size=1, max_size=5))


@given(SAMPLES, st.lists(REQUESTS, min_size=1, max_size=8))
@settings(max_examples=500, deadline=None)
def test_the_matcher_agrees_with_trying_every_route(
    samples: list[Sample], requests: list[tuple[str, list[str]]]
) -> None:
    found = Matcher([sample.entry() for sample in samples], Answers())
    for method, segments in requests:
        raw = "/" + "/".join(map(quote_segment, segments))
        assert found.match(method, "/" + "/".join(segments), raw.encode()) == expected(
            samples, method, segments
        )


@given(SAMPLES, st.lists(REQUESTS, min_size=1, max_size=8))
def test_the_shortcut_agrees_with_the_walk(
    samples: list[Sample], requests: list[tuple[str, list[str]]]
) -> None:
    found = Matcher([sample.entry() for sample in samples], Answers())
    paths = [(method, "/" + "/".join(segments)) for method, segments in requests]
    paths += [("GET", sample.entry().pattern.literal) for sample in samples]
    short = [found.match(method, path) for method, path in paths]
    found._everywhere.literals.clear()
    found._everywhere.tails.clear()
    found._everywhere.rests.clear()
    assert [found.match(method, path) for method, path in paths] == short


@given(
    SAMPLES,
    st.sampled_from(["GET", ANY_METHOD, "*", ""]),
    st.text(),
    st.none() | st.binary(),
    st.none() | st.text(),
)
def test_any_request_has_an_answer(
    samples: list[Sample], method: str, path: str, raw_path: bytes | None, host: str | None
) -> None:
    hosted = [sample.entry()._replace(host="*.test", origin="") for sample in samples]
    found = Matcher([*(sample.entry() for sample in samples), *hosted], Answers())
    answer, _ = found.match(method, path, raw_path, host)
    assert isinstance(answer, str)


def test_no_request_has_the_key_of_any_method_as_its_method() -> None:
    assert not is_token(ANY_METHOD)
    assert target(matcher("GET /x"), "* /x") == "405 GET OPTIONS"


@pytest.mark.parametrize(
    ("path", "raw_path", "name"),
    [
        pytest.param("/i/a/b", b"/i/a%2Fb", "a/b", id="the same path, with a slash that is data"),
        pytest.param("/i/a b", b"/v1/i/a%20b", "a b", id="a prefix was taken from the path only"),
        pytest.param("/i/new", b"/i/%6fld", "new", id="the path was rewritten"),
        pytest.param("/i/a b", b"/i/a%20b", "a b", id="the same path"),
    ],
)
def test_a_raw_path_divides_the_path_only_where_it_is_the_same(path: str, raw_path: bytes, name: str) -> None:
    found = matcher("GET /i/{name}", "GET /i/{name}/more")
    assert found.match("GET", path, raw_path) == ("GET /i/{name}", {"name": name})


def test_a_raw_path_that_cannot_be_decoded_is_bad_whatever_the_path_is() -> None:
    assert matcher("GET /i/{name}").match("GET", "/i/\ufffd", b"/i/%FF") == (Answers().bad_path, {})


def test_the_rest_of_a_path_is_found_below_many_paths() -> None:
    lines = [f"GET /s{number}/{{rest:path}}" for number in range(20)]
    found = matcher(*lines, "GET /s1/deep/{rest:path}", "POST /s1/deep/x/{rest:path}")
    for number, line in enumerate(lines):
        assert matched(found, f"GET /s{number}/a/b.css") == (line, {"rest": "a/b.css"})
    assert matched(found, "GET /s1/deep/x/y") == ("GET /s1/deep/{rest:path}", {"rest": "x/y"})
    assert target(found, "GET /s1/../x") == "400"
    assert target(found, "GET /s1/a/.%2e/x") == "400"
    assert target(found, "GET /s1/\x01") == "400"
    assert target(found, "POST /s1/a/b") == "405 GET OPTIONS"


class _Versions(Converter):
    """Takes the rest of a path that begins with a number."""

    spans = True

    def to_value(self, text: str) -> list[int]:
        return [int(part) for part in text.split("/")]


def test_the_rest_of_a_path_is_read_by_its_kind() -> None:
    pattern = Pattern.parse("/v/{rest:versions}", {**CONVERTERS, "versions": _Versions()})
    found = Matcher([Entry(pattern, {"GET": "found"})], Answers())
    assert found.match("GET", "/v/1/2") == ("found", {"rest": [1, 2]})
    assert found.match("GET", "/v/1/x")[0] == "404"
