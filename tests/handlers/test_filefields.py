"""What ``File()`` says of files, in signatures and in models."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from tests.handlers.serving import assembling, call, serving
from tests.http.multiparts import form, part
from tests.http.scopes import scope
from wadjet import BaseMiddleware, Body, File, Form, Header, Query, Request, UploadFile, Wadjet
from wadjet.http.spool import Spool
from wadjet.testing import TestClient
from wadjet.types import Message

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
Picture = Annotated[UploadFile, File(max_size=50, content_types=["image/png"])]


class Model(BaseModel):
    f: Picture


@dataclasses.dataclass
class Plain:
    f: Annotated[UploadFile, File(max_size=50, content_types=["image/png"])]


class Typed(TypedDict):
    f: Annotated[UploadFile, File(max_size=50, content_types=["image/png"])]


class Optional(BaseModel):
    f: Picture | None = None


class Many(BaseModel):
    f: Annotated[list[UploadFile], File(max_size=50, content_types=["image/png"])]


def taking(annotation: Any, default: Any = ..., *, blocking: bool = False) -> Any:
    async def handler(f: Any) -> str:
        return "taken"

    def plain(f: Any) -> str:
        return "taken"

    function = plain if blocking else handler
    function.__annotations__["f"] = annotation
    if default is not ...:
        function.__defaults__ = (default,)
    return function


WAYS = {
    "annotated": taking(Picture),
    "default": taking(UploadFile, File(max_size=50, content_types={"image/png"})),
    "a plain def": taking(Picture, blocking=True),
    "optional": taking(Annotated[UploadFile | None, File(max_size=50, content_types="image/png")], None),
    "many": taking(Annotated[list[UploadFile], File(max_size=50, content_types=["image/*"])]),
    "each of many": taking(list[Picture]),
    "alias": taking(Annotated[UploadFile, File(alias="f", max_size=50, content_types=["image/png"])]),
    "a model": taking(Model),
    "a dataclass": taking(Plain),
    "a TypedDict": taking(Typed),
    "a model that may lack it": taking(Optional),
    "a model with many": taking(Many),
}


def sent(content: bytes, kind: str = "image/png") -> dict[str, Any]:
    return {"method": "POST", "files": {"f": ("a.png", content, kind)}}


@pytest.mark.parametrize("way", WAYS)
def test_a_rule_holds_however_it_is_written(way: str) -> None:
    client = serving(WAYS[way], "/", "POST")
    for content, kind, status in [
        (PNG, "image/png", 200),
        (PNG + bytes(50), "image/png", 413),
        (PNG, "text/html", 415),
        (b"<script>", "image/png", 415),
    ]:
        answer = client.post("/", files={"f": ("a.png", content, kind)})
        assert answer.status_code == status, (way, kind, answer.text)


def test_one_of_many_files_that_is_too_large_refuses_the_form() -> None:
    files = [("f", ("a.png", PNG, "image/png")), ("f", ("b.png", PNG + bytes(50), "image/png"))]
    assert call(WAYS["many"], method="POST", files=files).status_code == 413


def test_how_many_files_there_may_be_is_said_as_of_any_list() -> None:
    handler = taking(Annotated[list[UploadFile], File(max_size=50, max_length=2)])
    files = [("f", ("a", b"1"))]
    assert call(handler, method="POST", files=files * 2).status_code == 200
    answer = call(handler, method="POST", files=files * 3)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/f")


def test_the_answer_names_the_field_and_the_limit() -> None:
    answer = call(WAYS["annotated"], **sent(PNG + bytes(50)))
    assert answer.json()["detail"] == "The form cannot be taken: the file 'f' is more than 50 bytes."
    answer = call(WAYS["annotated"], **sent(PNG, "text/html"))
    assert answer.json()["detail"] == (
        "The form cannot be taken: the file 'f' is 'text/html'; it may be image/png."
    )


def test_other_files_of_the_form_and_other_routes_are_not_held_to_it() -> None:
    app = Wadjet()
    app.add("/picture", WAYS["annotated"], methods=["POST"])
    app.add("/any", taking(UploadFile), methods=["POST"])
    client = TestClient(app)
    files = {"f": ("a.png", PNG, "image/png"), "g": ("b", bytes(500), "text/html")}
    assert client.post("/picture", files=files).status_code == 200
    assert client.post("/any", files={"f": ("b", bytes(500), "text/html")}).status_code == 200


def test_who_reads_the_form_first_is_told_the_same() -> None:
    async def handler(request: Request, f: Picture) -> str:
        return "taken"

    seen = []

    class Reads(BaseMiddleware):
        async def before(self, request: Request) -> None:
            seen.append(len(await request.form()))

    app = Wadjet(middleware=[Reads])
    app.add("/", handler, methods=["POST"])
    client = TestClient(app)
    assert client.post("/", files={"f": ("a", PNG, "image/png")}).status_code == 200
    assert client.post("/", files={"f": ("a", PNG, "image/gif")}).status_code == 415
    assert seen == [1]


def run(handler: Any, *chunks: bytes) -> tuple[int, int]:
    """Send chunks of a form that goes on for ever; return the status, and how many of them were taken."""
    app = Wadjet()
    app.add("/", handler, methods=["POST"], max_body_size=1 << 40)
    waiting, answers, taken = list(chunks), [], [0]

    async def receive() -> Message:
        taken[0] += 1
        body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(message: Message) -> None:
        answers.append(message)

    fields = {"content-type": "multipart/form-data; boundary=BOUND", "content-length": str(1 << 39)}
    asyncio.run(app(scope(method="POST", headers=fields), receive, send))
    return answers[0]["status"], taken[0]


@pytest.mark.parametrize("way", ["annotated", "a plain def", "many", "a model"])
@pytest.mark.parametrize(
    ("kind", "content", "status", "most"),
    [("image/png", PNG, 413, 3), ("image/gif", PNG, 415, 1), ("image/png", b"MZ" + bytes(30), 415, 1)],
)
def test_a_file_is_refused_while_it_comes(
    way: str, kind: str, content: bytes, status: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Spool, "_store", None)  # nothing of it is written
    head = part("f", content, "a.png", f"Content-Type: {kind}")[:-2]
    found, taken = run(WAYS[way], head, bytes(65536))
    assert found == status
    assert taken <= most


# -- mistakes ---------------------------------------------------------------------------------------------------------------


class DefaultMark(BaseModel):
    f: UploadFile = File(max_size=5)  # type: ignore[assignment]  # the mistake


@dataclasses.dataclass
class PlainDefaultMark:
    f: UploadFile = File(max_size=5)  # type: ignore[assignment]  # noqa: RUF009 - the mistake


class Filters(BaseModel):
    page: Annotated[int, Query(ge=1)]


class NoFile(BaseModel):
    f: Annotated[int, File(max_size=5)]


MISTAKES = [
    ("a size that is none", Annotated[UploadFile, File(max_size=0)], "max_size=0 is no number of bytes"),
    ("a type that is none", Annotated[UploadFile, File(content_types=["png"])], "'png' is no media type"),
    ("no types", Annotated[UploadFile, File(content_types=[])], "takes nothing"),
    ("text by a range", Annotated[UploadFile, File(content_types="text/*")], "name the types"),
    ("no file", Annotated[int, File()], "annotate UploadFile or list[UploadFile]"),
    ("bytes", Annotated[bytes, File()], "annotate UploadFile or list[UploadFile]"),
    ("two rules", Annotated[list[Picture], File(max_size=5)], "keep one File()"),
    ("misspelt", Annotated[UploadFile, File(max_sise=5)], "did you mean 'max_size'?"),
    ("length of one", Annotated[UploadFile, File(min_length=5)], "has no such constraint"),
    ("in the query", Annotated[UploadFile, Query()], "a file, which comes in a form, and is marked Query()"),
    ("as the body", Annotated[UploadFile, Body()], "a file, which comes in a form, and is marked Body()"),
    ("in a header", Annotated[list[UploadFile], Header()], "is marked Header(); write File()"),
    ("a default in a model", DefaultMark, "write `f: Annotated[UploadFile, File(…)]`"),
    ("a default in a dataclass", PlainDefaultMark, "write `f: Annotated[UploadFile, File(…)]`"),
    ("another marker in a model", Filters, "is marked Query(), which a model does not read"),
    ("no file in a model", NoFile, "field 'f' is marked File(), but its type is none of a file"),
]


@pytest.mark.parametrize(
    ("annotation", "remedy"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_rule_that_cannot_be_fails_at_assembly(annotation: Any, remedy: str) -> None:
    message = assembling(taking(annotation), "/", "POST")
    assert "test_filefields.py" in message
    assert "'f'" in message
    assert remedy in message


def test_a_file_among_many_values_of_the_query_is_a_mistake() -> None:
    assert "which a model does not read" in assembling(taking(Annotated[Model, Query()]), "/", "POST")


def test_two_parameters_that_rule_one_file_are_a_mistake() -> None:
    async def handler(f: Picture, g: Annotated[UploadFile, File(alias="f", max_size=5)]) -> str:
        return "never"

    assert "two say what the file 'f' may be" in assembling(handler, "/", "POST")


# -- in the OpenAPI document ------------------------------------------------------------------------------------------------


def described(handler: Any) -> Any:
    app = Wadjet()
    app.add("/", handler, methods=["POST"])
    document = app.openapi()
    operation = document["paths"]["/"]["post"]
    content = operation["requestBody"]["content"]["multipart/form-data"]
    schema = content["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema["properties"]["f"], content.get("encoding"), operation["responses"]


@pytest.mark.parametrize("way", WAYS)
def test_the_document_says_what_a_file_may_be(way: str) -> None:
    schema, encoding, responses = described(WAYS[way])
    assert "'maxLength': 50" in str(schema)
    assert "image/png" in encoding["f"]["contentType"]
    assert {"413", "415", "422"} <= responses.keys()


def test_the_document_says_nothing_of_rules_that_there_are_none() -> None:
    schema, encoding, responses = described(taking(UploadFile))
    assert schema == {"type": "string", "format": "binary"}
    assert encoding is None
    assert not {"413", "415"} & responses.keys()
    schema, encoding, _ = described(taking(Annotated[UploadFile, File(content_types="a/b", description="d")]))
    assert schema == {"type": "string", "format": "binary", "description": "d"}
    assert encoding == {"f": {"contentType": "a/b"}}


def test_a_text_field_of_that_name_is_no_file() -> None:
    content = form(part("f", b"text"))
    headers = {"content-type": "multipart/form-data; boundary=BOUND"}
    answer = call(WAYS["annotated"], method="POST", content=content, headers=headers)
    assert answer.status_code == 422


def test_a_marker_of_a_form_field_stays_what_it_was() -> None:
    async def handler(a: Annotated[int, Form(ge=3)], f: Picture) -> int:
        return a

    files = {"f": ("a.png", PNG, "image/png")}
    assert call(handler, method="POST", files=files, data={"a": "3"}).text == "3"
    assert call(handler, method="POST", files=files, data={"a": "2"}).status_code == 422
