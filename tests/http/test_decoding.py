import asyncio
import gzip
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.scopes import receiving
from wadjet.http.body import Body, ReceivedBody
from wadjet.http.decoding import DecodedBody
from wadjet.http.exceptions import (
    ClientDisconnect,
    MalformedBody,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

TEXT = b"The quick brown fox. " * 50
ENCODED = {"gzip": gzip.compress(TEXT, mtime=0), "deflate": zlib.compress(TEXT)}


def sent(*chunks: bytes, limit: int = 1 << 20, **more: Any) -> Body:
    return ReceivedBody(receiving(*chunks, **more), None, limit)


def decoded(coding: str, *chunks: bytes, **more: Any) -> bytes:
    async def run() -> bytes:
        return await DecodedBody(sent(*chunks, **more), coding).read()

    return asyncio.run(run())


@pytest.mark.parametrize("coding", ENCODED)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_content_is_decoded_however_it_comes(coding: str, size: int) -> None:
    content = ENCODED[coding]
    assert decoded(coding, *[content[at : at + size] for at in range(0, len(content), size)]) == TEXT


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=4), st.integers(1, 50))
def test_gzip_of_several_members_is_read_as_one(members: list[bytes], size: int) -> None:
    content = b"".join(map(gzip.compress, members))
    assert decoded("gzip", *[content[at : at + size] for at in range(0, len(content), size)]) == b"".join(
        members
    )


def test_whoever_reads_what_was_sent_still_gets_it() -> None:
    async def run() -> None:
        raw = sent(ENCODED["gzip"])
        assert await DecodedBody(raw, "gzip").read() == TEXT
        assert b"".join([chunk async for chunk in DecodedBody(raw, "gzip").stream()]) == TEXT
        assert await raw.read() == ENCODED["gzip"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("gzip", b""),
        ("gzip", b"not compressed"),
        ("gzip", ENCODED["gzip"][:-1]),
        ("gzip", ENCODED["gzip"][:-20]),
        ("gzip", ENCODED["gzip"][:-8] + b"\0" * 8),
        ("gzip", ENCODED["gzip"] + b"garbage"),
        ("gzip", ENCODED["deflate"]),
        ("gzip", gzip.compress(b"", mtime=0) * 1001),
        ("deflate", ENCODED["deflate"][:-1]),
        ("deflate", ENCODED["deflate"] + b"x"),
        ("deflate", ENCODED["gzip"]),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
    ],
)
def test_what_is_not_the_coding_is_malformed(coding: str, content: bytes) -> None:
    with pytest.raises(MalformedBody):
        decoded(coding, content)


def test_a_small_document_may_grow_as_much_as_it_likes() -> None:
    assert decoded("gzip", gzip.compress(b"\0" * (1 << 20)), limit=1 << 20) == b"\0" * (1 << 20)


@pytest.mark.parametrize(
    ("content", "limit", "reason"),
    [
        (gzip.compress(b"\0" * (4 << 20), mtime=0), 1 << 30, "more than 100 times"),
        (gzip.compress(TEXT, mtime=0), 100, "more than 100 bytes"),
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(content: bytes, limit: int, reason: str) -> None:
    """BODY-23."""

    async def run() -> None:
        body = DecodedBody(sent(content, limit=limit), "gzip")
        with pytest.raises(RequestEntityTooLarge, match=reason):
            await body.read()
        assert body._made < 2 << 20

    asyncio.run(run())


def test_a_client_that_leaves_is_told_of() -> None:
    with pytest.raises(ClientDisconnect):
        decoded("gzip", ENCODED["gzip"][:20], disconnects=True)


@pytest.mark.parametrize("field", ["br", "gzip, gzip", "deflate", "", "gzip;q=1", "bogus" * 100])
def test_a_coding_that_is_not_taken_is_a_415_that_says_which_are(field: str) -> None:
    """BODY-12."""
    for taken, told in (((), "identity"), (("gzip",), "gzip")):
        with pytest.raises(UnsupportedMediaType) as caught:
            DecodedBody.of(sent(b""), field, taken)
        assert caught.value.headers["accept-encoding"] == told


@pytest.mark.parametrize("field", ["gzip", "GZIP", "x-gzip", " gzip "])
def test_a_coding_is_known_by_its_names(field: str) -> None:
    assert isinstance(DecodedBody.of(sent(b""), field, ("gzip",)), DecodedBody)
