from __future__ import annotations

import pytest

from wadjet.http.filecache import SmallFile, Version
from wadjet.static.folder import Form
from wadjet.static.kept import Kept, Ready, Shelf


def kept(size: int, *, is_small: bool = True) -> Kept:
    import os

    version = Version(os.stat("."), 0)
    small = SmallFile(version, b"x" * size) if is_small else None
    return Kept([Form("a", "", version, small, size, "")], [()], (), is_permanent=False)


def answer(number: int) -> Ready:
    return Ready(200, (), b"", b"%d" % number)


def test_the_oldest_go_when_there_is_no_room() -> None:
    shelf = Shelf(100, 10)
    for name in "abc":
        shelf.put(name, kept(40))
    assert (list(shelf), shelf.size) == (["b", "c"], 80)


def test_the_oldest_go_when_there_are_many() -> None:
    shelf = Shelf(100, 2)
    for name in "abc":
        shelf.put(name, kept(0))
    assert list(shelf) == ["b", "c"]


def test_what_is_put_again_counts_once() -> None:
    shelf = Shelf(100, 10)
    shelf.put("a", kept(40))
    shelf.put("a", kept(30))
    assert shelf.size == 30
    shelf.drop("a")
    shelf.drop("a")
    assert (shelf.size, len(shelf)) == (0, 0)


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    shelf = Shelf(100, 10)
    shelf.put("a", kept(200))
    assert (len(shelf), shelf.size) == (0, 0)


def test_the_content_of_a_large_file_is_not_kept() -> None:
    assert kept(10**9, is_small=False).size == 0


def test_a_client_cannot_make_answers_without_end() -> None:
    """What is kept for a file is chosen by fields of the client's."""
    file = kept(1)
    for number in range(100):
        file.remember(((b"if-none-match", b"%d" % number),), answer(number))
    assert len(file.answers) == 16
    assert file.answers[((b"if-none-match", b"99"),)].body == b"99"


@pytest.mark.parametrize(
    "key",
    [
        ((b"if-none-match", b"x" * 1000),),
        ((b"range", b"bytes=0-1"),),
        ((b"if-match", b'"x"'),),
        ((b"if-modified-since", b"Tue, 14 Nov 2023 22:13:20 GMT"),),
        ((b"accept-encoding", b"gzip"), (b"if-unmodified-since", b"x")),
    ],
)
def test_what_is_long_or_depends_on_more_than_the_version_is_not_kept(
    key: tuple[tuple[bytes, bytes], ...],
) -> None:
    file = kept(1)
    file.remember(key, answer(1))
    assert file.answers == {}


def test_a_date_beside_a_tag_decides_nothing() -> None:
    file = kept(1)
    key = ((b"if-none-match", b'"x"'), (b"if-modified-since", b"Tue, 14 Nov 2023 22:13:20 GMT"))
    file.remember(key, answer(1))
    assert key in file.answers
