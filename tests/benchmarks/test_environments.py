"""Environments: which Python they want, and what happens where it is not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.environments import Unavailable, pinned, provide, python_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environments, "HERE", tmp_path)
    (tmp_path / "requirements").mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / "requirements" / f"{name}.txt").write_text(text, "utf-8")


def test_versions_are_read_through_other_files(folder: Path) -> None:
    write(folder, "servers", "# shared\nuvloop==1\n")
    write(folder, "peer", "-r servers.txt\npeer==2\n")
    assert pinned("peer") == {"uvloop": "1", "peer": "2"}


def test_a_python_that_is_not_here_is_told(folder: Path) -> None:
    write(folder, "peer", "# Python 3.99\npeer==1\n")
    with pytest.raises(Unavailable, match=r"Python 3\.99"):
        provide("peer")


def test_an_environment_with_the_same_versions_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "peer", "peer==1\n")
    made = python_of("peer").parents[1]
    made.mkdir(parents=True)
    (made / "versions").write_text(f"{sys.version}\n[('peer', '1')]", "utf-8")
    (made / "kept").touch()
    monkeypatch.setattr("benchmarks.environments.subprocess.run", None)
    provide("peer")
    assert (made / "kept").is_file()
