from __future__ import annotations

from typing import Any

import pytest

from wadjet.http.filerules import FileRules


@pytest.mark.parametrize("size", [0, -1, True, 1.5, "5MB"])
def test_a_size_is_a_number_of_bytes(size: Any) -> None:
    with pytest.raises(ValueError, match="is no number of bytes; write as 5_000_000"):
        FileRules.of(size, None)


@pytest.mark.parametrize("kind", ["png", "", "*/*", "image/png; q=1", "a/b/c", "image/p*", 7, None])
def test_a_type_is_a_media_type(kind: Any) -> None:
    with pytest.raises(ValueError, match="is no media type; write as 'image/png' or 'image/\\*'"):
        FileRules.of(None, [kind])


def test_a_range_of_types_that_nothing_tells_is_refused() -> None:
    with pytest.raises(ValueError, match="no type of 'text/\\*' has a magic number"):
        FileRules.of(None, ["text/*"])


def test_no_types_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="takes nothing"):
        FileRules.of(None, [])


def test_types_are_in_small_letters_and_named_once() -> None:
    assert FileRules.of(5, ["Image/PNG", "text/csv", "image/png"]) == FileRules(5, ("image/png", "text/csv"))
    assert FileRules.of(None, "text/csv").content_types == ("text/csv",)
    assert "image/svg+xml" not in FileRules.of(None, "image/*").content_types
    assert FileRules.of(1, None) == FileRules(1)
