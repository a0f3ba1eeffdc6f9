"""WebOb's request, measured, as tables: what each row says is what ours does. Where we differ on purpose, the row says why."""

from __future__ import annotations

import io
from typing import Any

import pytest

from wadjet import Request
from wadjet.http.exceptions import BadRequest, ClientDisconnect

FORM = "application/x-www-form-urlencoded"

# -- 2.1 construction -------------------------------------------------------------------------------------------------------

BLANK_FORMS: list[tuple[Any, str, bytes]] = [
    ({"a": "1", "b": "é"}, FORM, b"a=1&b=%C3%A9"),
    ([("a", "1"), ("a", "2")], FORM, b"a=1&a=2"),
    ("a=1&b=2", FORM, b"a=1&b=2"),
    (b"raw", FORM, b"raw"),
    ({}, FORM, b""),
    ("", FORM, b""),
]


@pytest.mark.parametrize(("given", "kind", "body"), BLANK_FORMS)
def test_a_blank_form_is_urlencoded(given: Any, kind: str, body: bytes) -> None:
    request = Request.blank("/", POST=given)
    assert (request.method, request.content_type, request.body_bytes) == ("POST", kind, body)
    assert request.content_length == len(body)


def test_a_form_with_a_file_is_multipart() -> None:
    request = Request.blank("/", POST={"a": "1", "f": ("x.html", b"<p>")})
    boundary = request.headers["content-type"].partition("boundary=")[2]
    assert len(boundary) == 20
    assert int(boundary, 16)
    assert (
        request.body_bytes
        == (
            f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="x.html"\r\n'
            f"Content-Type: text/html\r\n\r\n<p>\r\n--{boundary}--\r\n"
        ).encode()
    )


def test_file_objects_of_a_form_are_read() -> None:
    assert b"\r\n\r\nread\r\n" in Request.blank("/", POST={"f": ("x", io.BytesIO(b"read"))}).body_bytes
    assert b"\r\n\r\ntext\r\n" in Request.blank("/", POST={"f": ("x", io.StringIO("text"))}).body_bytes


def test_an_explicit_multipart_type_keeps_its_boundary() -> None:
    kind = "multipart/form-data; boundary=mine"
    request = Request.blank("/", POST={"a": "1"}, headers={"content-type": kind})
    assert request.headers["content-type"] == kind
    assert request.body_bytes.startswith(b"--mine\r\n")


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"a": "1"}, "text/plain", "Please provide POST data as bytes for content type 'text/plain'"),
        ({"f": ("x", b"")}, FORM, "Submitting files is not possible"),
        ("é", "", "ascii"),
    ],
)
def test_a_form_that_the_type_cannot_express_is_refused(given: Any, kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Request.blank("/", POST=given, headers={"content-type": kind} if kind else None)


@pytest.mark.parametrize(
    ("options", "method"),
    [
        ({}, "POST"),
        ({"environ": {"REQUEST_METHOD": "PUT"}}, "PUT"),
        ({"environ": {"REQUEST_METHOD": "GET"}}, "POST"),
        ({"method": "PATCH"}, "PATCH"),
        ({"method": "PATCH", "environ": {"REQUEST_METHOD": "PUT"}}, "PATCH"),
    ],
)
def test_a_form_makes_the_method_post_unless_something_says_otherwise(
    options: dict[str, Any], method: str
) -> None:
    assert Request.blank("/", POST={"a": "1"}, **options).method == method


def test_a_blank_request_is_a_get_of_http_1_0_at_localhost() -> None:
    request = Request.blank("/a")
    assert (request.method, request.http_version, request.host) == ("GET", "1.0", "localhost")
    assert (request.script_name, request.path_info, request.query_string) == ("", "/a", "")
    assert (request.body_bytes, request.headers.multi_items()) == (b"", [("host", "localhost")])


PATHS: list[tuple[str, dict[str, str]]] = [
    ("https://h:8443/a?b=1", {"url": "https://h:8443/a?b=1", "host": "h:8443", "scheme": "https"}),
    ("https://h:443/", {"url": "https://h/", "host": "h"}),
    ("http://h", {"url": "http://h/", "path": "/"}),
    ("//h/x", {"url": "//h/x"}),
    ("", {"url": "http://localhost/"}),
    ("?a=é b", {"url": "http://localhost/?a=%C3%A9%20b"}),
    ("/é%20b", {"path": "/é b", "url": "http://localhost/%C3%A9%20b"}),
    ("/a%2Fb", {"path": "/a/b"}),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_path_is_split_and_decoded(path: str, expected: dict[str, str]) -> None:
    if path == "//h/x":
        with pytest.raises(TypeError, match="Unknown scheme"):
            Request.blank(path)
        return
    request = Request.blank(path)
    assert {name: getattr(request, name) for name in expected} == expected


def test_an_escaped_slash_is_kept_as_it_is_sent() -> None:
    """WebOb loses it."""
    assert Request.blank("/a%2Fb", base_url="http://h/r").raw_path == b"/r/a%2Fb"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"path": "/a#b"}, TypeError, "a fragment is never sent"),
        ({"path": "http://h/a#b"}, TypeError, "a fragment is never sent"),
        ({"path": "ftp://h/"}, TypeError, "Unknown scheme: 'ftp'"),
        ({"path": "a"}, ValueError, "begins with a slash"),
        ({"path": "/", "base_url": "http://h/?a"}, ValueError, "has a query or a fragment"),
        ({"path": "/", "base_url": "http://h/#a"}, ValueError, "has a query or a fragment"),
        ({"path": "/", "base_url": "/app"}, TypeError, "Unknown scheme"),
        ({"path": "/", "foo": 1}, TypeError, "Unexpected keyword: foo=1"),
        ({"path": "/", "acept": "x"}, TypeError, "did you mean 'accept'"),
        ({"path": "/%ff"}, BadRequest, "not UTF-8"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        Request.blank(**arguments)
    assert message in str(caught.value)


def test_keywords_set_attributes() -> None:
    request = Request.blank(
        "/",
        method="PUT",
        json={"a": 1},
        range="bytes=0-1",
        if_none_match='"x"',
        content_type="application/json",
    )
    assert (request.method, request.json_body, request.content_type) == ("PUT", {"a": 1}, "application/json")
    assert (str(request.range), "x" in request.if_none_match) == ("bytes=0-1", True)
    assert Request.blank("/", text="é", charset="latin-1").body_bytes == b"\xe9"
    assert Request.blank("/", body=b"x").body_bytes == b"x"


def test_environ_wins_over_the_path_and_headers_win_over_environ() -> None:
    own = {"HTTP_X": "environ", "CONTENT_TYPE": "a/b", "PATH_INFO": "/other", "my.key": 1}
    request = Request.blank("/a", own, headers={"x": "headers", "content-type": "c/d"})
    assert (request.path, request.headers["x"], request.content_type) == ("/other", "headers", "c/d")
    assert request.environ["my.key"] == 1


def test_an_environ_is_exactly_a_dict() -> None:
    class Own(dict[str, Any]):
        pass

    with pytest.raises(TypeError, match="exactly a dict"):
        Request(Own(REQUEST_METHOD="GET"))


# -- 2.3 the URL family -----------------------------------------------------------------------------------------------------

URLS = {
    "url": "http://localhost/app/blog?id=10",
    "host": "localhost",  # WebOb: localhost:80; the source document says localhost
    "domain": "localhost",
    "host_port": "80",
    "host_url": "http://localhost",
    "application_url": "http://localhost/app",
    "path_url": "http://localhost/app/blog",
    "path": "/app/blog",
    "path_qs": "/app/blog?id=10",
    "path_info": "/blog",
    "script_name": "/app",
    "query_string": "id=10",
    "root_path": "/app",
    "raw_path": b"/app/blog",
}


@pytest.mark.parametrize("name", URLS)
def test_the_url_family(name: str) -> None:
    assert getattr(Request.blank("/blog?id=10", base_url="http://localhost/app"), name) == URLS[name]


RELATIVE = [
    ("page2", False, "http://localhost/app/page2"),
    ("/page2", False, "http://localhost/page2"),
    ("/page2", True, "http://localhost/page2"),
    ("page2", True, "http://localhost/app/page2"),
    ("?x=1", False, "http://localhost/app/blog?x=1"),
    ("#f", False, "http://localhost/app/blog#f"),
    ("", False, "http://localhost/app/blog"),
    ("../z", False, "http://localhost/z"),
    ("//evil/x", False, "http://evil/x"),
]


@pytest.mark.parametrize(("other", "to_application", "expected"), RELATIVE)
def test_a_relative_url(other: str, to_application: bool, expected: str) -> None:
    request = Request.blank("/blog?id=10", base_url="http://localhost/app")
    assert request.relative_url(other, to_application) == expected


def test_paths_are_quoted_again_with_the_characters_that_a_path_may_hold() -> None:
    request = Request.blank("https://example.com:8443/a%20b/%C3%A9/~!$&'()*+,;=:@")
    assert request.path_info == "/a b/é/~!$&'()*+,;=:@"
    assert request.path_qs == "/a%20b/%C3%A9/~!$&'()*+,;=:@"


def test_segments_are_popped_and_peeked_at() -> None:
    request = Request.blank("/a/b//c")
    assert [(request.path_info_peek(), request.path_info_pop()) for _ in range(4)] == [
        ("a", "a"),
        ("b", "b"),
        ("c", "c"),
        (None, None),
    ]
    assert (request.script_name, request.path_info, request.path) == ("/a/b//c", "", "/a/b//c")
    numbered = Request.blank("/12/x")
    assert numbered.path_info_pop(r"[a-z]") is None
    assert numbered.path_info_pop(r"\d+") == "12"
    assert (numbered.script_name, numbered.path_info) == ("/12", "/x")


# -- 2.2 simple properties --------------------------------------------------------------------------------------------------

#: What is set, and what is asked for then.
SIMPLE: list[tuple[str, Any, Any]] = [
    ("method", "DELETE", "DELETE"),
    ("scheme", "https", "https"),
    ("script_name", "/é", "/é"),
    ("path_info", "/x y", "/x y"),
    ("query_string", "a=1&b=é", "a=1&b=%C3%A9"),
    ("content_type", "text/plain", "text/plain"),
    ("content_length", 3, 3),
    ("charset", "latin-1", "latin-1"),
    ("host", "other:81", "other:81"),
    ("remote_addr", "1.2.3.4", "1.2.3.4"),
    ("user_agent", "me", "me"),
    ("referer", "http://x/", "http://x/"),
    ("referrer", "http://x/", "http://x/"),
    ("pragma", "no-cache", "no-cache"),
    ("max_forwards", 3, 3),
    ("cookies", {"a": "1"}, {"a": "1"}),
    ("urlvars", {"a": 1}, {"a": 1}),
    ("urlargs", ("a",), ("a",)),
    ("body_bytes", b"x", b"x"),
    ("text_body", "é", "é"),
    ("json_body", {"a": 1}, {"a": 1}),
]


@pytest.mark.parametrize(("name", "given", "expected"), SIMPLE, ids=[row[0] for row in SIMPLE])
def test_a_property_gives_back_what_it_was_set_to(name: str, given: Any, expected: Any) -> None:
    request = Request.blank("/p", base_url="http://h/r")
    setattr(request, name, given)
    assert getattr(request, name) == expected


DEFAULTS: dict[str, Any] = {
    "query_string": "",
    "content_type": "",
    "content_length": None,
    "charset": "utf-8",
    "remote_addr": None,
    "client_addr": None,
    "remote_user": None,
    "remote_host": None,
    "user_agent": None,
    "referer": None,
    "pragma": None,
    "max_forwards": None,
    "is_xhr": False,
    "urlvars": {},
    "urlargs": (),
    "server_name": "localhost",
    "server_port": 80,
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_property_of_a_blank_request(name: str) -> None:
    assert getattr(Request.blank("/"), name) == DEFAULTS[name]


@pytest.mark.parametrize(
    ("host", "domain", "port"),
    [("[::1]", "[::1]", "80"), ("[::1]:8080", "[::1]", "8080"), ("h:81", "h", "81")],
)
def test_domain_and_port_of_a_host(host: str, domain: str, port: str) -> None:
    request = Request.blank("/", headers={"host": host})
    assert (request.domain, request.host_port) == (domain, port)


@pytest.mark.parametrize(
    ("value", "is_xhr"), [("XMLHttpRequest", True), ("xmlhttprequest", False), (None, False)]
)
def test_a_script_says_so_exactly(value: str | None, is_xhr: bool) -> None:
    assert Request.blank("/", headers={"x-requested-with": value} if value else {}).is_xhr is is_xhr


def test_the_client_is_not_what_a_forwarded_field_says() -> None:
    """WebOb believes X-Forwarded-For of everybody."""
    request = Request.blank("/", {"REMOTE_ADDR": "1.2.3.4", "HTTP_X_FORWARDED_FOR": "9.9.9.9"})
    assert (request.client_addr, request.remote_addr) == ("1.2.3.4", "1.2.3.4")


def test_a_set_content_type_keeps_the_parameters_unless_it_brings_its_own() -> None:
    request = Request.blank("/", headers={"content-type": "text/plain; charset=latin-1"})
    request.content_type = "text/html"
    assert request.headers["content-type"] == "text/html; charset=latin-1"
    request.content_type = "text/html; a=b"
    assert request.headers["content-type"] == "text/html; a=b"
    request.content_type = None
    assert "content-type" not in request.headers


def test_a_missing_field_is_missing_by_its_own_name() -> None:
    """WebOb: KeyError('HTTP_NOPE')."""
    with pytest.raises(KeyError, match="^'nope'$"):
        Request.blank("/").headers["nope"]


# -- 2.4 the body -----------------------------------------------------------------------------------------------------------


def test_a_body_file_reads_on_where_it_stopped() -> None:
    request = Request.blank("/", body=b"abcd")
    assert (request.body_file.read(2), request.body_file.read(), request.body_file.read()) == (
        b"ab",
        b"cd",
        b"",
    )
    request.body_file = io.BytesIO(b"xy")
    assert (request.body_bytes, request.content_length, request.body_file.read()) == (b"xy", 2, b"xy")


def test_the_body_takes_bytes_only() -> None:
    with pytest.raises(TypeError, match=r"request.body takes bytes, not str; for text there is text_body"):
        Request.blank("/").body = "x"  # type: ignore[assignment]  # it is refused


def test_setting_json_does_not_set_the_content_type() -> None:
    request = Request.blank("/", json_body={"a": [1, "é"]})
    assert (request.content_type, request.body_bytes) == ("", '{"a":[1,"é"]}'.encode())


@pytest.mark.parametrize(
    ("length", "input", "body"), [("3", b"abcdef", b"abc"), (None, b"abc", b""), ("0", b"abc", b"")]
)
def test_the_input_of_an_environ_ends_at_its_declared_length(
    length: str | None, input: bytes, body: bytes
) -> None:
    environ = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(input)}
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    assert Request(environ).body_bytes == body


def test_an_input_that_has_an_end_is_read_to_it() -> None:
    environ = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(b"abc"), "wsgi.input_terminated": True}
    assert Request(environ).body_bytes == b"abc"


def test_an_input_that_is_short_is_a_disconnect() -> None:
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "9", "wsgi.input": io.BytesIO(b"abc")}
    with pytest.raises(ClientDisconnect):
        _ = Request(environ).body_bytes


QUERIES: list[tuple[str, list[tuple[str, str]]]] = [
    ("a=1&b=2", [("a", "1"), ("b", "2")]),
    ("a=1;b=2", [("a", "1;b=2")]),  # WebOb splits at ; too, which poisons caches
    ("a", [("a", "")]),
    ("a=x+y", [("a", "x y")]),
    ("a=%ff", [("a", "\ufffd")]),  # WebOb: UnicodeDecodeError
    ("a=%zz", [("a", "%zz")]),
    ("a=%+1", [("a", "% 1")]),  # WebOb: \x01
]


@pytest.mark.parametrize(("query", "pairs"), QUERIES)
def test_a_query_is_parsed(query: str, pairs: list[tuple[str, str]]) -> None:
    assert list(Request.blank("/?" + query).GET.items()) == pairs


def test_params_are_query_and_form() -> None:
    request = Request.blank("/?a=query&b=1", POST={"a": "form"})
    assert request.params.getall("a") == ["query", "form"]
    assert request.params["b"] == "1"


def test_a_query_that_is_set_is_parsed_anew() -> None:
    request = Request.blank("/?a=1")
    assert request.GET["a"] == "1"
    request.query_string = "a=2"
    assert request.GET["a"] == "2"
    assert request.url == "http://localhost/?a=2"


# -- 2.4 charsets -----------------------------------------------------------------------------------------------------------


def test_a_charset_decodes_query_form_and_params() -> None:
    class Latin(Request):
        charset = "latin-1"

    latin = {"REQUEST_METHOD": "GET", "QUERY_STRING": "a=%e9"}
    attribute = Request.blank("/?a=%e9", POST=b"b=%e9")
    attribute.charset = "latin-1"
    assert [attribute.GET["a"], attribute.POST["b"], attribute.params["a"]] == ["é", "é", "é"]
    assert Request(dict(latin), charset="latin-1").GET["a"] == "é"
    assert Latin(dict(latin)).GET["a"] == "é"
    assert Request(dict(latin)).GET["a"] == "\ufffd"
    assert Request({**latin}, charset="utf8").charset == "utf-8"


def test_a_charset_that_no_form_is_written_in_is_refused() -> None:
    for name in ("utf-16", "zlib", "nonsense"):
        with pytest.raises(ValueError, match="is no charset that forms are written in"):
            Request.blank("/").charset = name
        for attribute in ("charset", "default_charset"):
            with pytest.raises(ValueError, match="is no charset that forms are written in"):
                type("Wrong", (Request,), {attribute: name})


def test_the_names_of_old_are_aliases() -> None:
    request = Request.blank("/?a=1", POST={"b": "2"}, cookies={"c": "3"})
    assert request.str_GET == request.GET
    assert request.str_POST == request.POST
    assert request.str_params == request.params
    assert request.str_cookies == request.cookies == {"c": "3"}


def test_decoding_gives_a_request_in_utf_8() -> None:
    request = Request.blank("/?q=%e9", POST=b"a=%e9", content_type=f"{FORM}; charset=latin-1")
    decoded = request.decode()
    assert (decoded.GET["q"], decoded.POST["a"], decoded.body_bytes) == ("é", "é", b"a=%C3%A9")
    assert decoded.headers["content-type"] == f"{FORM}; charset=UTF-8"
    assert decoded.query_string == "q=%C3%A9"
    assert request.GET["q"] == "\ufffd"
    assert decoded.decode() is decoded


# -- 2.5 copying, writing down ----------------------------------------------------------------------------------------------


def test_a_copy_shares_nothing_that_can_be_changed() -> None:
    request = Request.blank("/?a=1", POST={"b": "2"}, headers={"x": "1"})
    request.state["kept"] = 1
    request.environ["own.key"] = "kept"
    twin = request.copy()
    twin.headers["x"] = "2"  # type: ignore[index]  # a request of our own making has MutableHeaders
    twin.state["kept"] = 2
    twin.body = b"b=3"
    twin.method = "PUT"
    assert (request.headers["x"], request.state["kept"], request.POST["b"], request.method) == (
        "1",
        1,
        "2",
        "POST",
    )
    assert (twin.headers["x"], twin.POST["b"], twin.GET["a"]) == ("2", "3", "1")
    assert twin.environ["own.key"] == "kept"


def test_a_copy_to_get_has_no_content() -> None:
    request = Request.blank("/a?b=1", POST={"c": "2"}, headers={"x": "1"})
    twin = request.copy_get()
    assert (twin.method, twin.body_bytes, twin.content_type, twin.content_length) == ("GET", b"", "", 0)
    assert (twin.url, twin.headers["x"]) == (request.url, "1")


TEXT = b"""\
POST /a%20b?c=d HTTP/1.0\r
Content-Length: 4\r
Content-Type: text/plain\r
Host: localhost\r
X-A: 1\r
\r
body"""


def test_a_request_is_written_down_and_read_again() -> None:
    request = Request.blank(
        "/a%20b?c=d", method="POST", body=b"body", content_type="text/plain", headers={"x-a": "1"}
    )
    assert request.as_bytes() == TEXT
    assert str(request) == request.as_text() == TEXT.decode()
    assert request.as_bytes(skip_body=True) == TEXT[: -len("\r\n\r\nbody")]
    assert request.as_bytes(skip_body=3) == TEXT.replace(b"\r\n\r\nbody", b"\r\n\r\n<body skipped (len=4)>")
    assert request.as_bytes(skip_body=4) == TEXT
    for again in (
        Request.from_bytes(TEXT),
        Request.from_text(TEXT.decode()),
        Request.from_file(io.BytesIO(TEXT)),
        Request.from_bytes(TEXT.replace(b"\r\n", b"\n")),
    ):
        assert again.as_bytes() == TEXT


def test_without_content_there_is_no_empty_line() -> None:
    assert Request.blank("/").as_bytes() == b"GET / HTTP/1.0\r\nHost: localhost"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT + b"more", "The string contains more data than expected"),
        (TEXT[:-1], "1 bytes shorter than Content-Length says"),
        (b"nonsense", "Bad HTTP request line: 'nonsense'"),
        (b"", "Bad HTTP request line: ''"),
        (b"GET / HTTP/2.0\r\n\r\n", "Bad HTTP request line"),
        (b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", "Bad header line: 'nonsense'"),
        (b"GET / HTTP/1.1\r\na b: c\r\n\r\n", "is not a token"),
        (b"GET / HTTP/1.1\r\na: b\r\n folded\r\n\r\n", "Bad header line"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "Content-Length is no number"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "two that differ"),
    ],
)
def test_text_that_is_no_request_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(ValueError, match="^.*" + message.replace("(", "\\(")):
        Request.from_bytes(text)


def test_repeated_fields_stay_lines_of_their_own() -> None:
    """WebOb joins them, which a cookie or a date does not survive."""
    request = Request.from_bytes(b"GET / HTTP/1.1\r\nHost: h\r\nAccept: a\r\nAccept: b\r\n\r\n")
    assert request.headers.getall("accept") == ["a", "b"]


CONDITIONAL = ("accept-encoding", "if-range", "range", "if-none-match", "if-modified-since")


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ({}, set(CONDITIONAL)),
        ({"remove_encoding": False}, set(CONDITIONAL) - {"accept-encoding"}),
        ({"remove_range": False}, set(CONDITIONAL) - {"range", "if-range"}),
        ({"remove_match": False}, set(CONDITIONAL) - {"if-none-match"}),
        ({"remove_modified": False}, set(CONDITIONAL) - {"if-modified-since"}),
    ],
)
def test_conditional_headers_are_removed(options: dict[str, bool], gone: set[str]) -> None:
    request = Request.blank(
        "/", headers=dict.fromkeys([*CONDITIONAL, "if-match", "if-unmodified-since"], "x")
    )
    before = set(request.headers)
    request.remove_conditional_headers(**options)
    assert before - set(request.headers) == gone


# -- the environ ------------------------------------------------------------------------------------------------------------


def test_the_environ_is_the_one_that_was_given_and_keys_of_ones_own_last() -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/\xc3\xa9",
        "HTTP_X_A": "1",
        "REMOTE_USER": "me",
        "own": 1,
    }
    request = Request(environ)
    assert request.path_info == "/é"
    assert request.environ is environ
    request.method, request.path_info = "PUT", "/ü"
    del request.headers["x-a"]  # type: ignore[attr-defined]  # as above
    assert (request.environ["REQUEST_METHOD"], request.environ["PATH_INFO"]) == ("PUT", "/\xc3\xbc")
    assert "HTTP_X_A" not in request.environ
    assert (request.environ["own"], request.remote_user) == (1, "me")
    assert request.environ["wsgi.version"] == (1, 0)


def test_the_environ_of_a_received_request_is_made_once() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/app/x",
        "root_path": "/app",
        "query_string": b"a=1",
        "headers": [(b"host", b"h:81"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x", b"1"), (b"x", b"2")],
        "client": ("1.2.3.4", 5),
    }
    request = Request(scope)
    environ = request.environ
    environ["own"] = 1
    assert request.environ is environ
    expected = {
        "SCRIPT_NAME": "/app",
        "PATH_INFO": "/x",
        "QUERY_STRING": "a=1",
        "HTTP_HOST": "h:81",
        "SERVER_NAME": "h",
        "SERVER_PORT": "81",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X": "1, 2",
        "REMOTE_ADDR": "1.2.3.4",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
    }
    assert {key: environ[key] for key in expected} == expected
    assert environ["wsgi.input"].read() == b""
    assert list(environ["wsgi.input"]) == []
