"""Forwarded fields are believed from trusted proxies, as far as those go, and never a word of the client's own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.driving import http_scope
from tests.http.test_parameters import TOKENS
from wadjet import Request, Settings, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.forwarded import (
    MAX_HOPS,
    PROXIED,
    Seen,
    TrustedProxies,
    format_forwarded,
    forwarded_scope,
    parse_forwarded,
)
from wadjet.testing import TestClient, lint
from wadjet.types import Message, RawHeaders

PEER = ("10.0.0.1", 4711)
REAL = ("203.0.113.9", 0)
BOTH = TrustedProxies(("10.0.0.0/8", "fd00::/8", "unix"), host=True)


def fields(*lines: str) -> RawHeaders:
    """Return fields as the wire has them; ``Host: own.test`` is one of them."""
    pairs = (line.partition(":") for line in ("Host: own.test", *lines))
    return [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, _, value in pairs]


def seen(*lines: str, scheme: str = "http", client: tuple[str, int] | None = PEER) -> Seen:
    return BOTH.seen(client, scheme, fields(*lines))


# -- who is trusted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "host", "is_trusted"),
    [
        (["10.0.0.0/8"], "10.255.0.1", True),
        (["10.0.0.0/8"], "11.0.0.1", False),
        (["10.0.0.1"], "10.0.0.1", True),
        (["10.0.0.1"], "10.0.0.2", False),
        (["192.0.2.7", "10.0.0.0/255.0.0.0"], "10.1.2.3", True),
        (["fd00::/8"], "fd12::1", True),
        (["fd00::/8"], "FD12:0:0::1", True),
        (["fd00::/8"], "fe00::1", False),
        (["::1"], "::1", True),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["fe80::1"], "fe80::1%25en1", True),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", True),
        (["10.0.0.0/8"], "::ffff:a00:1", True),
        (["10.0.0.0/8"], "::ffff:11.0.0.1", False),
        (["::ffff:10.0.0.0/104"], "10.0.0.1", True),
        (["::ffff:10.0.0.0/104"], "::ffff:10.0.0.1", True),
        (["::a00:0/104"], "10.0.0.1", False),
        (["0.0.0.0/1"], "::1", False),
        (["8000::/1"], "128.0.0.1", False),
        (["unix"], "10.0.0.1", False),
        (["unix"], "unix", False),
        (["10.0.0.0/8"], "testclient", False),
        (["10.0.0.0/8"], "", False),
        ([], "127.0.0.1", False),
    ],
)
def test_a_peer_is_trusted_if_its_address_is_in_a_network(
    entries: list[str], host: str, is_trusted: bool
) -> None:
    assert TrustedProxies(entries).trusts((host, 1)) is is_trusted


def test_the_peer_of_a_unix_socket_is_trusted_by_its_own_word() -> None:
    assert TrustedProxies(["unix"]).trusts(None)
    assert not TrustedProxies(["127.0.0.1", "::1"]).trusts(None)


@pytest.mark.parametrize(("entries", "truth"), [([], False), (["unix"], True), (["::1"], True)])
def test_it_is_true_if_anything_is_trusted(entries: list[str], truth: bool) -> None:
    assert bool(TrustedProxies(entries, host=True)) is truth


@pytest.mark.parametrize(
    ("entry", "what", "remedy"),
    [
        ("*", "'*' believes everybody", "name the networks of your proxies"),
        ("0.0.0.0/0", "'0.0.0.0/0' is every address", "name the networks"),
        ("::/0", "'::/0' is every address", "name the networks"),
        ("::ffff:0:0/96", "'::ffff:0:0/96' is every address", "name the networks"),
        ("10.0.0.1/8", "'10.0.0.1/8' is neither", "write '10.0.0.0/8' or '10.0.0.1'"),
        ("fd00::1/8", "'fd00::1/8' is neither", "write 'fd00::/8' or 'fd00::1'"),
        ("localhost", "'localhost' is no address or network", "('10.0.0.0/8'"),
        ("10.0.0.1:80", "'10.0.0.1:80' is no address", "('10.0.0.0/8'"),
        ("[::1]", "'[::1]' is no address", "('10.0.0.0/8'"),
        ("10.0.0.0/33", "'10.0.0.0/33' is no address", "('10.0.0.0/8'"),
        ("010.0.0.1", "'010.0.0.1' is no address", "('10.0.0.0/8'"),
        ("fe80::1%eth0", "'fe80::1%eth0' is no address", "('10.0.0.0/8'"),
        ("", "'' is no address", "('10.0.0.0/8'"),
        ("Unix", "'Unix' is no address", "'unix'"),
        (10, "10 is no address", "('10.0.0.0/8'"),
        (b"\x0a\0\0\1", r"b'\n\x00\x00\x01' is no address", "('10.0.0.0/8'"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_with_what_to_write(entry: Any, what: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as refused:
        TrustedProxies(["10.0.0.0/8", entry])
    assert str(refused.value).startswith(f"TRUSTED_PROXIES: {what}")
    assert remedy in str(refused.value)


def test_a_text_for_the_entries_is_refused_with_the_tuple_to_write() -> None:
    with pytest.raises(ConfigError, match=r"write a tuple, as \('10.0.0.0/8',\)"):
        TrustedProxies("10.0.0.0/8")


# -- the client -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        pytest.param([], PEER, id="nothing is told"),
        (["X-Forwarded-For: 203.0.113.9"], REAL),
        (["X-Forwarded-For: 203.0.113.9:5678"], ("203.0.113.9", 5678)),
        (["X-Forwarded-For: 203.0.113.9:0"], REAL),
        (["X-Forwarded-For: 203.0.113.9:_hidden"], REAL),
        (["X-Forwarded-For: 2001:DB8::0:9"], ("2001:db8::9", 0)),
        (["X-Forwarded-For: [2001:db8::9]"], ("2001:db8::9", 0)),
        (["X-Forwarded-For: [2001:db8::9]:99"], ("2001:db8::9", 99)),
        (["X-Forwarded-For: ::ffff:203.0.113.9"], REAL),
        (["X-Forwarded-For: [::ffff:203.0.113.9]:7"], ("203.0.113.9", 7)),
        (["X-Forwarded-For: fe80::9%eth0"], ("fe80::9", 0)),
        (["X-Forwarded-For: [fe80::9%25eth0]:7"], ("fe80::9", 7)),
        (["Forwarded: for=203.0.113.9"], REAL),
        (["Forwarded: FOR=203.0.113.9;By=10.0.0.1"], REAL),
        (["Forwarded: proto=http ; for=203.0.113.9 ; by=10.0.0.1"], REAL),
        (['Forwarded: for="203.0.113.9"'], REAL),
        (['Forwarded: for="203.0.113.9:5678"'], ("203.0.113.9", 5678)),
        (["Forwarded: for=203.0.113.9:5678"], ("203.0.113.9", 5678)),
        (['Forwarded: for="[2001:db8::9]"'], ("2001:db8::9", 0)),
        (['Forwarded: for="[2001:db8::9]:99"'], ("2001:db8::9", 99)),
        (["Forwarded: for=[2001:db8::9]:99"], ("2001:db8::9", 99)),
        ([r'Forwarded: for="20\3.0.113.9"'], REAL),
        (["Forwarded: for=203.0.113.9;"], REAL),
        (["Forwarded: ;;for=203.0.113.9"], REAL),
    ],
)
def test_the_client_is_what_the_proxy_tells(lines: list[str], client: tuple[str, int]) -> None:
    assert seen(*lines).client == client


SPOOFED = [
    pytest.param("6.6.6.6, {}", id="an address"),
    pytest.param("10.6.6.6, {}", id="a proxy's address"),
    pytest.param("unknown, {}", id="unknown"),
    pytest.param(", ,, {}", id="commas"),
    pytest.param('", {}', id="an open quotation"),
    pytest.param('"\\, {}', id="an open escape"),
    pytest.param("6.6.6.6, " * 500 + "{}", id="many"),
]


@pytest.mark.parametrize("written", SPOOFED)
@pytest.mark.parametrize(
    "appended", ["203.0.113.9", "203.0.113.9, 10.0.0.2", "203.0.113.9,10.0.0.3,10.0.0.2"]
)
def test_what_the_client_wrote_before_the_proxies_is_not_believed(written: str, appended: str) -> None:
    assert seen("X-Forwarded-For: " + written.format(appended)).client == REAL


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("for=6.6.6.6;proto=https, {}", id="an address"),
        pytest.param("for=10.6.6.6;proto=https, {}", id="a proxy's address"),
        pytest.param('for=6.6.6.6;x=", {}', id="an open quotation"),
        pytest.param('for="6.6.6.6;proto=https, {}', id="an open quotation of an address"),
        pytest.param('for="6.6.6.6\\", {}', id="an open escape"),
        pytest.param('for="6.6.6.6\\\\, {}', id="an open even escape"),
        pytest.param("for=6.6.6.6;proto=https;, {}", id="a semicolon"),
        pytest.param(", , {}", id="commas"),
    ],
)
@pytest.mark.parametrize(
    "appended",
    [
        "for=203.0.113.9;proto=http;host=real.test",
        'for="203.0.113.9";proto="http";host="real.test"',
        'for=203.0.113.9;proto=http;host="real.test", for="10.0.0.2";proto=https;host=inner.test',
    ],
)
def test_what_the_client_wrote_before_the_elements_of_proxies_is_not_believed(
    written: str, appended: str
) -> None:
    line = written.format(appended)
    assert seen("Forwarded: " + line, scheme="https") == Seen(REAL, "http", b"real.test")


@pytest.mark.parametrize(
    ("line", "client"),
    [
        ("203.0.113.9, unknown", PEER),
        ("203.0.113.9, _hidden", PEER),
        ("203.0.113.9, unix:", PEER),
        ("203.0.113.9, 10.0.0.256", PEER),
        ("203.0.113.9, 10.0.0.2:99999", PEER),
        ("203.0.113.9, 10.0.0.2:", PEER),
        ("203.0.113.9, 10.0.0.2:http", PEER),
        ("203.0.113.9, 10.0.0.2:-1", PEER),
        ("203.0.113.9, [10.0.0.2]", PEER),
        ("203.0.113.9, [::1", PEER),
        ("203.0.113.9, [::1]99", PEER),
        ("203.0.113.9, ::1]:99", PEER),
        ("203.0.113.9, fd00::2:", PEER),
        ("203.0.113.9, [fd00::2%" + "z" * 200 + "]", PEER),
        ('203.0.113.9, "10.0.0.2"', PEER),
        ("203.0.113.9, 10.0.0.2 10.0.0.3", PEER),
        ("203.0.113.9, \xb9\xb2.0.0.1", PEER),
        ("203.0.113.9, unknown, 10.0.0.2:5", ("10.0.0.2", 5)),
        ("203.0.113.9, _hidden, fd00::3, 10.0.0.2", ("fd00::3", 0)),
        ("10.0.0.4, 10.0.0.3, 10.0.0.2", ("10.0.0.4", 0)),
    ],
)
def test_the_last_known_address_stands_where_the_next_cannot_be_read(
    line: str, client: tuple[str, int]
) -> None:
    assert seen(f"X-Forwarded-For: {line}").client == client


@pytest.mark.parametrize(
    "element",
    [
        "for=unknown",
        "for=_hidden",
        "for",
        "for=",
        "for=;proto=https",
        "proto=https",
        "=10.0.0.2",
        "f or=10.0.0.2",
        "for = 10.0.0.2",
        "for=10.0.0.2 proto=https",
        'for="10.0.0.2"proto=https',
        'for="10.0.0.2',
        'for=10.0.0.2"',
        "for=10.0.0.2;for=10.0.0.2",
        "for=10.0.0.2;FOR=203.0.113.9",
        "10.0.0.2",
        ";",
        'for=10.0.0.2;host="a"";proto=https',
    ],
)
def test_an_element_that_tells_no_address_ends_the_walk(element: str) -> None:
    assert seen(f"Forwarded: for=203.0.113.9, {element}").client == PEER


def test_an_element_that_breaks_the_grammar_tells_nothing_at_all() -> None:
    assert seen("Forwarded: for=203.0.113.9;proto=https;proto=https;host=real.test") == Seen(
        PEER, "http", None
    )


@pytest.mark.parametrize(
    "text", ["a, b", r"a\", b", r"a\\", r"a\\\", b", ",", r"\",\"", "for=6.6.6.6;x=, y", r", for=6.6.6.6\", "]
)
def test_a_comma_within_quotation_marks_divides_nothing(text: str) -> None:
    lines = f'Forwarded: for=203.0.113.9;x="{text}";proto=https, by="{text}";for=10.0.0.2'
    assert seen(lines) == Seen(REAL, "https", None)


def test_a_hidden_client_has_a_scheme_all_the_same() -> None:
    assert seen("Forwarded: for=_hidden;proto=https;host=real.test") == Seen(PEER, "https", b"real.test")


def test_repeated_fields_are_one_list_in_their_order() -> None:
    assert seen("X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.9, 10.0.0.2").client == REAL
    assert seen("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 10.0.0.2").client == REAL
    assert (
        seen('Forwarded: for="6.6.6.6', "Forwarded: for=203.0.113.9", "Forwarded: for=10.0.0.2").client
        == REAL
    )
    assert seen("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For:").client == REAL


def test_a_unix_socket_has_a_client_once_the_proxy_names_one() -> None:
    assert seen("X-Forwarded-For: 203.0.113.9", client=None).client == REAL
    assert seen("X-Forwarded-For: unknown", client=None).client is None
    assert seen(client=None) == Seen(None, "http", None)


def test_beyond_the_cap_only_the_elements_on_the_right_are_read() -> None:
    hops = ["203.0.113.9", *(f"10.0.1.{number}" for number in range(MAX_HOPS + 20))]
    assert seen("X-Forwarded-For: " + ",".join(hops)).client == (hops[-MAX_HOPS], 0)
    assert seen("X-Forwarded-For: " + ",".join(hops[: MAX_HOPS - 1])).client == REAL


# -- the source -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", ["For: 203.0.113.9", "Proto: https", "Host: good.test"])
def test_what_nearly_all_proxies_write_is_read_alone_where_it_is_sent(told: str) -> None:
    own = seen(f"X-Forwarded-{told}")
    assert seen("Forwarded: for=6.6.6.6;proto=https;host=evil.test", f"X-Forwarded-{told}") == own
    assert seen(f"X-Forwarded-{told}", "Forwarded: for=6.6.6.6;proto=https;host=evil.test") == own


def test_an_empty_forwarded_is_none() -> None:
    assert seen("Forwarded: ,", "X-Forwarded-For: 203.0.113.9").client == REAL


def test_other_fields_are_not_read() -> None:
    others = (
        "X-Real-IP: 6.6.6.6",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Ssl: on",
        "Via: 1.1 x",
        "Client-IP: 6.6.6.6",
    )
    assert seen(*others) == Seen(PEER, "http", None)


# -- the scheme -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "told", "scheme"),
    [
        ("http", "https", "https"),
        ("http", "HTTPS", "https"),
        ("http", "http", "http"),
        ("https", "http", "http"),
        ("http", "wss", "https"),
        ("ws", "https", "wss"),
        ("ws", "wss", "wss"),
        ("wss", "http", "ws"),
        ("ws", "http", "ws"),
        ("http", "ftp", "http"),
        ("https", "", "https"),
        ("http", "https:", "http"),
        ("http", "http\u017f", "http"),
        ("http", "on", "http"),
    ],
)
def test_the_scheme_is_told_in_the_family_of_the_connection(own: str, told: str, scheme: str) -> None:
    told = told.encode("utf-8").decode("latin-1")
    assert seen(f"X-Forwarded-Proto: {told}", scheme=own).scheme == scheme
    assert seen(f'Forwarded: proto="{told}"', scheme=own).scheme == scheme


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        pytest.param(["X-Forwarded-Proto: https, http"], "http", id="the client wrote one before"),
        pytest.param(
            ["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"], "http", id="in a field of its own"
        ),
        pytest.param(["X-Forwarded-Proto: http, https"], "https", id="the proxy's own is believed"),
        pytest.param(["X-Forwarded-Proto: https,"], "http", id="the proxy told nothing"),
        pytest.param(["X-Forwarded-Proto: https", "X-Forwarded-Proto:"], "http", id="in an empty field"),
        pytest.param(
            ["X-Forwarded-For: 203.0.113.9, 10.0.0.2", "X-Forwarded-Proto: https, http"],
            "http",
            id="as many as addresses",
        ),
        pytest.param(
            ["X-Forwarded-For: 203.0.113.9, 10.0.0.2", "X-Forwarded-Proto: https"], "https", id="one for all"
        ),
    ],
)
def test_of_several_values_the_one_of_the_nearest_proxy_counts(lines: list[str], scheme: str) -> None:
    assert seen(*lines).scheme == scheme


@pytest.mark.parametrize(
    ("line", "scheme", "host"),
    [
        (
            "for=203.0.113.9;proto=https;host=real.test, for=10.0.0.2;proto=http;host=inner.test",
            "https",
            b"real.test",
        ),
        ("for=203.0.113.9, for=10.0.0.2;proto=https;host=inner.test", "http", None),
        ("for=6.6.6.6;proto=https;host=evil.test, for=203.0.113.9", "http", None),
        ("for=6.6.6.6;proto=https;host=evil.test, for=203.0.113.9, for=10.0.0.2", "http", None),
        ("for=203.0.113.9;proto=https;host=real.test, for=unknown;proto=http", "http", None),
        ("for=10.0.0.3;proto=https;host=real.test, for=10.0.0.2", "https", b"real.test"),
    ],
)
def test_scheme_and_host_are_told_by_the_outermost_trusted_proxy(
    line: str, scheme: str, host: bytes | None
) -> None:
    assert seen(f"Forwarded: {line}")[1:] == (scheme, host)


# -- the host ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "host"),
    [
        ("real.test", b"real.test"),
        ("Real.test:8443", b"Real.test:8443"),
        ("[::1]:8443", b"[::1]:8443"),
        ("evil.test, real.test", b"real.test"),
        ("real.test,", None),
        ("", None),
        (":80", None),
        ("real.test/path", None),
        ("user@real.test", None),
        ("real test", None),
        ("real.test:port", None),
        ("r\xe9al.test", None),
        ("a" * 300, None),
    ],
)
def test_a_host_that_is_none_leaves_the_host_as_it_is(told: str, host: bytes | None) -> None:
    assert seen(f"X-Forwarded-Host: {told}").host == host
    if "," not in told:
        assert seen(f'Forwarded: host="{told}"').host == host


def test_the_host_is_not_believed_unless_it_is_asked_for() -> None:
    careful = TrustedProxies(["10.0.0.0/8"])
    for line in ("X-Forwarded-Host: evil.test", "Forwarded: host=evil.test"):
        assert careful.seen(PEER, "http", fields(line)) == Seen(PEER, "http", None)


# -- whatever comes ---------------------------------------------------------------------------------------------------------

NAMES = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host")
PIECES = st.sampled_from(
    [
        *'",;=\\ \t[]:%.\0\xff',
        *("for=", "proto=", "host=", "https", "10.0.0.1", "203.0.113.9", "::1", "[fd00::1]:9", "unknown"),
    ]
)
VALUES = st.one_of(
    st.lists(PIECES).map(lambda pieces: "".join(pieces).encode("latin-1")), st.binary(max_size=60)
)


@given(st.lists(st.tuples(st.sampled_from(NAMES).map(str.encode), VALUES), max_size=6))
def test_reading_never_raises(headers: RawHeaders) -> None:
    client, scheme, host = BOTH.seen(PEER, "ws", headers)
    assert client is not None
    assert 0 <= client[1] <= 65535
    assert scheme in {"ws", "wss"}
    assert host is None or b"," not in host


@given(st.text(), st.sampled_from(["10.0.0.2", "10.0.0.2, fd00::1", '"', "junk"]))
def test_no_word_of_the_client_changes_what_is_seen(spoofed: str, inner: str) -> None:
    spoof = spoofed.encode("utf-8").decode("latin-1")
    honest = seen(f"X-Forwarded-For: 203.0.113.9, {inner}")
    assert seen(f"X-Forwarded-For: {spoof}, 203.0.113.9, {inner}") == honest
    honest = seen("Forwarded: for=203.0.113.9;proto=https")
    assert seen(f"Forwarded: {spoof}, for=203.0.113.9;proto=https") == honest


def steps(work: Callable[[], object]) -> int:
    """Count the calls that ``work`` makes, those into C included."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "hostile",
    [
        "10.0.0.2,",
        "for=10.0.0.2,",
        ",",
        '"',
        '\\"',
        "\\",
        ";",
        "a=b;",
        'a="',
        "for",
        " \t",
        "[",
        ":",
        'for="10.0.0.2",',
    ],
    ids=repr,
)
def test_the_work_grows_no_faster_than_the_field(name: str, hostile: str) -> None:
    def reading(times: int) -> Callable[[], object]:
        headers = [(name.encode(), (hostile * times).encode())]
        return lambda: BOTH.seen(PEER, "http", headers)

    reading(MAX_HOPS)()
    assert steps(reading(800)) <= 2.1 * steps(reading(400)) + 20


@pytest.mark.parametrize("element", ["10.0.0.2", "for=10.0.0.2", 'for="[fd00::2]:1"'])
def test_a_hundred_thousand_elements_cost_what_a_hundred_do(element: str) -> None:
    name = b"forwarded" if "=" in element else b"x-forwarded-for"
    few, many = ([(name, ", ".join([element] * times).encode())] for times in (MAX_HOPS + 1, 100_000))
    BOTH.seen(PEER, "http", few)
    assert steps(lambda: BOTH.seen(PEER, "http", many)) <= steps(lambda: BOTH.seen(PEER, "http", few)) + 5


@pytest.mark.parametrize(
    "value",
    [b"\\" * 10**6, b'"' * 10**5, b'for="' + b"\\" * 10**6, b'a="b\\"' * 10**5, b" \t" * 10**6, b";" * 10**6],
    ids=lambda value: repr(value[:8]),
)
def test_a_field_of_one_mark_over_and_over_is_read_in_one_pass(value: bytes) -> None:
    assert [BOTH.seen(PEER, "http", [(name.encode(), value)]).client for name in NAMES] == [PEER] * 4


# -- the ASGI lane ----------------------------------------------------------------------------------------------------------

TOLD = [
    ("X-Forwarded-For", "203.0.113.9:5"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "real.test"),
]


def test_a_scope_is_copied_with_what_the_proxy_told() -> None:
    scope = http_scope(headers=TOLD, client=list(PEER), state={"a": 1})
    before = {**scope, "headers": [*scope["headers"]]}
    changed = forwarded_scope(BOTH, scope)
    assert scope == before
    assert changed == {
        **before,
        "client": ("203.0.113.9", 5),
        "scheme": "https",
        "headers": [(b"host", b"real.test"), *before["headers"][1:]],
        PROXIED: True,
    }
    assert changed["state"] is scope["state"]


def test_what_is_seen_once_is_seen_again_where_an_application_stands_in_another() -> None:
    for lines in (TOLD, [("X-Forwarded-For", "203.0.113.9, unknown, 10.0.0.3, 10.0.0.2")]):
        changed = forwarded_scope(BOTH, http_scope(headers=lines, client=PEER))
        assert forwarded_scope(BOTH, changed) is changed


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        pytest.param(TOLD, ("192.0.2.1", 1), id="the peer is not trusted"),
        pytest.param([], PEER, id="nothing is told"),
        pytest.param(
            [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "localhost")], PEER, id="nothing new"
        ),
    ],
)
def test_a_scope_is_left_where_nothing_changes(lines: list[tuple[str, str]], client: tuple[str, int]) -> None:
    told: Any = {PROXIED: True} if client == PEER else {}
    scope = http_scope(headers=lines, client=client, **told)
    assert forwarded_scope(BOTH, scope) is scope
    assert forwarded_scope(BOTH, http_scope(headers=lines, client=client)) == scope


def test_what_is_told_is_told_once() -> None:
    once = forwarded_scope(BOTH, http_scope(headers=TOLD, client=PEER))
    assert forwarded_scope(BOTH, once) is once


@pytest.mark.parametrize(
    "hosts", [[], ["evil.test"], ["evil.test", "other.test"], ["real.test", "real.test"]]
)
def test_one_host_field_is_left(hosts: list[str]) -> None:
    scope = http_scope(client=PEER)
    told = (b"x-forwarded-host", b"real.test")
    scope["headers"] = [*((b"host", host.encode()) for host in hosts), told]
    assert forwarded_scope(BOTH, scope)["headers"] == [(b"host", b"real.test"), told]


def test_a_scope_that_names_no_peer_and_no_scheme_came_by_a_unix_socket() -> None:
    scope = {
        "type": "websocket",
        "headers": fields("X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"),
    }
    changed = forwarded_scope(BOTH, scope)
    assert (changed["client"], changed["scheme"]) == (REAL, "wss")
    scope["headers"] = fields("X-Forwarded-Proto: http")
    assert forwarded_scope(BOTH, scope) == {**scope, "client": None, "scheme": "ws", PROXIED: True}
    assert forwarded_scope(TrustedProxies(["::1"]), scope) is scope


def shown(settings: Settings, client: tuple[str, int] | None, lines: Iterable[tuple[str, str]]) -> Any:
    """Return what a handler sees of a request to ``http://own.test/a?b=c``."""
    app = Wadjet(settings=settings)

    @app.get("/a")
    async def show(request: Request) -> list[Any]:
        return [request.client, request.scheme, request.is_secure(), request.host, request.url]

    found = TestClient(app, client=client).get("http://own.test/a?b=c", headers=list(lines))
    return found.json()


NETWORK = ("10.0.0.0/8",)
UNCHANGED = ["http", False, "own.test", "http://own.test/a?b=c"]


@pytest.mark.parametrize(
    ("settings", "client", "answer"),
    [
        pytest.param(
            Settings(TRUSTED_PROXIES=NETWORK, TRUSTED_PROXY_HOST=True),
            PEER,
            [["203.0.113.9", 5], "https", True, "real.test", "https://real.test/a?b=c"],
            id="all is believed",
        ),
        pytest.param(
            Settings(TRUSTED_PROXIES=NETWORK),
            PEER,
            [["203.0.113.9", 5], "https", True, "own.test", "https://own.test/a?b=c"],
            id="all but the host",
        ),
        pytest.param(
            Settings(TRUSTED_PROXIES=("unix",)),
            None,
            [["203.0.113.9", 5], "https", True, "own.test", "https://own.test/a?b=c"],
            id="by a unix socket",
        ),
        pytest.param(
            Settings(TRUSTED_PROXIES=NETWORK, TRUSTED_PROXY_HOST=True),
            ("192.0.2.1", 7),
            [["192.0.2.1", 7], *UNCHANGED],
            id="the peer is not trusted",
        ),
        pytest.param(Settings(), PEER, [list(PEER), *UNCHANGED], id="nobody is trusted"),
        pytest.param(
            Settings(TRUSTED_PROXY_HOST=True),
            PEER,
            [list(PEER), *UNCHANGED],
            id="nobody is trusted, host or not",
        ),
    ],
)
def test_a_request_follows(settings: Settings, client: tuple[str, int] | None, answer: list[Any]) -> None:
    assert shown(settings, client, TOLD) == answer


def test_a_host_that_two_fields_name_is_refused_though_the_proxy_is_trusted() -> None:
    app = Wadjet(settings=Settings(TRUSTED_PROXIES=NETWORK))
    client = TestClient(app, client=PEER)
    twice = [("Host", "own.test"), ("Host", "evil.test"), ("X-Forwarded-Host", "real.test")]
    assert client.get("/", headers=twice).status_code == 400


def test_entries_that_cannot_be_stop_the_application_before_it_serves() -> None:
    with pytest.raises(ConfigError, match="name the networks of your proxies"):
        Wadjet(settings=Settings(TRUSTED_PROXIES=("*",)))


def test_a_websocket_follows_too() -> None:
    scopes = []

    async def connecting() -> Message:
        return {"type": "websocket.connect"}

    async def closed(message: Message) -> None:
        assert message["type"] == "websocket.close"

    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        scopes.append((scope["client"], scope["scheme"]))
        await receive()
        await send({"type": "websocket.close", "code": 1000, "reason": ""})

    app = Wadjet(settings=Settings(TRUSTED_PROXIES=NETWORK))
    app.mount("/m", mounted)
    scope = {**http_scope(target="/m/x", headers=TOLD, client=PEER), "type": "websocket", "scheme": "ws"}
    asyncio.run(lint(app)(scope, connecting, closed))
    assert scopes == [(("203.0.113.9", 5), "wss")]


@pytest.mark.parametrize(
    ("field", "elements"),
    [
        pytest.param('for="_gazonk"', [{"for": "_gazonk"}], id="RFC 7239 §4, hidden"),
        pytest.param(
            'For="[2001:db8:cafe::17]:4711"', [{"for": "[2001:db8:cafe::17]:4711"}], id="RFC 7239 §4, IPv6"
        ),
        pytest.param(
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            [{"for": "192.0.2.60", "proto": "http", "by": "203.0.113.43"}],
            id="RFC 7239 §4, one proxy",
        ),
        pytest.param(
            "for=192.0.2.43, for=198.51.100.17",
            [{"for": "192.0.2.43"}, {"for": "198.51.100.17"}],
            id="RFC 7239 §4, two proxies",
        ),
        pytest.param(
            'for=192.0.2.43, for="[2001:db8:cafe::17]", for=unknown',
            [{"for": "192.0.2.43"}, {"for": "[2001:db8:cafe::17]"}, {"for": "unknown"}],
            id="RFC 7239 §7.1",
        ),
    ],
)
def test_the_examples_of_rfc_7239_are_written_as_they_are_read(
    field: str, elements: list[dict[str, str]]
) -> None:
    assert parse_forwarded(field) == elements
    assert parse_forwarded(format_forwarded(elements)) == elements


def test_a_forwarded_field_quotes_what_is_no_token() -> None:
    assert (
        format_forwarded([{"for": "[::1]:80", "proto": "https"}, {"for": "_x"}])
        == 'for="[::1]:80";proto=https, for=_x'
    )
    with pytest.raises(ValueError, match="control character"):
        format_forwarded([{"for": "a\r\nX-Evil: 1"}])


def test_an_element_that_breaks_the_grammar_tells_nothing() -> None:
    assert parse_forwarded("for=a;for=b, for=c, =, for=d e") == [{}, {"for": "c"}, {}, {}]
    assert parse_forwarded("") == []
    assert len(parse_forwarded("for=a," * 200)) == 100


@given(
    st.lists(
        st.dictionaries(
            TOKENS.map(str.lower),
            st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"])),
            min_size=1,
        ),
        max_size=5,
    )
)
def test_what_is_forwarded_is_read_back(elements: list[dict[str, str]]) -> None:
    assert parse_forwarded(format_forwarded(elements)) == elements


@given(st.one_of(st.text(), st.text(st.sampled_from('for=a;by="\\, []:1'))))
def test_reading_a_forwarded_field_never_raises(field: str) -> None:
    assert len(parse_forwarded(field)) <= 100
