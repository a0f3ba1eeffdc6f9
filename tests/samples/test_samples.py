"""Every sample of the source documents is here and tested, or says which room it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.floors import FLOORS
from tests.samples.catalogue import COUNTS, FOLDER, RECOVERED, SAMPLES, Sample

ROOMS = {room for floor in FLOORS for room in floor}


def objection(sample: Sample, tests: str, folder: Path = FOLDER) -> str:
    """Say what a sample lacks; nothing if it is in order."""
    present = (folder / sample.file).is_file()
    if not present and not sample.waits_for:
        return "has neither a file nor a reason to wait"
    if present and sample.waits_for:
        return "has a file, so it no longer waits: delete the reason"
    if present and Path(sample.file).stem not in tests:
        return "is loaded by no test"
    if not present and sample.waits_for.partition(":")[0] not in ROOMS:
        return f"must name the room that it waits for, as 'room: reason', not {sample.waits_for!r}"
    return ""


def test_the_table_has_every_sample_of_every_document() -> None:
    assert sum(COUNTS.values()) == 51
    assert Counter(sample.source for sample in SAMPLES) == COUNTS
    assert len(RECOVERED) == 5


def test_no_two_samples_share_a_place() -> None:
    places = Counter((sample.source, sample.number) for sample in SAMPLES + RECOVERED)
    assert [place for place, count in places.items() if count > 1] == []


@pytest.mark.parametrize("sample", SAMPLES + RECOVERED, ids=lambda sample: sample.file)
def test_a_sample_runs_or_says_what_it_waits_for(sample: Sample) -> None:
    tests = "".join(path.read_text("utf-8") for path in FOLDER.glob("test_*.py"))
    lacks = objection(sample, tests)
    assert not lacks, f"{sample.file} {lacks}"


def strays(samples: Iterable[Sample], folder: Path = FOLDER) -> set[str]:
    """Return numbered files that are in no table."""
    listed = {sample.file for sample in samples}
    found = {path.relative_to(folder).as_posix() for path in folder.glob("*/[0-9][0-9]_*")}
    return found - listed


def test_no_file_is_missing_from_the_table() -> None:
    assert strays(SAMPLES + RECOVERED) == set()


@pytest.mark.parametrize(
    ("written", "waits_for", "tests", "lacks"),
    [
        (False, "", "", "has neither a file nor a reason to wait"),
        (False, "http: forms", "", ""),
        (
            False,
            "attic: boxes",
            "",
            "must name the room that it waits for, as 'room: reason', not 'attic: boxes'",
        ),
        (True, "", "load('a/01_b.py')", ""),
        (True, "", "load('a/02_c.py')", "is loaded by no test"),
        (True, "http: forms", "load('a/01_b.py')", "has a file, so it no longer waits: delete the reason"),
    ],
)
def test_what_a_sample_lacks_is_said(
    written: bool, waits_for: str, tests: str, lacks: str, tmp_path: Path
) -> None:
    sample = Sample("a", 1, "b", "letters", waits_for)
    if written:
        (tmp_path / "a").mkdir()
        (tmp_path / sample.file).touch()
    assert objection(sample, tests, tmp_path) == lacks


def test_a_stray_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("01_b.py", "02_c.js", "templates.html"):
        (tmp_path / "a" / name).touch()
    assert strays([Sample("a", 1, "b", "letters")], tmp_path) == {"a/02_c.js"}
