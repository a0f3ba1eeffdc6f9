from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wadjet.static.names import hashed, is_servable, unhashed

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        "sub/inner.txt",
        "a..b",
        "...",
        "ü€.txt",
        "a:b",
        "CON",
        "100%.txt",
        ".well-known/security.txt",
        "x.",
    ],
)
def test_a_plain_name_may_be_asked_for(name: str) -> None:
    assert is_servable(name, dotfiles=name == "...", is_windows=False)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "/etc/passwd",
        "a//b",
        "a/",
        "..",
        "../secret",
        "sub/../../secret",
        ".",
        "a/./b",
        "..\\secret",
        "\\\\evil.test\\share",
        "a\0.png",
        "a\nb",
        "\x7f",
        "\ud800",
        "\u202etxt.exe",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_whatever_is_allowed(name: str) -> None:
    """FILE-05, FILE-11, FILE-20, FILE-25, FILE-29, FILE-101."""
    assert not is_servable(name, dotfiles=True, is_windows=False)


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".git/config",
        "sub/.htpasswd",
        ".well-known",
        ".well-known/.x",
        "sub/.well-known/x",
        ".x/.well-known",
    ],
)
def test_a_hidden_name_is_refused_unless_it_is_allowed(name: str) -> None:
    assert is_servable(name, dotfiles=False) is (name == ".well-known")
    assert is_servable(name, dotfiles=True)


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "con.txt",
        "sub/NUL",
        "aux.tar.gz",
        "COM1",
        "lpt9.log",
        "COM¹",
        "CON .txt",
        "CONIN$",
        "C:x",
        "x::$DATA",
        "x.",
        "x ",
    ],
)
def test_a_name_that_is_another_on_windows_is_refused_there(name: str) -> None:
    """FILE-100."""
    assert not is_servable(name, dotfiles=True, is_windows=True)
    assert is_servable(name, dotfiles=True, is_windows=False)


@pytest.mark.parametrize("name", ["console.txt", "com.txt", "com10", "nullable", "a/b.c"])
def test_a_name_that_only_resembles_a_device_is_plain_on_windows(name: str) -> None:
    assert is_servable(name, dotfiles=True, is_windows=True)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("app.css", "app.0123456789ab.css"),
        ("css/app.min.css", "css/app.min.0123456789ab.css"),
        ("LICENSE", "LICENSE.0123456789ab"),
        ("a.b/c", "a.b/c.0123456789ab"),
        (".env", ".env.0123456789ab"),
    ],
)
def test_a_version_has_the_digest_before_the_suffix(name: str, version: str) -> None:
    assert hashed(name, DIGEST) == version
    assert unhashed(version) == (name, "0123456789ab")


@pytest.mark.parametrize(
    "name",
    [
        "app.css",
        "app.0123456789a.css",
        "app.0123456789aB.css",
        "0123456789ab",
        ".0123456789ab.css",
        "a/.0123456789ab.css",
    ],
)
def test_a_name_without_a_digest_is_no_version(name: str) -> None:
    assert unhashed(name) is None


@given(
    st.from_regex(r"[a-z./é-]{1,20}", fullmatch=True).filter(
        lambda name: is_servable(name, dotfiles=True, is_windows=True)
    )
)
@example("a.0123456789ab.css")
def test_what_is_hashed_can_be_unhashed(name: str) -> None:
    assert unhashed(hashed(name, DIGEST)) == (name, DIGEST[:12])


@given(st.text(max_size=60))
def test_any_text_is_judged(name: str) -> None:
    unhashed(name)
    if is_servable(name, dotfiles=False, is_windows=True):
        assert "\\" not in name
        assert ":" not in name
        assert not {"", ".", ".."} & set(name.split("/"))
