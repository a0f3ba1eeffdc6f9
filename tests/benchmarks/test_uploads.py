"""What the measurement of uploads sends is answered, by ours and by the library alone."""

from __future__ import annotations

from benchmarks import forms, uploads
from wadjet.testing import TestClient


def test_the_form_that_is_measured_is_answered() -> None:
    before, after = forms.around(1 << 20)
    headers = {"content-type": forms.CONTENT_TYPE}
    answer = TestClient(uploads.app).post("/upload", content=before + bytes(1 << 20) + after, headers=headers)
    assert answer.json() == {"fields": 3, "size": 1 << 20}


def test_the_form_that_is_measured_in_process_is_the_same() -> None:
    before, after = forms.around(100_000)
    chunks = uploads.form_of(100_000)
    content = b"".join(chunks)
    assert content.startswith(before)
    assert content.endswith(after)
    assert len(content) == len(before) + 100_000 + len(after)
    assert len(chunks) == 2


def test_ours_is_compared_with_the_library() -> None:
    ((line, _),) = uploads.cpu(100_000)
    assert "x the library" in line
