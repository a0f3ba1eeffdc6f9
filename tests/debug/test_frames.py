"""An exception as data: its frames, whose code they are, and what it came from."""

from __future__ import annotations

import linecache
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wadjet
from tests.debug import crashes
from tests.debug.crashes import Broken, Unspeakable, raised
from wadjet.conf.masking import MASK
from wadjet.debug.frames import Failure, failures, is_own, secret_locals
from wadjet.debug.secrets import Masker


def failed(function: Callable[..., Any], *args: Any, masker: Masker | None = None) -> list[Failure]:
    try:
        function(*args)
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return failures(error, masker or Masker())
    raise AssertionError("it did not fail")


def test_the_frames_are_there_with_their_source() -> None:
    (failure,) = failed(crashes.outer, "hunter2")
    assert (failure.kind, failure.said, failure.relation) == ("tests.debug.crashes.Broken", "no bo 1", "")
    assert [frame.function for frame in failure.frames] == ["outer", "inner"]
    last = failure.frames[-1]
    assert last.file == crashes.__file__
    source = dict(last.source)
    assert source[last.line] == "    raise Broken(f\"no {login.name} {options['n']}\")"
    assert len(source) == 9


def test_the_local_variables_are_there_without_secrets() -> None:
    (failure,) = failed(crashes.outer, "hunter2")
    outer, inner = (dict(frame.local_values) for frame in failure.frames)
    assert outer == {"password": MASK, "user": "'bo'", "login": f"Login(name='bo', password='{MASK}')"}
    assert inner == {
        "login": f"Login(name='bo', password='{MASK}')",
        "options": f"{{'token': {MASK}, 'n': 1}}",
    }


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("/home/bo/shop/app.py", True),
        (__file__, True),
        ("shop/app.py", True),
        ("<string>", False),
        ("<frozen importlib._bootstrap>", False),
        ("/home/bo/shop/.venv/lib/python3.12/site-packages/x.py", False),
        ("/usr/lib/python3/dist-packages/x.py", False),
        (f"{sysconfig.get_paths()['stdlib']}/json/decoder.py", False),
        (wadjet.__file__, False),
        ("/home/bo/wadjet/app.py", True),
    ],
)
def test_whose_code_a_file_is(file: str, own: bool) -> None:
    assert is_own(file) is own


def test_what_variables_keep_secret_is_known() -> None:
    error = raised(Broken())
    assert list(secret_locals(error)) == []
    with pytest.raises(LookupError) as caught:
        crashes.caused()
    assert list(secret_locals(caught.value)) == ["hunter2", "t0p"]


def test_a_library_shows_its_variables_only_where_it_raised() -> None:
    (failure,) = failed(crashes.through_a_library)
    assert [frame.is_own for frame in failure.frames] == [True] + [False] * (len(failure.frames) - 1)
    assert [bool(frame.local_values) for frame in failure.frames[1:]] == [False] * (
        len(failure.frames) - 2
    ) + [True]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (crashes.caused, [("LookupError", "", 0), ("tests.debug.crashes.Broken", "the direct cause", 0)]),
        (
            crashes.handled,
            [
                ("LookupError", "", 0),
                ("tests.debug.crashes.Broken", "it was being handled when the other was raised", 0),
            ],
        ),
        (crashes.hidden, [("LookupError", "", 0)]),
        (
            crashes.circle,
            [("tests.debug.crashes.Broken", "", 0), ("tests.debug.crashes.Broken", "the direct cause", 0)],
        ),
        (
            crashes.grouped,
            [
                ("ExceptionGroup", "", 0),
                ("tests.debug.crashes.Broken", "1 of 2 in the group", 1),
                ("ExceptionGroup", "2 of 2 in the group", 1),
                ("KeyError", "1 of 1 in the group", 2),
            ],
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_an_exception_came_from_is_shown_once(function: Callable[[], None], expected: list[Any]) -> None:
    assert [(one.kind, one.relation, one.depth) for one in failed(function)] == expected


def test_of_many_exceptions_the_first_are_shown() -> None:
    group = ExceptionGroup("many", [raised(Broken(str(number))) for number in range(50)])
    found = failures(raised(group), Masker())
    assert [one.said for one in found] == ["many (50 sub-exceptions)", *map(str, range(11))]


def test_of_many_frames_those_at_both_ends_are_shown() -> None:
    (failure,) = failed(crashes.deep)
    assert (failure.kind, len(failure.frames)) == ("RecursionError", 60)
    assert failure.left_out > 800
    assert dict(failure.frames[0].local_values) == {"depth": "0"}


def test_of_many_variables_the_first_are_shown() -> None:
    (failure,) = failed(crashes.many_locals)
    assert failure.frames[-1].local_values[-1] == ("…", "20 more")
    assert failure.frames[-1].source == ()


def test_of_a_module_only_the_values_are_shown() -> None:
    code = compile(
        "import json\nfrom json import loads\nclass A: pass\nn = 1\n1 / 0\n", "/shop/app.py", "exec"
    )
    (failure,) = failed(exec, code, {"__name__": "shop"})
    assert failure.frames[-1].local_values == (("n", "1"),)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (Broken(), "tests.debug.crashes.Broken", ""),
        (Broken("a: b"), "tests.debug.crashes.Broken", "a: b"),
        (Broken("line\nline"), "tests.debug.crashes.Broken", "line\nline"),
        (KeyError("x"), "KeyError", "'x'"),
        (Unspeakable(), "tests.debug.crashes.Unspeakable", "<exception str() failed>"),
        (Broken("password=hunter2"), "tests.debug.crashes.Broken", f"password={MASK}"),
        (Broken("x" * 10**6), "tests.debug.crashes.Broken", "x" * 4000 + "… 4000 more characters"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_exception_says(error: Exception, kind: str, said: str) -> None:
    (failure,) = failures(raised(error), Masker())
    assert (failure.kind, failure.said) == (kind, said)


def test_notes_and_suggestions_are_said_too() -> None:
    noted = Broken("first")
    noted.add_note("and a note")
    assert failures(raised(noted), Masker())[0].said == "first\nand a note"
    bare = Broken()
    bare.add_note("only: a note")
    assert failures(raised(bare), Masker())[0].said.endswith("only: a note")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="traceback suggests nothing there")
def test_what_python_suggests_is_said_too() -> None:
    with pytest.raises(NameError) as caught:
        exec("first = 1\nfirts", {})
    assert failures(caught.value, Masker())[0].said.endswith("Did you mean: 'first'?")


def test_a_syntax_error_says_where_it_is() -> None:
    (failure,) = failed(compile, "x = (", "shop.py", "exec")
    assert failure.kind == "SyntaxError"
    assert failure.said.startswith('File "shop.py", line 1\n')
    assert failure.frames == ()


def test_source_that_cannot_be_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise UnicodeDecodeError("utf-8", b"", 0, 1, "a loader of somebody's own")

    monkeypatch.setattr(linecache, "getlines", fails)
    (failure,) = failed(crashes.outer, "hunter2")
    assert failure.frames[0].source == ()


def test_source_shows_no_secret_and_no_endless_line(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_text(f"password = 'hunter2'\nx = '{'y' * 5000}'\n1 / 0\n")
    (failure,) = failed(exec, compile(file.read_text(), str(file), "exec"), {})
    lines = dict(failure.frames[-1].source)
    assert lines[1] == f"password = '{MASK}'"
    assert len(lines[2]) < 350
    assert lines[3] == "1 / 0"


def test_a_source_that_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    for text in ("1 / 0  # once", "1 / 0  # again, longer"):
        file.write_text(text)
        (failure,) = failed(exec, compile(text, str(file), "exec"), {})
        assert dict(failure.frames[-1].source) == {1: text}
