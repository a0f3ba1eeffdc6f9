from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.multiparts import events, form, part, pieces
from wadjet.http.filerules import FileRules
from wadjet.http.formdata import FormData
from wadjet.http.forms import FileTypeRefused, FormError, FormLimits, FormTooLarge

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
PICTURE = {"f": FileRules(100, ("image/png", "text/plain"))}


def read(content: bytes, size: int = 1 << 20, files: dict[str, FileRules] = PICTURE) -> FormData:
    data = FormData("multipart/form-data; boundary=BOUND", FormLimits(files=files))
    for piece in pieces(content, size):
        data.feed(piece)
    data.end()
    return data


def file(content: bytes, kind: str | None = "image/png", name: str = "a.png", field: str = "f") -> bytes:
    return form(part(field, content, name, *([] if kind is None else [f"Content-Type: {kind}"])))


TAKEN = [
    file(PNG),
    file(PNG, "Image/PNG; x=y"),
    file(PNG + bytes(100 - len(PNG))),
    file(b"anything", "text/plain"),
    file(b"", "text/plain"),
    file(bytes(200), "text/html", field="other"),
    form(part("f", b"x" * 200)),  # no file: the parameter says so
    form(part("f", b"", "", "Content-Type: application/octet-stream")),  # none was chosen
]
REFUSED = [
    (file(PNG + bytes(71)), FormTooLarge, "the file 'f' is more than 100 bytes"),
    (file(PNG, "image/gif"), FileTypeRefused, "the file 'f' is 'image/gif'; it may be image/png, text/plain"),
    (file(PNG, None), FileTypeRefused, "is 'application/octet-stream'"),
    (file(b"GIF89a" + bytes(30)), FileTypeRefused, "the file 'f' does not begin as image/png does"),
    (file(b"\x89PNG"), FileTypeRefused, "does not begin"),
    (file(b""), FileTypeRefused, "does not begin"),
    (file(PNG, "image/gif", name=""), FileTypeRefused, "is 'image/gif'"),
    (file(b"x", None, name=""), FileTypeRefused, "is 'application/octet-stream'"),
]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("content", TAKEN)
def test_a_file_that_may_be_is_taken(content: bytes, size: int) -> None:
    files = [file for _, name, file, _ in events([content]) if name is not None]
    assert read(content, size).file_bytes == sum(map(len, files))


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("content", "error", "reason"), REFUSED)
def test_a_file_that_may_not_be_is_refused(
    content: bytes, error: type[FormError], reason: str, size: int
) -> None:
    with pytest.raises(error, match=re.escape(reason)):
        read(content, size)


def test_each_file_has_rules_of_its_own() -> None:
    files = {"f": FileRules(3), "g": FileRules(5)}
    sizes = [("f", 3), ("g", 5), ("f", 3)]
    read(form(*[part(name, bytes(size), "a") for name, size in sizes]), files=files)
    with pytest.raises(FormTooLarge, match="'f' is more than 3"):
        read(form(part("g", bytes(5), "a"), part("f", bytes(4), "a")), files=files)


def test_a_type_is_refused_when_the_head_of_its_part_has_come() -> None:
    data = FormData("multipart/form-data; boundary=BOUND", FormLimits(files=PICTURE))
    head = part("f", b"", "a.exe", "Content-Type: application/x-msdownload")
    with pytest.raises(FileTypeRefused):
        data.feed(head)


def test_what_does_not_begin_as_its_type_is_refused_when_it_has_begun() -> None:
    data = FormData("multipart/form-data; boundary=BOUND", FormLimits(files=PICTURE))
    start = part("f", b"MZ" + bytes(60), "a.png", "Content-Type: image/png")
    with pytest.raises(FileTypeRefused):
        data.feed(start[:-20])


def test_a_type_of_any_length_is_repeated_in_part() -> None:
    with pytest.raises(FileTypeRefused) as caught:
        read(file(PNG, "x/" + "y" * 4000))
    assert len(str(caught.value)) < 200


@given(st.binary(max_size=150), st.text("image/pngtexl;*", max_size=20), st.integers(1, 60))
def test_however_a_file_is_cut_it_is_taken_or_refused(content: bytes, kind: str, size: int) -> None:
    sent = file(content.replace(b"BOUND", b""), kind)
    assert is_taken(sent, size) == is_taken(sent, len(sent))


def is_taken(content: bytes, size: int) -> bool:
    try:
        read(content, size)
    except FormError:
        return False
    return True
