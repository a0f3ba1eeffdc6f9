import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.driving import drive, http_scope, run
from wadjet import JSONLinesResponse, Wadjet
from wadjet.testing import TestClient

#: Characters that UTF-8 has.
_WHOLE = st.characters(exclude_categories=["Cs"])


def serving(content: Any, **options: Any) -> Wadjet:
    app = Wadjet()

    @app.get("/")
    async def handler() -> JSONLinesResponse:
        return JSONLinesResponse(content() if callable(content) else content, **options)

    return app


async def documents() -> AsyncIterator[Any]:
    yield {"day": date(2026, 1, 2)}
    yield None
    yield "two\nlines"
    yield b'{"is":"written"}\n'


def test_each_document_is_a_line() -> None:
    sent = run(serving(documents))
    assert sent.body == b'{"day":"2026-01-02"}\nnull\n"two\\nlines"\n{"is":"written"}\n'
    assert sent.field(b"content-type") == b"application/jsonl"


def test_each_line_leaves_when_it_is_made() -> None:
    messages = asyncio.run(drive(serving(documents), http_scope()))
    assert [message["body"] for message in messages[1:3]] == [b'{"day":"2026-01-02"}\n', b"null\n"]


def test_the_type_may_be_called_otherwise() -> None:
    sent = run(serving([1], media_type="application/x-ndjson"))
    assert (sent.field(b"content-type"), sent.body) == (b"application/x-ndjson", b"1\n")


def test_no_documents_are_no_lines() -> None:
    assert run(serving([])).body == b""


def test_a_first_document_without_a_form_is_an_error_response() -> None:
    client = TestClient(serving([object()]), raise_server_exceptions=False)
    assert client.get("/").status_code == 500


@given(st.lists(st.none() | st.integers(0, 9) | st.dictionaries(st.just("\n"), st.text(_WHOLE))))
def test_what_is_read_line_by_line_is_what_was_written(values: list[Any]) -> None:
    response = JSONLinesResponse(values)
    text = b"".join(response.encoded(value) for value in values)
    assert [json.loads(line) for line in text.split(b"\n")[:-1]] == values
