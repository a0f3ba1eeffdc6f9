from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.media.magic import LONGEST, begins_as, has_magic, types_in


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("a", "b")
    return made.getvalue()


BEGINNINGS = [
    ("application/gzip", gzip.compress(b"x")),
    ("application/pdf", b"%PDF-1.7\n"),
    ("application/zip", archive()),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", archive()),
    ("audio/mpeg", b"ID3\x04\0\0\0\0\0\0"),
    ("audio/mpeg", b"\xff\xfb\x90\x64"),
    ("audio/wav", b"RIFF\x24\x08\0\0WAVEfmt "),
    ("image/avif", b"\0\0\0\x20ftypavif\0\0\0\0"),
    ("image/gif", b"GIF89a\x01\0\x01\0"),
    ("image/gif", b"GIF87a\x01\0\x01\0"),
    ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
    ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("image/tiff", b"II*\0\x08\0\0\0"),
    ("image/tiff", b"MM\0*\0\0\0\x08"),
    ("image/webp", b"RIFF\n\0\0\nWEBPVP8 "),
    ("image/x-icon", b"\0\0\x01\0\x01\0"),
    ("video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0"),
    ("video/mp4", b"\0\0\0\x1cftypisom\0\0\x02\0"),
    ("video/quicktime", b"\0\0\0\x14ftypqt  \0\0\0\0"),
    ("video/webm", b"\x1a\x45\xdf\xa3\x9f"),
]


@pytest.mark.parametrize(("kind", "start"), BEGINNINGS)
def test_content_begins_as_its_type_does(kind: str, start: bytes) -> None:
    assert has_magic(kind)
    assert begins_as(kind, start[:LONGEST])


@pytest.mark.parametrize(("kind", "start"), BEGINNINGS)
def test_what_begins_otherwise_or_too_early_ends_is_not_of_the_type(kind: str, start: bytes) -> None:
    for other in (b"", start[:1], b" " + start, b"<!doctype html>", b"MZ\x90\0", b"\0" * 16):
        assert not begins_as(kind, other[:LONGEST])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("image/webp", "audio/wav"),
        ("image/avif", "video/mp4"),
        ("video/quicktime", "video/mp4"),
        ("image/gif", "image/png"),
    ],
)
def test_types_in_the_same_container_are_told_apart(one: str, other: str) -> None:
    for kind, start in BEGINNINGS:
        if kind in {one, other}:
            assert begins_as(one, start) != begins_as(other, start)


def test_a_type_without_a_magic_number_begins_as_anything() -> None:
    assert not has_magic("text/csv")
    assert begins_as("text/csv", b"")
    assert begins_as("text/csv", b"\x89PNG")


def test_a_range_has_only_what_can_be_told() -> None:
    found = types_in("image/*")
    assert {"image/png", "image/jpeg"} <= set(found)
    assert all(kind.startswith("image/") and has_magic(kind) for kind in found)
    assert "image/svg+xml" not in found
    assert types_in("text/*") == []


@given(st.binary(max_size=40), st.sampled_from(types_in("*")))
def test_the_first_bytes_tell_as_much_as_all(content: bytes, kind: str) -> None:
    assert begins_as(kind, content[:LONGEST]) == begins_as(kind, content)
