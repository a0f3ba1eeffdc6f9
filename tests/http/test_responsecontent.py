import asyncio
import gzip
import io
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from wadjet.errors import MissingExtra
from wadjet.http import compression
from wadjet.http.compression import decode
from wadjet.http.response import Response
from wadjet.http.responsecontent import BodyFile


class Chunks:
    """An iterable that tells whether it was closed."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = iter(chunks)
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.chunks)

    def close(self) -> None:
        self.closed = True


def whole(response: Response[Any]) -> Any:
    return response.app_iter


async def asynchronous() -> AsyncIterator[bytes]:
    yield b"a"


def test_an_iterable_is_joined_and_closed_when_the_body_is_asked_for() -> None:
    chunks = Chunks(b"ab", b"", b"c")
    response: Response[Any] = Response(app_iter=chunks, content_type="text/plain")
    assert response.is_unread
    assert response.has_body
    assert response.app_iter is chunks
    assert (response.body, response.text, response.length) == (b"abc", "abc", 3)
    assert chunks.closed
    assert list(whole(response)) == [b"abc"]


def test_an_iterable_without_a_type_is_binary() -> None:
    assert Response(app_iter=[b"x"]).content_type == "application/octet-stream"


def test_an_iterable_takes_the_place_of_the_content_and_its_length() -> None:
    response = Response("text", headers={"content-length": "4"})
    response.app_iter = [b"a", b"b"]
    assert "content-length" not in response.headers
    assert response.body == b"ab"
    del response.app_iter
    assert (response.body, response.has_body, response.app_iter) == (b"", False, [b""])


def test_an_asynchronous_iterable_has_no_body() -> None:
    with pytest.raises(RuntimeError, match="a handler that returns the response streams it"):
        _ = Response(app_iter=asynchronous()).body


@pytest.mark.parametrize("value", ["text", b"bytes", 5, None])
def test_what_is_no_iterable_of_bytes_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="app_iter takes an iterable of bytes"):
        Response("x").app_iter = value


@pytest.mark.parametrize("given", [{"body": b"x", "app_iter": []}, {"text": "x", "json": 1}])
def test_two_contents_are_an_error(given: Any) -> None:
    with pytest.raises(TypeError, match="are each the content; give one"):
        Response(**given)
    with pytest.raises(TypeError, match="content and "):
        Response("x", **dict([given.popitem()]))


def test_a_copy_shares_no_content_and_what_is_taken_has_it() -> None:
    response: Response[Any] = Response(app_iter=iter([b"a", b"b"]))
    twin = response.copy()
    assert (twin.body, response.body) == (b"ab", b"ab")
    response.write(b"c")
    twin = response.copy()
    twin.write(b"d")
    response.write(b"e")
    assert (twin.body, response.body) == (b"abcd", b"abce")
    chunks = Chunks(b"a")
    assert Response(app_iter=chunks).take().app_iter is chunks


# -- write -------------------------------------------------------------------------------------------------------------------


def test_writing_adds_to_the_content() -> None:
    response = Response("é", charset="latin-1")
    assert response.write("é") == 1
    assert response.write(b"\xff") == 1
    assert response.write(bytearray(b"a")) == 1
    assert (response.body, response.length) == (b"\xe9\xe9\xffa", 4)
    response.write("")
    assert response.parts()[2] == b"\xe9\xe9\xffa"


def test_writing_to_an_iterable_keeps_what_it_gives() -> None:
    response: Response[Any] = Response(app_iter=iter([b"a"]))
    response.write(b"b")
    assert response.body == b"ab"


def test_writing_many_pieces_joins_them_once() -> None:
    response = Response(b"")
    for _ in range(10_000):
        response.write(b"x")
    assert len(response._written) == 10_000
    assert response.body == b"x" * 10_000
    assert response._written == ()


@pytest.mark.parametrize("value", [5, None, ["x"]])
def test_only_bytes_and_text_are_written(value: Any) -> None:
    with pytest.raises(TypeError, match="the content is bytes or text"):
        Response("x").write(value)


def test_a_new_body_forgets_what_was_written() -> None:
    response = Response("a")
    response.write("b")
    response.text = "c"
    assert response.body == b"c"


def test_the_content_is_a_file_to_write_to() -> None:
    response = Response("a")
    file = response.body_file
    assert isinstance(file, BodyFile)
    assert (file.mode, file.encoding, file.closed, file.writable()) == ("wb", "utf-8", False, True)
    file.writelines(["b", b"c"])
    file.flush()
    assert (file.tell(), response.body) == (3, b"abc")
    file.close()
    assert file.closed
    with pytest.raises(ValueError, match="closed"):
        file.write(b"d")
    del response.body_file
    assert response.body == b""


@pytest.mark.parametrize("file", [io.BytesIO(b"abc"), io.StringIO("abc")])
def test_a_readable_file_is_the_content(file: Any) -> None:
    response: Response[Any] = Response(body_file=file)
    assert response.is_unread
    assert response.body == b"abc"
    assert file.closed


def test_what_cannot_be_read_is_no_file() -> None:
    with pytest.raises(TypeError, match="body_file takes a readable file"):
        Response("x").body_file = "text"  # type: ignore[assignment]


def test_a_range_of_the_content_is_cut() -> None:
    assert b"".join(Response("abcdef").app_iter_range(1, 3)) == b"bc"


# -- encoded ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lazy", [False, True])
def test_the_content_is_encoded_and_decoded(lazy: bool) -> None:
    response = Response("text" * 100, etag="v1", vary=("Cookie",))
    response.encode_content(lazy=lazy)
    assert response.is_unread == lazy
    assert response.content_encoding == "gzip"
    assert response.vary == ("Cookie", "Accept-Encoding")
    assert response.headers["etag"] == 'W/"v1"'
    assert gzip.decompress(response.body) == b"text" * 100
    response.encode_content("gzip")
    response.decode_content()
    assert response.text == "text" * 100
    assert "content-encoding" not in response.headers
    response.decode_content()
    response.encode_content("identity")
    assert response.text == "text" * 100


def test_an_asynchronous_iterable_is_encoded_lazily() -> None:
    async def collected(chunks: Any) -> bytes:
        return b"".join([chunk async for chunk in chunks])

    response: Response[Any] = Response(app_iter=asynchronous())
    response.encode_content(lazy=True)
    assert gzip.decompress(asyncio.run(collected(response.app_iter))) == b"a"


@pytest.mark.parametrize("data", [zlib.compress(b"text"), zlib.compress(b"text", wbits=-15)])
def test_deflate_is_read_in_both_its_forms(data: bytes) -> None:
    response: Response[Any] = Response(data, content_encoding="deflate")
    response.decode_content()
    assert response.body == b"text"
    response = Response(data, content_encoding="deflate")
    response.encode_content("identity")
    assert response.body == b"text"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("br", b"x"),
        ("zstd", b"x"),
        ("gzip", b"x"),
        ("gzip", gzip.compress(b"x", mtime=0)[:-4]),
        ("deflate", b"x"),
    ],
)
def test_content_that_cannot_be_decoded_is_an_error(encoding: str, data: bytes) -> None:
    response = Response(data, content_encoding=encoding)
    with pytest.raises(ValueError):
        response.decode_content()
    assert (response.body, response.content_encoding) == (data, encoding)


def test_another_encoding_is_an_error() -> None:
    with pytest.raises(ValueError, match="the encodings are zstd, br, gzip and identity"):
        Response("x").encode_content("compress")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'compress' cannot be decoded"):
        Response("x", content_encoding="compress").decode_content()


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_each_coding_that_is_negotiated_can_be_asked_for(coding: Any, lazy: bool) -> None:
    response = Response("text" * 100, etag="v1", accept_ranges="bytes", content_md5="x")
    response.encode_content(coding, lazy=lazy)
    assert (response.content_encoding, response.etag_strong, tuple(response.vary)) == (
        coding,
        None,
        ("Accept-Encoding",),
    )
    assert {"accept-ranges", "content-md5"}.isdisjoint(response.headers)
    assert decode(response.body, coding.upper()) == b"text" * 100
    response.headers.set("content-encoding", coding.upper())
    before = response.body
    response.encode_content(coding)
    assert response.body == before
    response.decode_content()
    assert (response.text, response.content_encoding) == ("text" * 100, None)


def test_a_coding_that_is_not_installed_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_module", lambda coding: None)
    response = Response("x", content_encoding="gzip")
    with pytest.raises(MissingExtra, match="wadjet.compress"):
        response.encode_content("br")
    assert response.body == b"x"
    with pytest.raises(ValueError, match="cannot be decoded here"):
        Response("x", content_encoding="zstd").decode_content()


# -- tagged and measured ------------------------------------------------------------------------------------------------------


def test_a_tag_is_made_of_the_content() -> None:
    response = Response("text")
    response.md5_etag()
    assert (response.etag, response.content_md5) == ("HLJR7A1WjeapKbUgxK7Y0Q", None)
    response.md5_etag(b"", set_content_md5=True)
    assert response.content_md5 == "1B2M2Y8AsgTpgAmY7PhCfg=="
    response.text = "other"
    assert response.content_md5 is None


def test_the_length_is_told_without_being_set() -> None:
    response = Response("é")
    assert response.content_length == 2
    response.content_length = 5
    assert (response.content_length, response.headers["content-length"]) == (5, "5")
    del response.content_length
    assert "content-length" not in response.headers


@pytest.mark.parametrize(("value", "kind"), [(-1, ValueError), ("5", TypeError)])
def test_a_length_is_a_number(value: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Response("x").content_length = value


@pytest.mark.parametrize("name", ["body", "text", "unicode_body", "ubody", "json", "json_body"])
def test_deleting_the_content_empties_it(name: str) -> None:
    response = Response("x")
    delattr(response, name)
    assert (response.body, response.content, response.has_body) == (b"", None, False)


def test_text_takes_text() -> None:
    with pytest.raises(TypeError, match="text takes a str"):
        Response("x").text = b"x"  # type: ignore[assignment]
    assert Response(ubody="é").unicode_body == "é"
