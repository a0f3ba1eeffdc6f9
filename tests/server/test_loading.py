"""An application is found by its name, and a name that is wrong is told with the one to type."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wadjet.server.loading import check_module, load
from wadjet.server.options import OptionError

MODULE = """
from wadjet import Wadjet

class Shop:
    app = Wadjet()

app = Wadjet()
number = 5

def make():
    return app

def make_of(name):
    return app

def make_number():
    return 5

def fail():
    raise TypeError("inside")
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name of a module that can be imported."""
    (tmp_path / "loaded_shop.py").write_text(MODULE)
    (tmp_path / "loaded_broken.py").write_text("import loaded_nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "loaded_shop", raising=False)
    return "loaded_shop"


def test_a_name_may_have_dots(shop: str) -> None:
    assert load(f"{shop}:Shop.app") is not load(f"{shop}:app")


def test_a_factory_is_called(shop: str) -> None:
    assert load(f"{shop}:make", factory=True) is load(f"{shop}:app")


@pytest.mark.parametrize(
    ("name", "factory", "message"),
    [
        ("loaded_shop:apps", False, "has no 'apps'; type loaded_shop:app"),
        ("loaded_shop:number", False, "is no ASGI application but int; type loaded_shop:app"),
        ("loaded_shop:Shop", False, "is no ASGI application but type; is it a factory"),
        ("loaded_shop:make", False, "is it a factory? type --factory"),
        ("loaded_shop:make_of", True, "leave out --factory"),
        ("loaded_shop:make_number", True, "is no ASGI application but int"),
        ("loaded_nowhere:app", False, "there is no module 'loaded_nowhere' in "),
        ("loaded_shop.inner:app", False, "there is no module 'loaded_shop.inner' in "),
        ("src/shop.py", False, "is a file; type the name of its module: src.shop:app"),
        (".shop:app", False, "as in shop:app"),
        (":app", False, "as in main:app"),
    ],
)
def test_a_name_that_is_wrong_is_refused(shop: str, name: str, factory: bool, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        load(name, factory=factory)
    assert message in str(caught.value)


def test_what_the_code_itself_raises_is_left_as_it_is(shop: str) -> None:
    with pytest.raises(TypeError, match="inside"):
        load(f"{shop}:fail", factory=True)
    with pytest.raises(ModuleNotFoundError, match="loaded_nowhere"):
        load("loaded_broken:app")


def test_a_module_is_looked_for_without_running_it(shop: str) -> None:
    check_module("loaded_broken:app")
    for name in ("loaded_nowhere:app", "loaded_nowhere.inner:app"):
        with pytest.raises(OptionError, match="there is no module"):
            check_module(name)
