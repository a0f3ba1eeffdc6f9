"""Origins: exact, or by patterns that are anchored."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.errors import ConfigError, PolicyError
from wadjet.security.origins import Origins


@pytest.mark.parametrize(
    ("entry", "allowed", "refused"),
    [
        (
            "https://a.test",
            ["https://a.test"],
            ["https://a.test:443", "http://a.test", "https://a.test.", "https://b.a.test"],
        ),
        ("http://localhost:3000", ["http://localhost:3000"], ["http://localhost", "http://localhost:30000"]),
        (
            "http://localhost:*",
            ["http://localhost", "http://localhost:3000"],
            ["http://localhost:", "http://localhost:a", "http://localhost:123456"],
        ),
        ("http://[::1]:8000", ["http://[::1]:8000"], ["http://[::2]:8000"]),
        (
            "https://*.a.test",
            ["https://x.a.test", "https://x.y.a.test"],
            [
                "https://a.test",
                "https://evil-a.test",
                "https://x.a.test:8443",
                "http://x.a.test",
                "https://x.a.test.evil.test",
                "https://.a.test",
            ],
        ),
        (
            "https://app-*.a.test",
            ["https://app-1.a.test"],
            ["https://app-.a.test", "https://app-1.b.a.test", "https://evil.test/app-1.a.test"],
        ),
        (
            "https://*",
            ["https://anything.test", "https://localhost"],
            ["http://anything.test", "https://anything.test:1", "https://"],
        ),
        ("https://a.*.test", ["https://a.b.test"], ["https://a.b.c.test", "https://a..test"]),
        ("chrome-extension://abcdef", ["chrome-extension://abcdef"], ["chrome-extension://abcdeg"]),
        ("null", ["null"], ["NULL", ""]),
        ("*", ["null", "anything"], []),
    ],
)
def test_an_entry_means_these_and_not_those(entry: str, allowed: list[str], refused: list[str]) -> None:
    origins = Origins([entry], "origins")
    assert bool(origins)
    assert [text for text in allowed if not origins.allows(text.encode())] == []
    assert [text for text in refused if origins.allows(text.encode())] == []


@pytest.mark.parametrize(
    ("entry", "is_wide"),
    [
        ("*", True),
        ("https://*", True),
        ("https://*:8443", True),
        ("https://*.*", True),
        ("https://example.*", True),
        ("https://*.example.com", False),
        ("http://localhost:*", False),
        ("null", True),
    ],
)
def test_a_wildcard_in_the_last_label_stands_for_every_host_and_null_for_every_site(
    entry: str, is_wide: bool
) -> None:
    assert Origins([entry], "origins").is_wide is is_wide


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("https://a.test/", "write 'https://a.test'"),
        ("https://A.test", "write 'https://a.test'"),
        ("https://a.test/path", "write 'https://a.test'"),
        ("https://a.test:443", "write 'https://a.test'"),
        ("http://a.test:80", "write 'http://a.test'"),
        ("a.test", "write scheme and host"),
        ("*.a.test", "write scheme and host"),
        ("*://a.test", "write scheme and host"),
        ("", "write scheme and host"),
        (5, "is no text"),
    ],
)
def test_what_no_browser_sends_is_refused_with_what_to_write(entry: str, hint: str) -> None:
    with pytest.raises(PolicyError, match=hint) as caught:
        Origins([entry], "CORS allowed_origins")
    assert str(caught.value).startswith("CORS allowed_origins")
    assert isinstance(caught.value, ConfigError)
    assert isinstance(caught.value, ValueError)


def test_no_entries_mean_nobody() -> None:
    origins = Origins([], "origins")
    assert not origins
    assert not origins.allows(b"https://a.test")


PATTERNS = Origins(
    ["https://*.sub.example.com", "https://app-*.example.com", "http://localhost:*"], "origins"
)
_ALPHABET = string.ascii_lowercase + ".:/@-*[]%\\ "


@given(st.one_of(st.binary(max_size=400), st.text(_ALPHABET, max_size=60).map(str.encode)))
def test_reading_an_origin_never_fails(origin: bytes) -> None:
    assert PATTERNS.allows(origin) in {True, False}


@given(st.text(_ALPHABET, max_size=30), st.sampled_from(["", ".", "x", "/", ":1"]))
def test_what_a_pattern_allows_is_below_its_domain(middle: str, after: str) -> None:
    origin = f"https://{middle}.sub.example.com{after}"
    if PATTERNS.allows(origin.encode()):
        assert after == ""
        assert set(middle) <= set(string.ascii_lowercase + ".-")
