import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.urls import (
    URL,
    QueryParams,
    decode_path,
    encode_location,
    format_query,
    is_safe_target,
    parse_host,
    quote_path,
    quote_segment,
)

#: Any text that can be encoded.
TEXT = st.text()
#: Text that tends to hold the characters that URLs are made of.
URLISH = st.text(st.sampled_from("ab1:/?#[]@\\%&=+. \t\n\x00é-"))


class TestURL:
    def test_it_is_a_str_that_knows_its_components(self) -> None:
        url = URL("HTTP://user:pw@Own.Test:8000/a/b%20c?x=1?y#frag?#")
        assert url == "HTTP://user:pw@Own.Test:8000/a/b%20c?x=1?y#frag?#"
        assert url.scheme == "http"
        assert url.netloc == "user:pw@Own.Test:8000"
        assert url.host == "own.test"
        assert url.port == 8000
        assert url.path == "/a/b%20c"
        assert url.query == "x=1?y"
        assert url.fragment == "frag?#"

    @pytest.mark.parametrize(
        ("text", "components"),
        [
            ("", ("", "", "", "", "")),
            ("/a", ("", "", "/a", "", "")),
            ("//h/a", ("", "h", "/a", "", "")),
            ("mailto:a@b", ("mailto", "", "a@b", "", "")),
            ("a/b:c", ("", "", "a/b:c", "", "")),
            ("?a=b", ("", "", "", "a=b", "")),
            ("#f", ("", "", "", "", "f")),
            ("http://h?x", ("http", "h", "", "x", "")),
            ("http:/a", ("http", "", "/a", "", "")),
            ("1a:b", ("", "", "1a:b", "", "")),
            (" http://h/", ("", "", " http://h/", "", "")),
        ],
    )
    def test_any_text_has_components(self, text: str, components: tuple[str, ...]) -> None:
        url = URL(text)
        assert (url.scheme, url.netloc, url.path, url.query, url.fragment) == components

    @pytest.mark.parametrize(
        ("netloc", "host", "port"),
        [
            ("h", "h", None),
            ("h:", "h", None),
            ("h:80", "h", 80),
            ("[::1]", "[::1]", None),
            ("[::1]:80", "[::1]", 80),
            ("u@[::1]:80", "[::1]", 80),
            ("u:p@h", "h", None),
            (":80", "", 80),
        ],
    )
    def test_the_authority_has_host_and_port(self, netloc: str, host: str, port: int | None) -> None:
        url = URL(f"http://{netloc}/")
        assert (url.host, url.port) == (host, port)

    @pytest.mark.parametrize("port", ["x", "65536", "-1", "8_0", "+80", "٨٠", "000080"])
    def test_a_port_that_is_none_is_a_value_error(self, port: str) -> None:
        with pytest.raises(ValueError, match="is not a port"):
            URL(f"http://h:{port}/").port  # noqa: B018

    def test_replace_with_positionals_is_that_of_str(self) -> None:
        url = URL("http://a/a").replace("a", "b", 1)
        assert url == "http://b/a"
        assert isinstance(url, URL)

    @pytest.mark.parametrize(
        ("components", "result"),
        [
            ({"scheme": "https"}, "https://u@own.test:8000/a?b#c"),
            ({"port": None}, "http://u@own.test/a?b#c"),
            ({"port": 81}, "http://u@own.test:81/a?b#c"),
            ({"host": "[::1]"}, "http://u@[::1]:8000/a?b#c"),
            ({"host": "x.test:9"}, "http://u@x.test:9/a?b#c"),
            ({"netloc": "x.test"}, "http://x.test/a?b#c"),
            ({"path": "x y?z#%20"}, "http://u@own.test:8000/x%20y%3Fz%23%20?b#c"),
            ({"query": "a=é#b"}, "http://u@own.test:8000/a?a=%C3%A9%23b#c"),
            ({"query": None, "fragment": ""}, "http://u@own.test:8000/a"),
            ({"netloc": "a/b?c"}, "http://a%2Fb%3Fc/a?b#c"),
            ({"scheme": None, "netloc": None}, "/a?b#c"),
            ({"scheme": None, "netloc": None, "path": "//evil.test"}, "/.//evil.test?b#c"),
            ({"scheme": None, "netloc": None, "path": "javascript:x"}, "./javascript:x?b#c"),
        ],
    )
    def test_replace_with_keywords_changes_components(
        self, components: dict[str, str | int | None], result: str
    ) -> None:
        assert URL("http://u@own.test:8000/a?b#c").replace(**components) == result

    @pytest.mark.parametrize(
        "components",
        [
            {"scheme": "a b"},
            {"scheme": "é"},
            {"scheme": "1"},
            {"host": "a/b"},
            {"host": "u@h"},
            {"port": 70000},
        ],
    )
    def test_replace_refuses_what_is_no_component(self, components: dict[str, str | int]) -> None:
        with pytest.raises(ValueError):
            URL("http://h/").replace(**components)

    def test_replace_names_the_components_it_knows(self) -> None:
        with pytest.raises(TypeError, match=r"fragment, host, .*, not 'pth'"):
            URL("http://h/").replace(pth="/")

    @pytest.mark.parametrize(
        ("ref", "result"),
        [
            ("page2", "http://localhost/app/page2"),
            ("/page2", "http://localhost/page2"),
            ("?x=1", "http://localhost/app/blog?x=1"),
            ("", "http://localhost/app/blog"),
            ("#f", "http://localhost/app/blog#f"),
            ("../z", "http://localhost/z"),
            ("//evil/x", "http://evil/x"),
        ],
    )
    def test_a_reference_is_resolved(self, ref: str, result: str) -> None:
        url = URL("http://localhost/app/blog").resolve(ref)
        assert url == result
        assert isinstance(url, URL)

    @pytest.mark.parametrize(
        ("ref", "result"),
        [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
        ],
    )
    def test_references_resolve_as_in_rfc_3986(self, ref: str, result: str) -> None:
        """RFC 3986 §5.4.1."""
        assert URL("http://a/b/c/d;p?q").resolve(ref) == result

    def test_it_survives_pickling(self) -> None:
        url = pickle.loads(pickle.dumps(URL("http://h/a")))
        assert isinstance(url, URL)
        assert url.path == "/a"

    @given(st.one_of(TEXT, URLISH))
    def test_the_components_make_the_text_again(self, text: str) -> None:
        url = URL(text)
        rest = url[len(url.scheme) + 1 :] if url.scheme else str(url)
        rest = rest.removeprefix("//") if rest.startswith(f"//{url.netloc}") else rest
        assert rest.startswith(url.netloc + url.path)
        assert not set(url.netloc) & set("/?#")
        assert not set(url.path) & set("?#")
        assert "#" not in url.query

    @given(st.one_of(TEXT, URLISH), st.one_of(TEXT, URLISH))
    def test_only_value_errors_come_out(self, text: str, ref: str) -> None:
        url = URL(text)
        for question in (
            lambda: url.host,
            lambda: url.port,
            lambda: url.resolve(ref),
            lambda: url.replace(netloc=ref),
        ):
            try:
                assert isinstance(question(), str | int | None)
            except ValueError:
                pass

    @given(st.one_of(TEXT, URLISH))
    def test_a_replaced_component_cannot_reach_its_neighbours(self, text: str) -> None:
        for base in (URL("http://h/a?b#c"), URL("/a?b#c")):
            for name in ("path", "query", "fragment"):
                url = base.replace(**{name: text})
                others = {"scheme", "netloc", "path", "query", "fragment"} - {name}
                assert all(getattr(url, other) == getattr(base, other) for other in others)


class TestQueryParams:
    def test_it_reads_a_query_and_writes_it_again(self) -> None:
        params = QueryParams("pref=red&pref=blue&q=a+b%26")
        assert params["pref"] == "blue"
        assert params.getall("pref") == ["red", "blue"]
        assert params["q"] == "a b&"
        assert str(params) == "pref=red&pref=blue&q=a+b%26"

    def test_it_is_made_of_bytes_a_mapping_or_pairs(self) -> None:
        assert QueryParams(b"a=1") == QueryParams({"a": "1"}) == QueryParams([("a", "1")]) == {"a": "1"}
        assert not QueryParams()

    def test_it_shows_no_secrets_in_its_repr(self) -> None:
        assert "hunter2" not in repr(QueryParams("token=hunter2"))


def test_a_query_is_written_from_a_mapping_or_pairs() -> None:
    assert format_query({"a b": "é", "n": 1}) == "a+b=%C3%A9&n=1"
    assert format_query([("a", "1"), ("a", "2")]) == "a=1&a=2"


@pytest.mark.parametrize(
    ("raw", "segments"),
    [
        pytest.param(b"/param/hello", ["", "param", "hello"], id="URL-01"),
        pytest.param(b"/param/a%2Fb", ["", "param", "a/b"], id="URL-04"),
        pytest.param(b"/param/a%23b", ["", "param", "a#b"], id="URL-06"),
        pytest.param(b"/param/a+b", ["", "param", "a+b"], id="URL-07"),
        pytest.param(b"/param/%c3%a9", ["", "param", "é"], id="URL-08"),
        pytest.param(b"/param/a%zz", ["", "param", "a%zz"], id="URL-12"),
        pytest.param(b"/param/a;x=1", ["", "param", "a;x=1"], id="URL-53"),
        pytest.param("/é".encode(), ["", "é"], id="raw UTF-8"),
        pytest.param(b"/a%2500", ["", "a%00"], id="an escape is decoded once"),
        pytest.param(b"//a/", ["", "", "a", ""], id="empty segments"),
        pytest.param(b"/", ["", ""], id="root"),
        pytest.param(b"", [""], id="empty"),
    ],
)
def test_a_path_is_split_before_it_is_decoded(raw: bytes, segments: list[str]) -> None:
    assert decode_path(raw) == segments


@pytest.mark.parametrize("raw", [b"/%E4%FF", b"/\xe4", b"/a%C3/%A9", b"/%ed%a0%80"])
def test_a_path_that_is_not_utf_8_is_a_value_error(raw: bytes) -> None:
    """URL-09."""
    with pytest.raises(ValueError, match="not UTF-8"):
        decode_path(raw)


@pytest.mark.parametrize("raw", [b"/a%00b", b"/a\0b", b"/a%%00"])
def test_a_path_with_nul_is_a_value_error(raw: bytes) -> None:
    """URL-11."""
    with pytest.raises(ValueError, match="NUL"):
        decode_path(raw)


@given(st.lists(TEXT.filter(lambda text: "\0" not in text), min_size=1))
def test_quoted_segments_are_decoded_to_themselves(segments: list[str]) -> None:
    assert decode_path("/".join(map(quote_segment, segments)).encode()) == segments
    path = "/".join(segments)
    assert "/".join(decode_path(quote_path(path).encode())) == path


@given(st.binary())
def test_decoding_a_path_raises_nothing_but_value_errors(raw: bytes) -> None:
    try:
        segments = decode_path(raw)
    except ValueError:
        return
    assert len(segments) == raw.count(b"/") + 1


def test_what_a_path_may_hold_is_not_escaped() -> None:
    assert quote_path("/a/~!$&'()*+,;=:@-._9/b c%é?#") == "/a/~!$&'()*+,;=:@-._9/b%20c%25%C3%A9%3F%23"
    assert quote_segment("a/b") == "a%2Fb"


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("own.test", ("own.test", None)),
        ("Own.TEST:8000", ("own.test", 8000)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        pytest.param("[::1]:8000", ("[::1]", 8000), id="HOST-11"),
        ("[2001:DB8::1]", ("[2001:db8::1]", None)),
        ("[::ffff:192.0.2.1]", ("[::ffff:192.0.2.1]", None)),
        ("my_host-1.", ("my_host-1.", None)),
        ("own.test:", ("own.test", None)),
        pytest.param("", ("", None), id="HOST-12"),
    ],
)
def test_a_host_field_has_a_host_and_perhaps_a_port(value: str, host: tuple[str, int | None]) -> None:
    assert parse_host(value) == host


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("exa mple.test", id="HOST-04"),
        pytest.param("user@a.test", id="HOST-06"),
        pytest.param("a.test/evil?x=", id="HOST-13"),
        pytest.param("a.test#@evil.test", id="HOST-14"),
        pytest.param("evil.test@app.example.com", id="HOST-31"),
        pytest.param("evil.test/.wild.example.com", id="HOST-32"),
        pytest.param("evil.test\\.wild.example.com", id="HOST-34"),
        pytest.param("[::1].wild.example.com", id="HOST-36"),
        pytest.param("app.example.com:80:80", id="HOST-37"),
        pytest.param("app.example.com:x", id="HOST-38"),
        pytest.param("a.test:65536", id="port too large"),
        pytest.param("a.test:+80", id="port with a sign"),
        pytest.param("a.test:٨٠", id="port in other digits"),
        pytest.param(":80", id="no host"),
        pytest.param("::1", id="IPv6 without brackets"),
        pytest.param("[::1", id="open bracket"),
        pytest.param("[]", id="empty brackets"),
        pytest.param("[::1]]", id="two brackets"),
        pytest.param("[1::2::3]", id="two runs of zeros"),
        pytest.param("[1:2:3]", id="too few groups"),
        pytest.param("[::1%eth0]", id="zone"),
        pytest.param("[v1.a]", id="IPvFuture"),
        pytest.param("é.test", id="beyond ASCII"),
        pytest.param("a\n.test", id="LF"),
        pytest.param("a.test\n", id="LF at the end"),
        pytest.param(" a.test", id="leading space"),
        pytest.param("a%2eb", id="escape"),
        pytest.param("a,b", id="list"),
        pytest.param("a" * 300, id="too long"),
    ],
)
def test_anything_else_is_no_host(value: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_host(value)
    assert str(caught.value).isprintable()


@given(st.one_of(TEXT, URLISH))
def test_a_host_that_is_accepted_cannot_leave_the_authority(value: str) -> None:
    try:
        host, port = parse_host(value)
    except ValueError:
        return
    url = URL(f"http://{value}/path")
    assert (url.host, url.port, url.path) == (host, port, "/path")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        pytest.param("https://a.test/x?y=1#z", "https://a.test/x?y=1#z", id="RDR-02"),
        pytest.param("/n?a=1&b=%26", "/n?a=1&b=%26", id="RDR-04"),
        pytest.param("/é", "/%C3%A9", id="RDR-11"),
        pytest.param("/a b", "/a%20b", id="RDR-12"),
        ("", ""),
        ("?a", "?a"),
        ("#a", "#a"),
        ("a/b:c", "a/b:c"),
        ("../a", "../a"),
        ("HTTP://[::1]:80/é", "HTTP://[::1]:80/%C3%A9"),
        ("/a\\b", "/a%5Cb"),
        ('/"<>`{|}^', "/%22%3C%3E%60%7B%7C%7D%5E"),
        ("/100%", "/100%"),
        ("/a//b", "/a//b"),
        ("/?u=//evil.test", "/?u=//evil.test"),
    ],
)
def test_a_location_is_sent_as_given_in_ascii(target: str, location: str) -> None:
    assert encode_location(target) == location


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/x\rX-Evil: 1", id="RDR-07"),
        pytest.param("/x\r\n\r\n<script>alert(1)</script>", id="RDR-09"),
        pytest.param("javascript:alert(1)", id="RDR-14"),
        "//evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "\\\\evil.test",
        " //evil.test",
        "\xa0/a",
        "/\t/evil.test",
        "mailto:a@b.test",
        "https:evil.test",
        "https:/evil.test",
        "https:///evil.test",
        "https://user@evil.test",
        "https://é.test",
        "https://a.test\\@b.test",
        "1:2",
        ":",
        "/\ud800",
    ],
)
def test_a_location_that_leads_astray_is_refused(target: str) -> None:
    with pytest.raises(ValueError):
        encode_location(target)


@given(st.one_of(st.text(st.characters()), URLISH))
def test_an_accepted_location_is_printable_ascii_on_this_host_or_absolute(target: str) -> None:
    try:
        location = encode_location(target)
    except ValueError:
        return
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location
    assert "\\" not in location
    url = URL(location)
    assert (url.scheme in ("http", "https")) if url.netloc else not url.scheme
    assert encode_location(location) == location


OWN = {"own.test", "127.0.0.1:8000"}


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("//evil.test", id="RDR-28"),
        pytest.param("///evil.test", id="RDR-29"),
        pytest.param("////evil.test", id="RDR-30"),
        pytest.param("https:/evil.test", id="RDR-35"),
        pytest.param("https://evil.test", id="RDR-37"),
        pytest.param("HTTPS://evil.test", id="RDR-38"),
        pytest.param("javascript:alert(1)", id="RDR-39"),
        pytest.param("JaVaScRiPt:alert(1)", id="RDR-40"),
        pytest.param("data:text/html,x", id="RDR-41"),
        pytest.param(" //evil.test", id="RDR-43"),
        pytest.param("/\t/evil.test", id="RDR-44"),
        pytest.param("\x00//evil.test", id="RDR-46"),
        pytest.param("https://own.test@evil.test", id="RDR-48"),
        pytest.param("https://own.test:pw@evil.test", id="RDR-49"),
        pytest.param("https://evil.test?own.test", id="RDR-52"),
        pytest.param("https://evil.test\\@own.test", id="RDR-53"),
        pytest.param("//own.test@evil.test", id="RDR-55"),
        pytest.param("http://[::1", id="RDR-56"),
        pytest.param("///\\evil.test", id="RDR-60"),
        pytest.param("ftp://own.test/x", id="RDR-61"),
        pytest.param("//evil%E3%80%82test", id="RDR-62"),
        pytest.param("http:evil.test", id="RDR-63"),
        "/\\evil.test",
        "\\\\evil.test",
        "https://own.test:8443/",
        "https://sub.own.test/",
        "https://own.test.evil.test/",
        "https://127.0.0.1/",
        "https://own.test\u3002evil.test/",
        "",
    ],
)
def test_a_target_from_outside_that_leaves_our_hosts_is_not_safe(target: str) -> None:
    assert not is_safe_target(target, OWN)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/ok", id="RDR-64"),
        pytest.param("/ok?u=//evil.test", id="RDR-65"),
        pytest.param("ok/next", id="RDR-67"),
        pytest.param("/ok/https://evil.test", id="RDR-68"),
        pytest.param("https://own.test/ok", id="RDR-69"),
        "http://OWN.test",
        "https://own.test:443/",
        "http://own.test:80/",
        "http://127.0.0.1:8000/é",
        "?page=2",
        "#top",
    ],
)
def test_a_target_from_outside_on_our_hosts_is_safe(target: str) -> None:
    assert is_safe_target(target, OWN)


def test_an_own_host_that_is_none_makes_no_absolute_target_safe() -> None:
    assert not is_safe_target("https://own.test/", ["own.test", "*/"])
    assert is_safe_target("/ok", ["*/"])


@given(st.one_of(st.text(st.characters()), URLISH))
def test_a_safe_target_stays_here_for_a_browser_too(target: str) -> None:
    if not is_safe_target(target, ()):
        return
    # What browsers do before they parse: drop tabs and line ends, trim, read backslashes as slashes.
    seen = target.replace("\t", "").replace("\n", "").replace("\r", "").strip("\x00\x1f ").replace("\\", "/")
    assert not seen.startswith("//")
    assert not URL(seen).scheme
