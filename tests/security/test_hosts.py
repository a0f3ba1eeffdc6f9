"""Hosts that an application answers to."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet.errors import PolicyError
from wadjet.security.hosts import AllowedHosts


@pytest.mark.parametrize(
    ("entries", "allowed", "refused"),
    [
        (
            (),
            ["localhost", "127.0.0.1", "[::1]", "app.localhost", "localhost."],
            ["evil.test", "127.0.0.2", "localhost.evil.test"],
        ),
        (
            ("app.example.com",),
            ["app.example.com", "app.example.com."],
            [
                "example.com",
                "x.app.example.com",
                "evilapp.example.com",
                "appxexample.com",
                "app.example.com..",
                "",
            ],
        ),
        (
            (".example.com",),
            ["example.com", "a.example.com", "a.b.example.com"],
            ["evilexample.com", "example.com.evil.test", "com"],
        ),
        (("*.example.com",), ["a.example.com", "a.b.example.com"], ["example.com", "evilexample.com"]),
        (("EXAMPLE.com.",), ["example.com"], ["a.example.com"]),
        (("[0:0:0:0:0:0:0:1]",), ["[::1]", "[0:0::1]"], ["[::2]", "localhost"]),
        (("*",), ["anything", ""], []),
    ],
)
def test_entries_mean_these_and_not_those(
    entries: tuple[str, ...], allowed: list[str], refused: list[str]
) -> None:
    hosts = AllowedHosts(entries)
    assert [host for host in allowed if not hosts.allows(host)] == []
    assert [host for host in refused if hosts.allows(host)] == []


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("example.com", r"is a text; write a tuple, as \('example.com',\)"),
        (["https://example.com"], "without scheme, port and path"),
        (["example.com:8000"], "without scheme, port and path"),
        (["example.com/path"], "without scheme, port and path"),
        (["a.*.com"], "without scheme, port and path"),
        ([""], "without scheme, port and path"),
        (["::1"], r"in brackets, as '\[::1\]'"),
        (["[::1]:8000"], "in brackets"),
        (["[:::]"], "no address"),
        ([5], "is no text"),
    ],
)
def test_what_is_no_host_is_refused_with_what_to_write(entries: Any, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        AllowedHosts(entries)
