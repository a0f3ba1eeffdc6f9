"""Parameters and models that a form fills, files included."""

import gzip
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from tests.handlers.serving import assembling, call
from wadjet import Body, File, Form, Request, Settings, UploadFile, Wadjet
from wadjet.errors import ConfigError, SealedError
from wadjet.http import spool
from wadjet.testing import TestClient

FILE = {"avatar": ("../me.png", b"png")}


class Profile(BaseModel):
    name: str
    age: int = 0
    tags: list[str] = []
    avatar: UploadFile
    more: list[UploadFile] = []


async def one(avatar: UploadFile) -> Any:
    return [avatar.filename, (await avatar.read()).decode()]


def blocking(avatar: UploadFile) -> Any:
    return [avatar.filename, avatar.file.read().decode()]


async def marked(avatar: Annotated[UploadFile, File()]) -> Any:
    return await one(avatar)


async def as_default(avatar: Any = File()) -> Any:  # noqa: B008
    return await one(avatar)


async def optional(avatar: UploadFile | None = None) -> Any:
    return None if avatar is None else await one(avatar)


async def several(avatar: list[UploadFile]) -> Any:
    return [part for each in avatar for part in await one(each)]


async def model(profile: Profile) -> Any:
    return await one(profile.avatar)


def blocking_model(profile: Profile) -> Any:
    return blocking(profile.avatar)


async def beside(request: Request, avatar: UploadFile) -> Any:
    assert (await request.form())["avatar"] is avatar
    return await one(avatar)


@pytest.mark.parametrize(
    "handler", [one, blocking, marked, as_default, optional, several, model, blocking_model, beside]
)
def test_a_file_is_bound(handler: Any) -> None:
    answer = call(handler, method="POST", files=FILE, data={"name": "Anna"})
    assert (answer.status_code, answer.json()) == (200, ["me.png", "png"])


def test_several_files_come_in_order() -> None:
    files = [("avatar", ("a", b"1")), ("avatar", ("b", b"2"))]
    assert call(several, method="POST", files=files).json() == ["a", "1", "b", "2"]
    assert call(one, method="POST", files=files).json() == ["b", "2"]


@pytest.mark.parametrize("handler", [one, blocking, several, model, blocking_model])
@pytest.mark.parametrize(
    "sent", [{"files": {"other": ("a", b"")}}, {"data": {"avatar": "text"}}, {"files": {"avatar": ("", b"")}}]
)
def test_a_file_that_is_missing_or_no_file_is_a_422(handler: Any, sent: Any) -> None:
    answer = call(handler, method="POST", **{**sent, "data": {"name": "Anna", **sent.get("data", {})}})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] in (["/avatar"], ["/avatar/0"])


def test_no_content_at_all_is_a_missing_file_or_none() -> None:
    assert call(one, method="POST").status_code == 422
    assert call(optional, method="POST").status_code == 204


@pytest.mark.parametrize("handler", [one, blocking, optional])
def test_content_that_is_no_form_is_a_415(handler: Any) -> None:
    assert call(handler, method="POST", json={}).status_code == 415


async def fields(
    number: Annotated[int, Form()],
    text: Annotated[str, Form(min_length=2)] = "none",
    choice: Annotated[Literal[1, 2], Form()] = 1,
    tags: Annotated[list[int], Form(alias="tag")] = [],  # noqa: B006
) -> Any:
    return [number, text, choice, tags]


@pytest.mark.parametrize("multipart", [False, True])
def test_fields_are_bound_by_name_and_annotation(multipart: bool) -> None:
    data = {"number": "5", "text": "é+", "choice": "2", "tag": ["1", "2"]}
    files: Any = {"files": {"x": ("x", b"")}} if multipart else {}
    assert call(fields, method="POST", data=data, **files).json() == [5, "é+", 2, [1, 2]]
    wrong = call(fields, method="POST", data={"number": "x", "text": "a", "choice": "3"}, **files)
    assert sorted(error["pointer"] for error in wrong.json()["errors"]) == ["/choice", "/number", "/text"]
    assert {error["in"] for error in wrong.json()["errors"]} == {"form"}


@pytest.mark.parametrize("name", ["number", "text", "choice", "tag"])
def test_a_file_is_no_field(name: str) -> None:
    answer = call(fields, method="POST", data={"number": "1"}, files={name: ("x", b"1")})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")


async def model_and_file(details: dict[str, Any], avatar: UploadFile) -> Any:
    return [details, avatar.filename]


def test_a_model_takes_what_other_parameters_leave() -> None:
    answer = call(model_and_file, method="POST", files=FILE, data={"a": "1"})
    assert answer.json() == [{"a": "1"}, "me.png"]
    assert call(model_and_file, method="POST", json={}).status_code == 415


def test_bytes_take_a_form_as_it_is() -> None:
    async def raw(content: bytes) -> str:
        return content[:2].decode()

    assert call(raw, method="POST", files=FILE).text == "--"


def test_a_file_in_a_get_is_a_mistake() -> None:
    assert "GET requests bring none" in assembling(one)


def test_a_document_from_a_field_is_a_mistake() -> None:
    async def handler(item: Annotated[Profile, Form()]) -> None: ...

    assert "mark it with Body()" in assembling(handler, "/", "POST")


# -- large ones -------------------------------------------------------------------------------------------------------------


def large(handler: Any, **options: Any) -> Any:
    content = os.urandom(3 << 20)
    options.setdefault("max_body_size", 4 << 20)
    return call(handler, method="POST", files={"avatar": ("a", content)}, options=options)


async def size_of(avatar: UploadFile) -> Any:
    return avatar.size


def blocking_size(avatar: UploadFile) -> Any:
    return len(avatar.value)


def by_hand(request: Request) -> Any:
    return len(request.POST["avatar"].value)


@pytest.mark.parametrize("handler", [size_of, blocking_size, by_hand])
@pytest.mark.parametrize("inline", [False, True])
def test_a_large_file_is_bound_too(handler: Any, inline: bool) -> None:
    """BODY-19."""
    assert large(handler, inline=inline).json() == 3 << 20


@pytest.mark.parametrize("handler", [size_of, blocking_size, by_hand])
def test_a_file_beyond_the_limit_of_the_route_is_a_413(handler: Any) -> None:
    assert large(handler, max_body_size=1 << 20).status_code == 413


def test_the_limits_of_forms_are_settings() -> None:
    app = Wadjet(Settings(MAX_FORM_FIELDS=2, MAX_FORM_FILES=1, MAX_FIELD_SIZE=5, MAX_FIELDS_SIZE=8))

    @app.post("/")
    async def count(request: Request) -> Any:
        return len(await request.form())

    client = TestClient(app)
    assert client.post("/", data={"a": "12345", "b": "123"}, files={"f": ("f", b"x" * 100)}).json() == 3
    for data, names in [
        ({"a": "1", "b": "2", "c": "3"}, "f"),
        ({"a": "123456"}, "f"),
        ({"a": "12345", "b": "1234"}, "f"),
        ({}, "fg"),
    ]:
        refused = client.post("/", data=data, files={name: (name, b"") for name in names})
        assert refused.status_code == 413
    assert client.post("/", data={"a": "123456"}).status_code == 413


def test_a_full_disk_is_a_507_that_the_log_explains_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """MP-93."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "_write_at", full)
    for handler in (size_of, blocking_size, by_hand):
        caplog.clear()
        answer = large(handler)
        assert answer.status_code == 507
        (record,) = caplog.records
        assert answer.json()["id"] in record.message
        assert "No space left on device" in caplog.text
        assert "No space left on device" not in answer.text


def test_a_folder_that_cannot_be_written_is_a_500_that_the_log_explains_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    answer = large(size_of)
    assert answer.status_code == 500
    (record,) = caplog.records
    assert "FileNotFoundError" in caplog.text
    assert str(tmp_path) not in answer.text


# -- compressed content, other media types ----------------------------------------------------------------------------------


async def echo(value: Annotated[Any, Body()]) -> Any:
    return {"echo": value}


COMPRESSED = {"content-type": "application/json", "content-encoding": "gzip"}


def test_compressed_content_is_for_routes_that_take_it() -> None:
    """BODY-12."""
    content = gzip.compress(b"[1]")
    refused = call(echo, method="POST", content=content, headers=COMPRESSED)
    assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "identity")
    options = {"content_encodings": ["gzip", "deflate"]}
    taken = call(echo, method="POST", content=content, headers=COMPRESSED, options=options)
    assert taken.json() == {"echo": [1]}
    for handler in (by_hand_json, by_hand_json_blocking):
        assert call(handler, method="POST", content=content, headers=COMPRESSED, options=options).json() == [
            1
        ]
        assert call(handler, method="POST", content=content, headers=COMPRESSED).status_code == 415


async def by_hand_json(request: Request) -> Any:
    return await request.json()


def by_hand_json_blocking(request: Request) -> Any:
    return request.json_body


def test_a_bomb_is_a_413() -> None:
    """BODY-23."""
    content = gzip.compress(b" " * (9 << 20))
    options = {"content_encodings": ("gzip",)}
    assert call(echo, method="POST", content=content, headers=COMPRESSED, options=options).status_code == 413


@pytest.mark.parametrize("value", ["gzip", ("br",), 1, ["gzip", 2]])
def test_a_coding_that_nothing_decodes_is_a_mistake(value: Any) -> None:
    assert "a list of codings, of gzip, deflate" in assembling(echo, "/", "POST", content_encodings=value)


def test_an_application_can_add_a_media_type() -> None:
    app = Wadjet()
    app.add_body_parser("Application/X-Lines", lambda data: [int(line) for line in data.split()])

    @app.post("/")
    async def total(numbers: Annotated[list[int], Body()]) -> int:
        return sum(numbers)

    client = TestClient(app)
    for kind, content, status in [
        ("application/x-lines", b"1\n2\n", 200),
        ("application/x-lines; v=1", b"1\n2\n", 200),
        ("application/x-lines", b"a", 400),
        ("application/x-line", b"1", 415),
        ("application/json", b"[3]", 200),
    ]:
        assert client.post("/", content=content, headers={"content-type": kind}).status_code == status
    assert "application/x-lines" in client.post("/", content=b"1", headers={"content-type": "a/b"}).text
    with pytest.raises(SealedError):
        app.add_body_parser("a/b", json.loads)


@pytest.mark.parametrize(
    "kind",
    ["lines", "a/b; c=d", "", "application/json", "a/b+json", "multipart/form-data", "x/taken", "X/Taken"],
)
def test_a_media_type_that_is_none_or_taken_is_a_mistake(kind: str) -> None:
    app = Wadjet()
    app.add_body_parser("x/taken", json.loads)
    with pytest.raises(ConfigError, match="add_body_parser"):
        app.add_body_parser(kind, json.loads)
