"""Every setting is documented, with its default and its meaning as they are declared."""

from __future__ import annotations

import dataclasses

from tests.docs.settings_table import table, written
from wadjet.conf import Settings


def test_the_page_has_every_setting_as_it_is_declared() -> None:
    assert written() == table(), "type: python -m tests.docs.settings_table"


def test_every_setting_says_what_it_means() -> None:
    rows = table().splitlines()
    assert len(rows) == len(dataclasses.fields(Settings))
    assert [row for row in rows if len(row.split(" | ")[2]) < 20] == []
