"""A sample becomes a module, with a prelude before it and a record of what it bound."""

from __future__ import annotations

import sys
import typing
from pathlib import Path
from textwrap import dedent

from tests.samples.loader import LoadedSample, load


def loaded(tmp_path: Path, text: str, **prelude: object) -> LoadedSample:
    path = tmp_path / "viewpy" / "01_sample.py"
    path.parent.mkdir()
    path.write_text(dedent(text))
    return load(path, prelude)


def test_a_sample_is_imported_with_its_prelude(tmp_path: Path) -> None:
    sample = loaded(tmp_path, "seen = [__name__, router, __file__]", router="given")
    assert sample.seen == ["samples.viewpy.01_sample", "given", str(tmp_path / "viewpy" / "01_sample.py")]
    assert sys.modules.pop("samples.viewpy.01_sample") is sample


def test_its_functions_share_its_global_names(tmp_path: Path) -> None:
    sample = loaded(
        tmp_path,
        """
        count = 1

        def index():
            global count
            count += step
            return [count + each for each in steps()]

        def steps():
            return [step]
        """,
        step=2,
    )
    assert sample.index() == [5]
    assert sample.count == 3


def test_what_is_bound_twice_is_kept_twice(tmp_path: Path) -> None:
    sample = loaded(tmp_path, "def handler(): return 1\nfirst = handler\ndef handler(): return 2\n")
    assert [handler() for handler in sample.every("handler")] == [1, 2]
    assert sample.handler() == 2
    assert sample.every("absent") == []


def test_its_annotations_resolve(tmp_path: Path) -> None:
    sample = loaded(
        tmp_path, "from __future__ import annotations\nclass A:\n    b: B | None = None\nclass B: pass\n"
    )
    assert typing.get_type_hints(sample.A) == {"b": sample.B | None}
