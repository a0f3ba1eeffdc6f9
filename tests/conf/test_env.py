from __future__ import annotations

import dataclasses
import logging
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest

from wadjet.conf import Secret, Settings
from wadjet.conf.env import read
from wadjet.conf.kinds import MASKED
from wadjet.errors import ConfigError, SettingsError


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
    ("name", "text", "why"),
    [
        ("MAX_BODY_SIZE", "much", "no whole number from 0; write one, as MAX_BODY_SIZE=10485760"),
        ("DEBUG", "perhaps", "neither true nor false; write one, as DEBUG=False"),
        ("RATE", "x", "no number"),
        ("LIMIT", "x", "no whole number"),
    ],
)
def test_a_value_of_the_wrong_type_names_setting_variable_and_remedy(name: str, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}='{text}' from the variable WADJET_{name} is {why}$"):
        read(Mine, {f"WADJET_{name}": text})


def test_an_unknown_variable_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(None, {"WADJET_MAX_BODI_SIZE": "1", "WADJET_HOST": "x", "WADJET_PORT": "1"})
    assert [record.getMessage() for record in caplog.records] == [
        "WADJET_MAX_BODI_SIZE is set, but there is no such setting; is it WADJET_MAX_BODY_SIZE?"
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
        ConfigError, match=rf"{name}={value!r} from the code is no whole number .*; write one, as {name}="
    ):
        read(Mine(**{name: value}), {})


def test_a_number_of_the_environment_is_checked_too() -> None:
    with pytest.raises(
        ConfigError,
        match="THREAD_POOL_SIZE='0' from the variable WADJET_THREAD_POOL_SIZE is no whole number from 1",
    ):
        read(None, {"WADJET_THREAD_POOL_SIZE": "0"})
    assert read(None, {"WADJET_MAX_BODY_SIZE": "0"}).MAX_BODY_SIZE == 0


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "5", True, None])
def test_a_time_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(
        ConfigError,
        match=rf"HEADER_TIMEOUT={value!r} from the code is no time above 0 .*; write one, as HEADER",
    ):
        read(Mine(HEADER_TIMEOUT=value), {})
    assert read(Mine(HEADER_TIMEOUT=1), {"WADJET_BODY_TIMEOUT": "0.5"}).BODY_TIMEOUT == 0.5


def test_a_time_may_be_a_timedelta() -> None:
    assert read(Mine(HEADER_TIMEOUT=timedelta(minutes=1)), {}).HEADER_TIMEOUT == 60.0  # type: ignore[arg-type]


# -- all at once --------------------------------------------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once() -> None:
    environ = {"WADJET_MAX_BODY_SIZE": "x", "WADJET_DEBUG": "1", "WADJET_SECRET_KEY": "hunter2"}
    with pytest.raises(SettingsError) as caught:
        read(Mine(THREAD_POOL_SIZE=0, ALLOWED_HOSTS="example.com"), environ)  # type: ignore[arg-type]
    assert {problem.name for problem in caught.value.problems} == {
        "MAX_BODY_SIZE",
        "DEBUG",
        "THREAD_POOL_SIZE",
        "ALLOWED_HOSTS",
    }
    assert str(caught.value).startswith("4 settings cannot be:\n")
    assert "hunter2" not in str(caught.value)


def test_a_secret_that_cannot_be_is_not_told() -> None:
    @dataclasses.dataclass(frozen=True)
    class Keyed(Settings):
        PIN: Annotated[int, MASKED] = 0

    with pytest.raises(SettingsError) as caught:
        read(Keyed, {"WADJET_PIN": "hunter2", "WADJET_SECRET_KEY": "[hunter3"})
    assert str(caught.value).count("***") == 2
    assert "hunter" not in str(caught.value)


def test_a_text_in_the_place_of_a_tuple_is_no_tuple_of_letters() -> None:
    with pytest.raises(SettingsError, match=r"ALLOWED_HOSTS='example.com' from the code is no tuple"):
        read(Settings(ALLOWED_HOSTS="example.com"), {})  # type: ignore[arg-type]
    assert read(Settings(ALLOWED_HOSTS=["a", "b"]), {}).ALLOWED_HOSTS == ("a", "b")  # type: ignore[arg-type]


# -- declarations that would count for nothing ----------------------------------------------------------------------------------


def test_a_class_without_the_decorator_is_refused() -> None:
    class Forgotten(Settings):
        MAX_BODY_SIZE: int = 5

    with pytest.raises(
        ConfigError, match="no dataclass, so MAX_BODY_SIZE would count for nothing; write @data"
    ):
        read(Forgotten, {})


def test_a_default_without_an_annotation_is_refused() -> None:
    @dataclasses.dataclass(frozen=True)
    class Bare(Settings):
        MAX_BODY_SIZE = 5
        SHOP = "x"

    with pytest.raises(ConfigError) as caught:
        read(Bare, {})
    assert "Bare.MAX_BODY_SIZE has no annotation" in str(caught.value)
    assert "write SHOP: str = …" in str(caught.value)


def test_an_annotation_that_names_nothing_is_refused() -> None:
    @dataclasses.dataclass(frozen=True)
    class Lost(Settings):
        SHOP: Nowhere = None  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(ConfigError, match="annotations of .*Lost cannot be read .*'Nowhere'"):
        read(Lost, {})


def test_a_class_may_compute_and_be_extended() -> None:
    class Doubled(Mine):
        @property
        def TWICE(self) -> float:
            return 2 * self.RATE

    assert read(Doubled, {}).TWICE == 2.0  # type: ignore[attr-defined]


# -- where values come from -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class Needing(Settings):
    REGION: str
    THREAD_POOL_SIZE: int = 3


def test_a_setting_without_a_default_has_to_be_given() -> None:
    assert read(Needing, {"WADJET_REGION": "eu"}).REGION == "eu"  # type: ignore[attr-defined]
    with pytest.raises(
        SettingsError, match="REGION is not set, and .*Needing has no default; set WADJET_REGION"
    ):
        read(Needing, {})


def test_what_is_missing_is_told_before_the_class_objects() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Strict(Settings):
        REGION: str

        def __post_init__(self) -> None:
            if self.REGION != self.REGION.lower():
                raise ValueError("REGION is written in small letters")

    with pytest.raises(SettingsError, match="REGION is not set"):
        read(Strict, {})
    with pytest.raises(ValueError, match="small letters"):
        read(Strict, {"WADJET_REGION": "EU"})


def test_a_class_keeps_the_kind_that_the_first_one_gave() -> None:
    with pytest.raises(SettingsError, match="THREAD_POOL_SIZE=0 from the code is no whole number from 1"):
        read(Needing(REGION="eu", THREAD_POOL_SIZE=0), {})
    assert read(Needing, {"WADJET_REGION": "eu", "WADJET_MAX_BODY_SIZE": "1KiB"}).MAX_BODY_SIZE == 1024


def test_each_setting_says_where_it_comes_from() -> None:
    settings = read(Needing(REGION="eu"), {"WADJET_DRAIN_TIMEOUT": "1"}, debug=False)
    sources = {name: source for name, _, source in settings.described()}
    assert sources["REGION"] == sources["DEBUG"] == "the code"
    assert sources["THREAD_POOL_SIZE"] == f"{__name__}.Needing"
    assert sources["MAX_BODY_SIZE"] == sources["CACHES"] == "the defaults"
    assert sources["DRAIN_TIMEOUT"] == "the variable WADJET_DRAIN_TIMEOUT"
    assert settings.environment == "production"
    with pytest.raises(KeyError):
        settings.source("NOTHING")


def test_settings_that_are_read_again_keep_their_sources() -> None:
    settings = read(read(None, {"WADJET_CACHE_SIZE": "5"}), {"WADJET_DRAIN_TIMEOUT": "1"})
    assert settings.source("CACHE_SIZE") == "the variable WADJET_CACHE_SIZE"
    assert settings.CACHE_SIZE == 5


@pytest.mark.parametrize("debug", [None, True])
def test_code_stands_above_variables_above_dotenv_above_classes(tmp_path: Path, debug: bool | None) -> None:
    (tmp_path / ".env").write_text(
        "WADJET_THREAD_POOL_SIZE=11\nWADJET_STREAM_POOL_SIZE=12\nWADJET_DEBUG=0\nOTHER=x\nWADJET_ODD=1\n"
    )
    environ = {"WADJET_STREAM_POOL_SIZE": "22", "WADJET_ENV": "development"}
    settings = read(Needing(REGION="eu"), environ, debug=debug, directory=tmp_path)
    assert (settings.THREAD_POOL_SIZE, settings.STREAM_POOL_SIZE, settings.DEBUG) == (11, 22, bool(debug))
    assert settings.source("THREAD_POOL_SIZE") == f"{tmp_path / '.env'}, line 1"
    assert settings.environment == "development"


@pytest.mark.parametrize("environment", ["production", "test", ""])
def test_dotenv_is_read_in_development_only(tmp_path: Path, environment: str) -> None:
    (tmp_path / ".env").write_text("WADJET_THREAD_POOL_SIZE=11\n")
    assert read(None, {"WADJET_ENV": environment}, directory=tmp_path).THREAD_POOL_SIZE == 40


def test_debug_in_the_code_chooses_development_unless_it_is_production_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"WADJET_SETTINGS={__name__}:Mine\n")
    assert type(read(None, {}, debug=True, directory=tmp_path)).__name__ == "Mine"
    with pytest.raises(ConfigError, match="debug=True would show tracebacks"):
        read(None, {"WADJET_ENV": "production"}, debug=True)


def test_a_variable_may_name_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("new key\n")
    (tmp_path / "keys").write_text("new\nold\n")
    key, keys = (
        {"WADJET_SECRET_KEY_FILE": str(tmp_path / "key")},
        {"WADJET_SECRET_KEY_FILE": str(tmp_path / "keys")},
    )
    assert read(None, key).SECRET_KEY == "new key"
    assert read(None, keys).SECRET_KEY == ("new", "old")
    assert read(None, keys).source("SECRET_KEY") == f"the file {tmp_path / 'keys'}"
    with pytest.raises(
        SettingsError, match="SECRET_KEY='\\*\\*\\*' from the variable WADJET_SECRET_KEY_FILE is no file that"
    ):
        read(None, {"WADJET_SECRET_KEY_FILE": str(tmp_path / "nowhere")})
    with pytest.raises(
        SettingsError,
        match="WADJET_SECRET_KEY is given twice, for there is WADJET_SECRET_KEY_FILE too; keep one$",
    ):
        read(None, key | {"WADJET_SECRET_KEY": "x"})


def test_a_setting_that_is_called_file_is_a_setting() -> None:
    @dataclasses.dataclass(frozen=True)
    class Filed(Settings):
        LOG: str = "x"
        LOG_FILE: str = "y"

    settings = read(Filed, {"WADJET_LOG_FILE": "z"})
    assert (settings.LOG, settings.LOG_FILE) == ("x", "z")  # type: ignore[attr-defined]


# -- masked ---------------------------------------------------------------------------------------------------------------------


def test_secrets_are_masked_wherever_settings_are_printed() -> None:
    @dataclasses.dataclass(frozen=True)
    class Deep(Settings):
        SECRET_KEY: str = "hunter1"
        PIN: Secret = "hunter2"
        BACKENDS: dict[str, Any] = dataclasses.field(
            default_factory=lambda: {"password": "hunter3", "port": 1}
        )

    settings = read(Deep, {"WADJET_REDIS_URL": "redis://me:hunter4@example.com/0"})
    assert settings.SECRET_KEY == "hunter1"
    for text in (repr(settings), str(settings), str(list(settings.described()))):
        assert "hunter" not in text
        assert "redis://me:***@example.com/0" in text
        assert "'port': 1" in text


def test_a_class_may_write_its_own_text() -> None:
    @dataclasses.dataclass(frozen=True)
    class Quiet(Settings):
        def __repr__(self) -> str:
            return "Quiet"

    assert repr(read(Quiet, {})) == "Quiet"
