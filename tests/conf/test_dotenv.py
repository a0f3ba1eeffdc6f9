from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from wadjet.conf.dotenv import read_dotenv
from wadjet.errors import ConfigError


def test_a_file_that_is_not_there_gives_nothing(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("export NAME = value ", "value"),
        ("NAME=", ""),
        ("NAME=two words # a comment", "two words"),
        ("NAME=a#b", "a#b"),
        ("NAME= # nothing", ""),
        ('NAME="a # b"  # c', "a # b"),
        (r'NAME="a\n\"b\"\\"', 'a\n"b"\\'),
        (r"NAME='a\n$B'", r"a\n$B"),
        ("NAME=a=b", "a=b"),
        ("NAME=it's", "it's"),
        ("NAME=$OTHER", "$OTHER"),
    ],
)
def test_a_line_gives_a_variable(line: str, value: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# first\n\n{line}\r\n", newline="")
    assert read_dotenv(path) == {"NAME": (value, f"{path}, line 3")}


@pytest.mark.parametrize("line", ["hunter2", "=hunter2", 'NAME="hunter2', "NAME='hunter2' x", "9=hunter2"])
def test_a_line_that_is_none_is_told_by_its_number_only(line: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(line)
    with pytest.raises(ConfigError, match=r"\.env, line 1 is no NAME=value$"):
        read_dotenv(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xff")
    for broken in (path, tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_dotenv(broken)


@hypothesis_settings(max_examples=30)
@given(value=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_what_is_quoted_is_read_again(value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("quoted") / ".env"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(f'NAME="{escaped}"', "utf-8")
    assert read_dotenv(path)["NAME"].text == value
