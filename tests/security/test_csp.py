"""Content Security Policy: written once, with a nonce where one is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet.errors import PolicyError
from wadjet.security.csp import ContentPolicy


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("default-src 'self'", "default-src 'self'"),
        ("default-src 'self'; ", "default-src 'self'"),
        ({"default-src": "'self'"}, "default-src 'self'"),
        (
            {"default-src": "'self'", "script-src": ["'self'", "https://cdn.test"]},
            "default-src 'self'; script-src 'self' https://cdn.test",
        ),
        ({"upgrade-insecure-requests": "", "sandbox": []}, "upgrade-insecure-requests; sandbox"),
        pytest.param(
            {"default-src": "'self'; script-src *"},
            "default-src 'self' script-src *",
            id="SEC-24 a semicolon in a value",
        ),
        pytest.param({"default-src;": ("'self';",)}, "default-src 'self'", id="SEC-24 in a key"),
        pytest.param({"default-src": "'self'\r\nx: y"}, "default-src 'self' x: y", id="SEC-24 a line end"),
    ],
)
def test_a_policy_is_written_as_one_field(policy: Any, text: str) -> None:
    made = ContentPolicy(policy, "csp")
    assert (made.text, made.has_nonce) == (text, False)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"": "x"}, "is the name of no directive"),
        ({"default src": "x"}, "is the name of no directive"),
        ({"default-src\r\nx": "y"}, "is the name of no directive"),
        ({"img-src": "https://a.test/a,b"}, "write %2C for the comma"),
        ({"img-src": "https://é.test"}, "percent-encode it"),
        ("default-src 'self'\r\nx: y", "percent-encode it"),
    ],
)
def test_what_would_be_another_field_or_policy_is_refused(policy: Any, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        ContentPolicy(policy, "csp")


@pytest.mark.parametrize(
    ("policy", "without"),
    [
        ("script-src 'self' 'nonce'; style-src 'nonce'", "script-src 'self'; style-src 'none'"),
        (
            {"script-src": ["'nonce'", "'strict-dynamic'"], "sandbox": ""},
            "script-src 'strict-dynamic'; sandbox",
        ),
    ],
)
def test_the_nonce_stands_where_the_policy_says(policy: Any, without: str) -> None:
    made = ContentPolicy(policy, "csp")
    assert made.has_nonce
    assert made.text == without
    text = made.with_nonce("abc_-").decode()
    assert text.count("'nonce-abc_-'") == (1 if isinstance(policy, dict) else 2)
    assert "'nonce'" not in text


def test_reports_go_to_a_path_in_both_spellings() -> None:
    made = ContentPolicy({"default-src": "'self'"}, "csp", "/reports")
    assert made.text == "default-src 'self'; report-uri /reports; report-to csp"
