"""The watchdog: who blocks the loop is named, with file and line."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest

from wadjet import Settings, Wadjet
from wadjet.debug.watchdog import watch
from wadjet.testing import TestClient

LOGGER = "wadjet.lifecycle"


def block(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the loop until the log says so: the watchdog's own thread is what ends this."""
    while not caplog.records:
        time.sleep(0.01)


def test_a_line_that_blocks_is_named_once_each_time(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        watchdog = watch(0.05)
        assert watchdog is not None
        assert watch(0.05) is None  # another application on the same loop
        for _ in range(2):
            await asyncio.sleep(0.05)  # the loop beats again
            caplog.clear()
            block(caplog)
            (record,) = caplog.records
            assert f"by {__file__}:" in record.getMessage()
            assert "in block()" in record.getMessage()
        watchdog.stop()
        again = watch(0.05)
        assert again is not None
        again.stop()

    with caplog.at_level(logging.WARNING, LOGGER):
        asyncio.run(test())


def test_only_the_library_is_named_where_nothing_else_runs(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        watchdog = watch(0.05)
        assert watchdog is not None
        code = "while not records:\n    pass"
        asyncio.get_running_loop().call_soon(
            eval, compile(code, "<generated>", "exec"), {"records": caplog.records}
        )
        while not caplog.records:
            await asyncio.sleep(0)
        watchdog.stop()
        assert "by <generated>:" in caplog.text

    with caplog.at_level(logging.WARNING, LOGGER):
        asyncio.run(test())


@pytest.mark.parametrize(("is_development", "seconds"), [(True, 0.05), (False, 0.05), (True, None)])
def test_an_application_watches_in_development(
    caplog: pytest.LogCaptureFixture, is_development: bool, seconds: float | None
) -> None:
    """Pain 20: code that blocks freezes the loop, and is seen."""
    watches = is_development and seconds is not None
    settings: Any = {"LOOP_WARNING": seconds}
    app = Wadjet(Settings(**settings), debug=is_development)

    @app.get("/")
    async def handler() -> str:
        if watches:
            block(caplog)
        return "x"

    with caplog.at_level(logging.WARNING, LOGGER):
        for _ in range(2):
            caplog.clear()
            with TestClient(app) as client:
                assert client.get("/").text == "x"
            assert ("blocked" in caplog.text) is watches
