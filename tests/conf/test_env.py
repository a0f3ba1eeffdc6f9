import dataclasses
import logging
from typing import Any

import pytest

from wadjet.conf import Settings
from wadjet.conf.env import read
from wadjet.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Mine(Settings):
    NAME: str = "x"
    RATE: float = 1.0
    HOSTS: tuple[str, ...] = ()
    LIMIT: int | None = None


def test_settings_are_given_as_class_instance_or_path() -> None:
    assert read(None, {}) == Settings()
    assert read(Mine, {}) == Mine()
    assert read(Mine(NAME="y"), {}).NAME == "y"  # type: ignore[attr-defined]
    assert type(read(f"{__name__}:Mine", {})).__name__ == "Mine"
    assert type(read(None, {"WADJET_SETTINGS": f"{__name__}:Mine"})).__name__ == "Mine"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("NAME", "é", "é"),
        ("RATE", "2.5", 2.5),
        ("HOSTS", "a, b,,c ", ("a", "b", "c")),
        ("HOSTS", "", ()),
        ("LIMIT", "5", 5),
        ("MAX_BODY_SIZE", "10", 10),
        ("THREAD_POOL_SIZE", "2", 2),
    ],
)
def test_the_environment_overrides_coerced_by_type(name: str, text: str, value: Any) -> None:
    assert getattr(read(Mine, {f"WADJET_{name}": text, "OTHER": "x"}), name) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("TRUE", True), (" yes ", True), ("on", True), ("0", False), ("No", False)],
)
def test_a_boolean_is_a_word(text: str, value: bool) -> None:
    assert read(None, {"WADJET_DEBUG": text, "WADJET_ENV": "development"}).DEBUG is value


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("MAX_BODY_SIZE", "10MB", "int"),
        ("DEBUG", "perhaps", "bool"),
        ("RATE", "x", "float"),
        ("LIMIT", "x", "int"),
    ],
)
def test_a_value_of_the_wrong_type_names_variable_and_type(name: str, text: str, kind: str) -> None:
    with pytest.raises(ConfigError, match=f"WADJET_{name}='{text}' is not a {kind}"):
        read(Mine, {f"WADJET_{name}": text})


def test_an_unknown_variable_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(None, {"WADJET_MAX_BODI_SIZE": "1", "WADJET_HOST": "x", "WADJET_PORT": "1"})
    assert [record.getMessage() for record in caplog.records] == [
        "WADJET_MAX_BODI_SIZE is set, but there is no such setting"
    ]


@pytest.mark.parametrize(
    "path", ["nowhere:Settings", f"{__name__}:Nothing", "wadjet.conf", ":", "a..b:c", ""]
)
def test_a_path_that_cannot_be_imported_says_how_to_write_one(path: str) -> None:
    if path:
        with pytest.raises(ConfigError, match=r"cannot be imported .*; write 'package.module:Class'"):
            read(path, {})


@pytest.mark.parametrize("given", [int, object()])
def test_what_are_no_settings_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match="a subclass or an instance of wadjet.conf.Settings"):
        read(given, {})


def test_production_refuses_to_debug() -> None:
    with pytest.raises(ConfigError, match="pass debug=True to Wadjet"):
        read(None, {"WADJET_DEBUG": "1"})
    assert read(None, {"WADJET_DEBUG": "1", "WADJET_ENV": "test"}).DEBUG
    assert read(None, {}, debug=True).DEBUG
    assert not read(None, {"WADJET_DEBUG": "1"}, debug=False).DEBUG


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(ConfigError, match="WADJET_ENV='live' is not one of production, development, test"):
        read(None, {"WADJET_ENV": "live"})


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().DEBUG = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BODY_SIZE", -1),
        ("MAX_BODY_SIZE", "1MB"),
        ("MAX_BODY_SIZE", True),
        ("THREAD_POOL_SIZE", 0),
        ("THREAD_POOL_SIZE", 1.5),
        ("STREAM_POOL_SIZE", 0),
    ],
)
def test_a_number_that_cannot_be_is_refused(name: str, value: Any) -> None:
    with pytest.raises(
        ConfigError, match=rf"Mine: {name}={value!r} is no whole number .*; write one, as {name}="
    ):
        read(Mine(**{name: value}), {})


def test_a_number_of_the_environment_is_checked_too() -> None:
    with pytest.raises(ConfigError, match="THREAD_POOL_SIZE=0 is no whole number from 1"):
        read(None, {"WADJET_THREAD_POOL_SIZE": "0"})
    assert read(None, {"WADJET_MAX_BODY_SIZE": "0"}).MAX_BODY_SIZE == 0


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "5", True, None])
def test_a_time_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(
        ConfigError, match=rf"Mine: HEADER_TIMEOUT={value!r} is no time above 0 .*; write seconds"
    ):
        read(Mine(HEADER_TIMEOUT=value), {})
    assert read(Mine(HEADER_TIMEOUT=1), {"WADJET_BODY_TIMEOUT": "0.5"}).BODY_TIMEOUT == 0.5
