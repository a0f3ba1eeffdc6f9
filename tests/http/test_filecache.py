import os
import time
from pathlib import Path

import pytest

from tests.http.descriptors import descriptors, with_descriptors
from wadjet.http.filecache import SMALL, FileCache, SmallFile, Version, read_file
from wadjet.http.openfile import OpenFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that was written a while ago."""
    path = tmp_path / "file.txt"
    path.write_bytes(b"0123456789")
    return path


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> float:
    now = time.time() + 10
    monkeypatch.setattr("wadjet.http.filecache.time.time", lambda: now)
    return now


def kept(cache: FileCache, path: Path, folder: str | None = None) -> SmallFile:
    _, file = read_file(str(path), folder)
    assert isinstance(file, SmallFile)
    cache.keep(str(path), folder, file)
    return file


@with_descriptors
def test_a_small_file_is_read_and_closed_a_large_one_stays_open(path: Path) -> None:
    version, small = read_file(str(path))
    assert isinstance(small, SmallFile)
    assert (small.content, small.count, small.version) == (b"0123456789", 10, version)
    assert descriptors(path) == 0
    path.write_bytes(b"a" * (SMALL + 1))
    _, large = read_file(str(path))
    assert isinstance(large, OpenFile)
    large.close()


def test_a_version_is_told_by_its_time_and_its_size(path: Path) -> None:
    os.utime(path, ns=(0, 784111777_000000001))
    version, _ = read_file(str(path))
    assert version.etag == b'"%x-a"' % 784111777_000000001
    assert version.last_modified == b"Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
@with_descriptors
def test_a_file_that_changes_while_it_is_read_is_none_to_keep(
    path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = OpenFile.read

    def changing(self: OpenFile, offset: int, count: int) -> bytes:
        content = {"grows": b"0123456789+", "shrinks": b"01", "is rewritten": b"9876543210"}[change]
        path.write_bytes(content)
        os.utime(path, ns=(1, 1))
        return read(self, offset, count)

    monkeypatch.setattr(OpenFile, "read", changing)
    _, file = read_file(str(path))
    assert isinstance(file, OpenFile)
    assert file.count == 10
    file.close()


def test_what_is_kept_is_found_while_it_is_the_same(path: Path) -> None:
    cache = FileCache()
    assert cache.find(str(path), None) is None
    file = kept(cache, path)
    assert cache.find(str(path), None) is file
    assert cache.find(str(path), str(path.parent)) is None
    assert cache.size == 10


@pytest.mark.parametrize("change", ["content", "time", "removed", "replaced", "link"])
def test_what_has_changed_is_not_found(path: Path, change: str) -> None:
    cache, other = FileCache(), path.with_name("other.txt")
    asked = path
    if change == "link":
        asked = path.with_name("link")
        asked.symlink_to(path)
    kept(cache, asked)
    other.write_bytes(b"9876543210")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    if change == "content":
        times = path.stat()
        path.write_bytes(b"9876543210")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "time":
        os.utime(path)
    elif change == "removed":
        path.unlink()
    elif change == "replaced":
        other.replace(path)
    else:
        asked.unlink()
        asked.symlink_to(other)
    assert cache.find(str(asked), None) is None
    assert cache.size == 0


def test_a_file_that_was_changed_just_now_is_not_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another change within the same tick of the file system's clock would not show."""
    monkeypatch.setattr("wadjet.http.filecache.time.time", lambda: path.stat().st_ctime + 1)
    cache = FileCache()
    kept(cache, path)
    assert cache.find(str(path), None) is None


def test_the_oldest_go_when_there_is_no_room(path: Path) -> None:
    cache = FileCache(25)
    paths = [path.with_name(str(number)) for number in range(4)]
    for one in paths:
        one.write_bytes(b"0123456789")
        kept(cache, one)
        kept(cache, one)
    assert [cache.find(str(one), None) is not None for one in paths] == [False, False, True, True]
    assert cache.size == 20
    paths[0].write_bytes(b"a" * 26)
    kept(cache, paths[0])
    assert cache.size == 20


def test_a_name_that_cannot_be_one_is_not_found() -> None:
    cache = FileCache()
    file = SmallFile(Version(os.stat(__file__), time.time()), b"")
    cache.keep("a\0b", None, file)
    assert cache.find("a\0b", None) is None
