"""Secrets are known by their shapes and their values; what is none stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.conf.masking import MASK
from wadjet.debug.secrets import Masker


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2", f"password={MASK}"),
        ("User(name='bo', password='hun ter2')", f"User(name='bo', password='{MASK}')"),
        ("User(password=b'x y', n=1)", f"User(password=b'{MASK}', n=1)"),
        (
            '{"user": "bo", "password": "hun\'ter2", "n": 1}',
            f'{{"user": "bo", "password": "{MASK}", "n": 1}}',
        ),
        (r'{"password": "hun\"ter2\\", "n": 1}', f'{{"password": "{MASK}", "n": 1}}'),
        ("{'AWS_SECRET_ACCESS_KEY': 'abc'}", f"{{'AWS_SECRET_ACCESS_KEY': '{MASK}'}}"),
        (r"""'{\"token\": \"a\\nc\", \"n\": 1}'""", rf"""'{{\"token\": \"{MASK}\", \"n\": 1}}'"""),
        (r"""'{\'token\': \'abc\'}'""", rf"""'{{\'token\': \'{MASK}\'}}'"""),
        ("a=1&token=abc&b=2", f"a=1&token={MASK}&b=2"),
        ("postgresql://bo:hunter2@db/shop", f"postgresql://bo:{MASK}@db/shop"),
        ("redis://:hunter2@db/0", f"redis://:{MASK}@db/0"),
        ("Bearer abcdef.123456", f"Bearer {MASK}"),
        ("authorization: basic Ym86aHVudGVyMg==", f"authorization: basic {MASK}"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln is sent", f"{MASK} is sent"),
        ("password = 'never closed", f"password = '{MASK}'"),
    ],
)
def test_the_shape_of_a_secret_is_known(text: str, expected: str) -> None:
    assert Masker().text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "unexpected token: end of line",
        "http://localhost:8000/a@b",
        "def login(password: str) -> None",
        "if password == other:",
        "the basic idea",
        "No module named 'tokens'",
    ],
)
def test_prose_stays_as_it_is(text: str) -> None:
    assert Masker().text(text) == text


def test_in_source_only_what_is_written_out_is_a_secret() -> None:
    source = Masker(["from-settings"]).source
    assert source('password = "hunter2"  # mine') == f'password = "{MASK}"  # mine'
    assert source("login(token='abc', n=1)") == f"login(token='{MASK}', n=1)"
    assert source('if password == "hunter2":') == f'if password == "{MASK}":'
    assert source('password = form["password"]') == 'password = form["password"]'
    assert source("key = 'from-settings'") == f"key = '{MASK}'"
    assert source("url = 'redis://:pw@host'") == f"url = 'redis://:{MASK}@host'"


def test_a_value_that_is_known_is_masked_wherever_it_stands() -> None:
    masker = Masker(["correct horse", "correct horse battery", "it's\n\\secret", "short"])
    assert masker.text("<correct horse battery> (correct horse)") == f"<{MASK}> ({MASK})"
    assert masker.text(repr({"x": "it's\n\\secret"})) == f"{{'x': \"{MASK}\"}}"
    assert masker.text("short words stay") == "short words stay"
    assert masker.named("name", "correct horse") == MASK
    assert masker.named("password", "x") == MASK


def test_what_is_shown_can_be_sent() -> None:
    assert Masker().text("\udcff").encode() == b"\\udcff"


@given(st.text())
def test_no_text_is_refused_and_none_hides_a_secret(text: str) -> None:
    secret = "ab" * 4
    masker = Masker([secret])
    for masked in (masker.text, masker.source):
        assert secret.encode() not in masked(f"{text}{secret}{text}").encode()


@given(st.text(min_size=6), st.text(), st.text())
def test_a_known_value_never_survives(secret: str, before: str, after: str) -> None:
    shown = Masker([secret]).text(f"{before}{secret}{after}")
    assert secret not in shown.replace(MASK, "") or secret in f"{before}\0{after}"
