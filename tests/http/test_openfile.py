import errno
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.http.descriptors import descriptors, until_closed, with_descriptors
from wadjet.http import openfile
from wadjet.http.exceptions import Forbidden, NotFound
from wadjet.http.openfile import OpenFile, open_below, open_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "file.txt").write_bytes(b"0123456789")
    return tmp_path / "file.txt"


def content(file: OpenFile) -> bytes:
    try:
        return file.read(0, 100)
    finally:
        file.close()


# -- what is opened -----------------------------------------------------------------------------------------------------


def test_a_regular_file_is_opened_whole(path: Path) -> None:
    file = open_file(str(path))
    assert (file.count, file.stat.st_mtime_ns) == (10, path.stat().st_mtime_ns)
    assert not os.get_inheritable(file.descriptor)
    assert content(file) == b"0123456789"


@pytest.mark.parametrize(
    "name",
    [
        "none.txt",
        "file.txt/x",
        "file.txt/",
        "file.txt//",
        "a" * 4000,
        "file.txt\0.png",
        "\ud800",
        "\udcff\udcfe",
        "",
        ".",
    ],
)
@pytest.mark.parametrize("has_folder", [False, True])
def test_a_name_without_a_file_is_not_found(path: Path, name: str, has_folder: bool) -> None:
    """FILE-25 to FILE-30, FILE-34."""
    with pytest.raises(NotFound):
        open_file(f"{path.parent}/{name}", str(path.parent) if has_folder else None)


def test_no_name_at_all_is_not_found(path: Path) -> None:
    with pytest.raises(NotFound):
        open_file("")


@pytest.mark.parametrize("has_folder", [False, True])
@pytest.mark.parametrize("kind", ["fifo", "socket", "folder", "loop", "device"])
def test_what_is_no_regular_file_is_not_found_at_once(path: Path, kind: str, has_folder: bool) -> None:
    """FILE-32: a named pipe that nobody writes into would be waited for without end."""
    other = path.with_name("other")
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "fifo":
            os.mkfifo(other)
        elif kind == "socket":
            listener.bind(os.path.relpath(other))
        elif kind == "folder":
            other.mkdir()
        elif kind == "loop":
            other.symlink_to(other)
        else:
            other = Path("/dev/null")
        with pytest.raises(NotFound):
            open_file(str(other), str(other.parent) if has_folder else None)


@with_descriptors
def test_what_is_refused_is_closed(path: Path) -> None:
    with pytest.raises(NotFound):
        open_file(str(path.parent))
    assert descriptors(path.parent) == 0
    with pytest.raises(NotFound):
        open_file(str(path.with_name("none")), str(path.parent))
    assert descriptors(path.parent) == 0


@pytest.mark.parametrize("has_folder", [False, True])
def test_a_file_that_may_not_be_read_is_forbidden_and_not_named(
    path: Path, has_folder: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FILE-102."""

    def refuse(name: str, *args: Any, **options: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "supports_dir_fd", {refuse})
    with pytest.raises(Forbidden) as caught:
        open_file(str(path), str(path.parent) if has_folder else None)
    assert caught.value.detail is None
    assert caught.value.__cause__ is None


def test_a_failure_of_the_machine_is_no_answer_to_the_client(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError, match="Too many open files"):
        open_file(str(path))


# -- the allowed folder --------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, one below it, and beside it what nobody may see."""
    folder = tmp_path / "files"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "file.txt").write_text("inside")
    (folder / "sub" / "deep" / "file.txt").write_text("inside")
    for outside in (tmp_path, tmp_path / "files-secret"):
        outside.mkdir(exist_ok=True)
        (outside / "secret.txt").write_text("secret")
    (folder / "link-out").symlink_to(tmp_path / "secret.txt")
    (folder / "dir-out").symlink_to(tmp_path / "files-secret")
    (folder / "link-in").symlink_to("sub/deep/file.txt")
    (folder / "dir-in").symlink_to(folder / "sub")
    (tmp_path / "link-to").symlink_to(folder)
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "file.txt",
        "sub/deep/file.txt",
        "sub/../file.txt",
        "link-in",
        "dir-in/deep/file.txt",
        "../files/file.txt",
        "../link-to/file.txt",
    ],
)
@pytest.mark.parametrize("allowed", ["files", "link-to", "files/sub/.."])
@pytest.mark.parametrize("has_dir_fd", [True, False])
def test_what_is_inside_the_folder_is_opened(
    folder: Path, name: str, allowed: str, has_dir_fd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_dir_fd:
        monkeypatch.setattr(os, "supports_dir_fd", set())
    assert content(open_file(f"{folder}/{name}", str(folder.parent / allowed))) == b"inside"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "../files-secret/secret.txt",
        "sub/../../secret.txt",
        "link-out",
        "dir-out/secret.txt",
        "sub/../dir-out/secret.txt",
        "../none.txt",
        "../../../../../../../../etc/passwd",
        "..",
    ],
)
def test_what_is_outside_is_not_found_whether_it_is_there_or_not(folder: Path, name: str) -> None:
    """FILE-11 to FILE-24, FILE-42 to FILE-62."""
    with pytest.raises(NotFound):
        open_file(f"{folder}/{name}", str(folder))


def test_an_absolute_path_outside_is_not_found(folder: Path) -> None:
    with pytest.raises(NotFound):
        open_file("/etc/passwd", str(folder))


def test_a_folder_that_is_not_there_has_no_files(folder: Path) -> None:
    with pytest.raises(NotFound):
        open_file(f"{folder}/none/file.txt", f"{folder}/none")


def test_a_folder_that_is_a_file_holds_none(folder: Path) -> None:
    with pytest.raises(NotFound):
        open_file(f"{folder}/file.txt", f"{folder}/file.txt")


@pytest.mark.parametrize("name", ["link-out", "dir-out/secret.txt"])
def test_a_link_that_is_put_there_after_the_path_was_resolved_is_not_followed(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "realpath", str)
    with pytest.raises(NotFound):
        open_file(f"{folder}/{name}", str(folder))


# -- reading and closing --------------------------------------------------------------------------------------------------


def test_reading_has_a_place_and_a_bound(path: Path) -> None:
    file = open_file(str(path))
    assert [file.read(2, 3), file.read(8, 100), file.read(10, 1)] == [b"234", b"89", b""]
    file.close()


@with_descriptors
def test_closing_twice_closes_once(path: Path) -> None:
    file, other = open_file(str(path)), open_file(str(path))
    file.close()
    assert file.descriptor == -1
    file.close()
    assert descriptors(path) == 1
    other.close()
    assert descriptors(path) == 0


def test_what_is_closed_is_not_read(path: Path) -> None:
    file = open_file(str(path))
    file.close()
    with pytest.raises(ValueError, match="this file has been closed"):
        file.read(0, 1)


@with_descriptors
def test_a_file_that_a_thread_reads_is_closed_when_it_has_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, go_on = threading.Event(), threading.Event()
    read: list[bytes] = []

    def slow(descriptor: int, count: int, offset: int) -> bytes:
        is_reading.set()
        assert go_on.wait(60)
        return os.pread(descriptor, count, offset)

    monkeypatch.setattr(openfile, "_read_at", slow)
    file = open_file(str(path))
    thread = threading.Thread(target=lambda: read.append(file.read(0, 4)))
    thread.start()
    assert is_reading.wait(60)
    file.close()
    assert descriptors(path) == 1
    go_on.set()
    thread.join(60)
    assert read == [b"0123"]
    assert until_closed(path, time.sleep)


@with_descriptors
def test_a_file_that_nobody_refers_to_any_more_is_closed(path: Path) -> None:
    file = open_file(str(path))
    assert descriptors(path) == 1
    del file
    assert descriptors(path) == 0


@with_descriptors
def test_a_descriptor_that_tells_nothing_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> os.stat_result:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fstat", fail)
    with pytest.raises(OSError, match="Input/output error"):
        open_file(str(path))
    monkeypatch.undo()
    assert until_closed(path, time.sleep)


# -- by a name below a folder ------------------------------------------------------------------------------------------------


@pytest.fixture
def linked(path: Path) -> Path:
    (path.parent / "in").symlink_to("file.txt")
    (path.parent / "sub").mkdir()
    (path.parent / "sub" / "inner.txt").write_bytes(b"inner")
    (path.parent / "dir-in").symlink_to("sub")
    (path.parent / "out").symlink_to("/etc/hostname")
    return path.parent


@pytest.mark.parametrize("has_dir_fd", [True, False])
@pytest.mark.parametrize(
    ("links", "found"),
    [
        ("refuse", {"file.txt", "sub/inner.txt"}),
        ("inside", {"file.txt", "sub/inner.txt", "in", "dir-in/inner.txt"}),
        ("follow", {"file.txt", "sub/inner.txt", "in", "dir-in/inner.txt", "out"}),
    ],
)
def test_links_below_a_folder_lead_where_they_may(
    linked: Path, links: Any, found: set[str], has_dir_fd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FILE-23, FILE-24; and where no folder can be gone on from, as on Windows."""
    if not has_dir_fd:
        monkeypatch.setattr(os, "supports_dir_fd", set())
    opened = set()
    for name in ("file.txt", "sub/inner.txt", "in", "dir-in/inner.txt", "out", "none", "sub"):
        try:
            open_below(str(linked), name, links).close()
            opened.add(name)
        except NotFound:
            continue
    assert opened == found


@with_descriptors
def test_a_way_that_breaks_off_leaves_nothing_open(linked: Path) -> None:
    with pytest.raises(NotFound):
        open_below(str(linked), "sub/none.txt", "refuse")
    assert descriptors(linked) == descriptors(linked / "sub") == 0
