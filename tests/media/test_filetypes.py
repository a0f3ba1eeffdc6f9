import mimetypes

import pytest

from wadjet.media.filetypes import type_of_name


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.html", "text/html"),
        ("/srv/files/a.txt", "text/plain"),
        ("a.css", "text/css"),
        ("a.js", "text/javascript"),
        ("a.mjs", "text/javascript"),
        ("a.json", "application/json"),
        ("a.svg", "image/svg+xml"),
        ("a.webp", "image/webp"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("A.PNG", "image/png"),
        ("a.min.css", "text/css"),
        ("a.ppt", "application/vnd.ms-powerpoint"),
    ],
)
def test_the_suffix_tells_the_type(name: str, media_type: str) -> None:
    assert type_of_name(name) == media_type


@pytest.mark.parametrize(
    "name", ["", "a", "a.", ".html", "folder.html/a", "a.unknownext", "a\0.b\0", "a.\udc80"]
)
def test_a_name_that_tells_nothing_is_binary(name: str) -> None:
    assert type_of_name(name) == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.tar.gz", "application/gzip"),
        ("a.tgz", "application/gzip"),
        ("a.svgz", "application/gzip"),
        ("a.txt.bz2", "application/x-bzip2"),
        ("a.txt.xz", "application/x-xz"),
        ("a.txt.Z", "application/x-compress"),
        ("a.txt.br", "application/octet-stream"),
    ],
)
def test_a_compressed_file_is_not_what_it_was_before(name: str, media_type: str) -> None:
    assert type_of_name(name) == media_type


@pytest.mark.parametrize("name", ["data:text/html,x", "data:text/html,.bin", "http:a.unknownext"])
def test_a_name_is_not_read_as_a_url(name: str) -> None:
    assert type_of_name(name) == "application/octet-stream"


def test_a_type_can_be_made_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "_db", mimetypes.MimeTypes())
    mimetypes.add_type("model/x-cobra", ".cobra")
    assert type_of_name("a.cobra") == "model/x-cobra"
