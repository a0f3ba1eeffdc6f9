"""Sizes keep the design honest: functions of forty lines, files of four hundred."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.architecture.budget_exceptions import EXEMPTIONS, Exemption
from tests.architecture.budgets import LIMITS, Size, file_sizes, function_sizes, overruns
from tests.architecture.source import PACKAGE, Module, read


def test_functions_and_files_keep_to_their_budgets() -> None:
    package = read(PACKAGE)
    sizes = [*file_sizes(package), *function_sizes([*package, *read("examples", "benchmarks")])]
    found = list(overruns(sizes, EXEMPTIONS))
    assert not found, "\n".join(found)


def test_every_exemption_gives_a_reason() -> None:
    assert [exemption.name for exemption in EXEMPTIONS if not exemption.reason.strip()] == []


def sizes_of(text: str) -> dict[tuple[str, str], int]:
    return {(name, budget): amount for name, budget, amount in function_sizes([Module("m", dedent(text))])}


def test_docstring_comments_and_blanks_are_not_code() -> None:
    sizes = sizes_of('''
        @decorated
        def long(
            signature,
        ):
            """Promise.

            More of it.
            """
            # a reason

            text = """one
            two"""
            return text  # said
    ''')
    assert sizes["m:long", "code lines"] == 3


def test_nested_functions_count_inside_their_parent_too() -> None:
    sizes = sizes_of("""
        class Outer:
            async def method(self):
                if self:
                    def inner():
                        return [x for x in self if x]
                return inner
    """)
    assert sizes["m:Outer.method", "code lines"] == 4
    assert sizes["m:Outer.method.inner", "code lines"] == 1
    assert sizes["m:Outer.method", "branches"] == 3
    assert sizes["m:Outer.method.inner", "branches"] == 2


@pytest.mark.parametrize(
    ("statement", "branches"),
    [
        ("pass", 1),
        ("if a: pass\nelif b: pass\nelse: pass", 3),
        ("x = a if b else c", 2),
        ("x = a and b or c", 3),
        ("for a in b: pass", 2),
        ("while a: pass", 2),
        ("try: pass\nexcept A: pass\nexcept B: pass", 3),
        ("x = {a for a in b for c in d}", 3),
        ("match a:\n case 1: pass\n case _: pass", 3),
    ],
)
def test_what_decides_is_a_branch(statement: str, branches: int) -> None:
    body = statement.replace("\n", "\n    ")
    assert sizes_of(f"def f():\n    {body}\n")["m:f", "branches"] == branches


def test_a_file_is_measured_in_lines() -> None:
    assert list(file_sizes([Module("m", "a = 1\n\n# said\n")])) == [Size("m", "lines", 3)]


LIMIT = LIMITS["branches"]


@pytest.mark.parametrize(
    ("amount", "signed", "verdict"),
    [
        (LIMIT, None, []),
        (LIMIT + 1, None, [f"m:f has {LIMIT + 1} branches, {LIMIT} are allowed; divide it"]),
        (LIMIT + 2, LIMIT + 2, []),
        (LIMIT + 3, LIMIT + 2, [f"m:f has {LIMIT + 3} branches, {LIMIT + 2} are signed for; divide it"]),
        (LIMIT + 1, LIMIT + 2, [f"m:f has shrunk to {LIMIT + 1} branches; sign for no more than that"]),
        (
            LIMIT,
            LIMIT + 2,
            ["m:f no longer needs its exemption from the budget of branches; delete the entry"],
        ),
    ],
)
def test_an_exemption_holds_for_exactly_its_size(amount: int, signed: int | None, verdict: list[str]) -> None:
    exemptions = [Exemption("m:f", "branches", signed, "a table")] if signed else []
    assert list(overruns([Size("m:f", "branches", amount)], exemptions)) == verdict


def test_an_exemption_for_what_is_gone_is_refused() -> None:
    assert list(overruns([], [Exemption("m:gone", "lines", 500, "a table")])) == [
        "m:gone no longer needs its exemption from the budget of lines; delete the entry"
    ]


def test_of_several_functions_under_one_name_the_largest_counts() -> None:
    sizes = [Size("m:f", "branches", 1), Size("m:f", "branches", 99), Size("m:f", "branches", 2)]
    assert list(overruns(sizes, [])) == [f"m:f has 99 branches, {LIMIT} are allowed; divide it"]
