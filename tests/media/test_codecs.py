from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wadjet.media.codecs import MOST_PROBLEMS, pointer, problems
from wadjet.media.models import codec_for


class Model(BaseModel):
    a: int


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    a: float


def test_a_codec_reads_bytes_text_and_objects() -> None:
    codec = codec_for(list[int])
    assert codec.validate_json(b"[1]") == codec.validate(("1",)) == [1]
    assert codec_for(int).validate_strings("5") == 5
    assert codec_for(Model).validate_json(b'{"a":1}') == Model(a=1)


def test_a_codec_writes_the_declared_fields() -> None:
    class More(Model):
        secret: str = "s"

    assert codec_for(Model).write(More(a=1)) == b'{"a":1}'
    assert codec_for(Model).simplify(More(a=1)) == {"a": 1}


@pytest.mark.parametrize("annotation", [float, Any, list[float]])
def test_a_codec_may_refuse_what_json_cannot_say(annotation: Any) -> None:
    if annotation is float:
        with pytest.raises(ValidationError):
            codec_for(annotation, finite=True).validate_strings("nan")
        assert codec_for(annotation).validate_strings("nan") != 0


def test_a_type_with_a_configuration_of_its_own_keeps_it() -> None:
    with pytest.raises(ValidationError):
        codec_for(Strict, finite=True).validate({"a": "1"})


def test_a_type_without_a_schema_is_a_type_error() -> None:
    class Opaque:
        pass

    with pytest.raises(TypeError, match="Unable to generate pydantic-core schema"):
        codec_for(Opaque)


@pytest.mark.parametrize(
    ("location", "expected"),
    [((), ""), (("a",), "/a"), (("items", 0, "x"), "/items/0/x"), (("a/b~c",), "/a~1b~0c"), (("",), "/")],
)
def test_a_location_is_a_json_pointer(location: Any, expected: str) -> None:
    assert pointer(location) == expected


def test_problems_never_repeat_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        codec_for(list[Model]).validate([{"a": "hunter2"}, {}])
    found = problems(caught.value)
    assert [(problem["pointer"], problem["type"]) for problem in found] == [
        ("/0/a", "int_parsing"),
        ("/1/a", "missing"),
    ]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "key",
    [pytest.param("k", id="many"), pytest.param("é" * 500, id="long"), pytest.param("k" * 70_000, id="huge")],
)
def test_the_list_of_problems_is_bounded(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        codec_for(dict[str, list[Model]]).validate({key: [{}] * 500})
    found = problems(caught.value)
    assert len(str(found)) < 128 * 1024
    assert len(found) == (MOST_PROBLEMS if len(key) <= 500 else 0)
    assert all(problem["type"] == "missing" and problem["pointer"].endswith("/a") for problem in found)


class Named(BaseModel):
    name: str = Field(default="a", serialization_alias="called")
    spare: int | None = None


@pytest.mark.parametrize(
    "options", [{"by_alias": True}, {"by_alias": False}, {"by_alias": True, "exclude_none": True}, {}]
)
def test_a_writer_writes_what_the_serialiser_would_with_its_options(options: dict[str, Any]) -> None:
    codec = codec_for(Named)
    assert codec.writer(**options)(Named()) == codec.write(Named(), **options)
