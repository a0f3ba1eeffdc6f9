"""Imports point down, and never in a circle, type-only imports included."""

from __future__ import annotations

import pytest

from tests.architecture.floors import FLOORS, STAIRS, circle, trespasses
from tests.architecture.source import PACKAGE, imports, read


def test_every_room_imports_only_from_the_floors_below() -> None:
    found = list(trespasses(imports(read(PACKAGE))))
    assert not found, "\n".join(found)


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circle(imports(read(PACKAGE)))
    assert not found, " imports ".join(found)


def test_a_room_stands_on_one_floor_only() -> None:
    rooms = [room for floor in FLOORS for room in floor]
    assert sorted(rooms) == sorted(set(rooms))


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("w.http.request", "w.errors"),
        ("w.http.request", "w.http.headers"),
        ("w.app", "w.assembly"),
        ("w.app", "w.dispatch"),
        ("w.assembly", "w.dispatch"),
        ("w", "w.app"),
        ("w.__main__", "w.cli.main"),
        ("w.testing.client", "w.app"),
    ],
)
def test_downwards_is_allowed(importer: str, imported: str) -> None:
    assert list(trespasses({importer: [imported]})) == []


@pytest.mark.parametrize(
    ("importer", "imported", "rule"),
    [
        (
            "w.http.request",
            "w.routing.route",
            "'routing' (floor 3) lies above 'http' (floor 2); imports point down",
        ),
        ("w.testing.client", "w", "'__init__' (floor 9) lies above 'testing' (floor 8); imports point down"),
        (
            "w.media.json",
            "w.conf",
            "'media' and 'conf' are siblings on floor 1, and siblings do not see each other",
        ),
        (
            "w.dispatch",
            "w.assembly",
            f"on floor 6 the order is {' <- '.join(STAIRS)}; imports point down",
        ),
    ],
)
def test_anything_else_is_refused_by_name(importer: str, imported: str, rule: str) -> None:
    assert list(trespasses({importer: [imported]})) == [f"{importer} imports {imported}: {rule}"]


def test_a_new_room_needs_a_floor() -> None:
    assert list(trespasses({"w.attic.box": ["w.errors"]})) == [
        "w.attic.box: the room 'attic' stands on no floor; give it a place in FLOORS"
    ]


def test_a_circle_is_told_in_the_order_of_its_imports() -> None:
    found = circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert sorted(found[1:]) == ["a", "b", "c"]
    assert {("a", "b"), ("b", "c"), ("c", "a")} == set(zip(found, found[1:], strict=False))


def test_without_a_circle_there_is_nothing_to_tell() -> None:
    assert circle({"a": ["b", "c"], "b": ["c"]}) == []
