import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.filenames import sanitise_filename


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../e vil.txt", "e vil.txt"),
        pytest.param("/etc/passwd", "passwd", id="MP-29"),
        pytest.param("C:\\Users\\me\\a.txt", "a.txt", id="MP-31"),
        ("C:a.txt", "C_a.txt"),
        ("a.txt:stream", "a.txt_stream"),
        ("é€😀.png", "é€😀.png"),
        ("e\u0301.png", "é.png"),
        ("a\x00b\r\nc\x7f\x85.txt", "abc.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a..b", "ab"),
        ("", "upload"),
        (".", "upload"),
        ("..", "upload"),
        (".htaccess", "upload"),
        ("....//", "upload"),
        (" . ", "upload"),
        ("name. . ", "name"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("console.txt", "console.txt"),
        ("a" * 300 + ".txt", "a" * 251 + ".txt"),
        ("é" * 300, "é" * 127),
        ("a." + "b" * 300, "a." + "b" * 253),
        ("\ud800.txt", "upload"),
    ],
)
def test_a_name_keeps_what_can_do_no_harm(name: str, kept: str) -> None:
    assert sanitise_filename(name) == kept


@given(
    st.from_regex(r"\A[\w.-]{1,12}(\.[a-z]{1,4})?\Z")
    | st.sampled_from(["nul", "con.txt", "a" * 256, "-", "a..b"])
)
def test_a_name_is_kept_the_same_with_and_without_a_folder(name: str) -> None:
    assert sanitise_filename(name) == sanitise_filename(f"folder/{name}")


@given(st.text())
def test_every_name_is_one_segment_that_can_be_written(name: str) -> None:
    kept = sanitise_filename(name)
    assert kept
    assert kept == os.path.basename(kept)
    assert not kept.startswith(".")
    assert kept.isprintable() or not kept.isascii()
    assert 0 < len(kept.encode()) <= 255
    assert sanitise_filename(kept) == kept
