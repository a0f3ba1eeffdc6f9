"""Where requests come from, and what follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.security.senders import Ruling, Sender, is_same_origin, origin_of, rule

TRUSTED = frozenset({"https://trusted.example.com"})


def ruling(
    origin: str | None = None,
    site: str | None = None,
    referer: str | None = None,
    scheme: str = "https",
    host: str = "example.com",
) -> Ruling:
    return rule(Sender(origin, site, referer, scheme, host), TRUSTED)


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("same-origin", Ruling.PASSES),
        ("none", Ruling.PASSES),
        ("same-site", Ruling.OTHER_SITE),
        ("cross-site", Ruling.OTHER_SITE),
        ("same-origin, cross-site", Ruling.OTHER_SITE),
        ("Same-Origin", Ruling.OTHER_SITE),
        ("", Ruling.OTHER_SITE),
    ],
)
def test_fetch_metadata_decides_whatever_the_origin_is(site: str, expected: Ruling) -> None:
    assert ruling(site=site) is expected
    assert ruling("https://example.com", site) is expected
    assert ruling("https://evil.test", site) is expected


def test_a_trusted_origin_passes_whatever_fetch_metadata_say() -> None:
    assert ruling("https://trusted.example.com", "cross-site") is Ruling.PASSES


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.test",
        "https://trustedXexample.com",
        "https://trusted.example.com.evil.test",
        "http://trusted.example.com",
        "https://trusted.example.com:8443",
        "https://example.com.evil.test",
        "https://evil.test?https://example.com",
        "https://example.com@evil.test",
        "https://sub.example.com",
        "http://example.com",
        "https://example.com:8443",
        "https://example.com/",
        "example.com",
        "https://",
        "",
        "https://example.com, https://example.com",
    ],
)
def test_another_origin_is_another(origin: str) -> None:
    assert ruling(origin) is Ruling.OTHER_ORIGIN


@pytest.mark.parametrize(
    ("origin", "scheme", "host"),
    [
        ("https://example.com", "https", "example.com"),
        ("https://example.com", "https", "EXAMPLE.com:443"),
        ("http://example.com", "http", "example.com:80"),
        ("http://localhost:8000", "http", "localhost:8000"),
        ("https://example.com", "http", "example.com"),  # a proxy that ends TLS
        ("http://[::1]:8000", "http", "[::1]:8000"),
    ],
)
def test_the_site_s_own_origin_passes(origin: str, scheme: str, host: str) -> None:
    assert is_same_origin(origin, scheme, host)
    assert ruling(origin, scheme=scheme, host=host) is Ruling.PASSES


def test_a_page_without_tls_is_another_origin_than_the_same_host_with_it() -> None:
    assert not is_same_origin("http://example.com", "https", "example.com")


@pytest.mark.parametrize(
    ("referer", "scheme", "expected"),
    [
        (None, "https", Ruling.SAYS_NOTHING),
        ("https://example.com/form?a", "https", Ruling.SAYS_NOTHING),
        ("https://trusted.example.com/", "https", Ruling.SAYS_NOTHING),
        ("https://evil.test/", "https", Ruling.OTHER_REFERER),
        ("http://example.com/", "https", Ruling.OTHER_REFERER),
        ("about:blank", "https", Ruling.OTHER_REFERER),
        ("https://evil.test/", "http", Ruling.SAYS_NOTHING),
    ],
)
def test_browsers_of_old_say_the_referer_over_https(
    referer: str | None, scheme: str, expected: Ruling
) -> None:
    assert ruling(referer=referer, scheme=scheme) is expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.com:443/a?b#c", "https://example.com"),
        ("http://example.com:8000", "http://example.com:8000"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://a@example.com", None),
        ("ftp://example.com", None),
        ("https://example.com:port", None),
        ("https://[", None),
        ("null", None),
    ],
)
def test_an_address_has_an_origin(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


@given(*[st.none() | st.text(max_size=40)] * 3)
def test_nothing_that_is_sent_raises_or_passes_by_chance(
    origin: str | None, site: str | None, referer: str | None
) -> None:
    assert ruling(origin, site, referer) is not Ruling.PASSES or site in {"same-origin", "none"}
