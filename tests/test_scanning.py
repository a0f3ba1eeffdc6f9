"""What stands free in a package is found by scanning it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wadjet import Wadjet
from wadjet.errors import ConfigError, SealedError
from wadjet.testing import TestClient

FILES = {
    "__init__.py": "from wadjet import Router, get\nrouter = Router()\n",
    "__main__.py": "raise RuntimeError('it ran')\n",
    "b/__init__.py": "",
    "b/views.py": (
        "from wadjet import View, get\n"
        "class Users(View):\n    path = '/users'\n    async def get(self): return 'users'\n"
        "class Base(View):\n    async def get(self): return 'base'\n"
        "@get('/free')\nasync def free(): return 'free'\n"
        "again = free\n"
    ),
    "a.py": (
        "from wadjet.events import NewRequest, NewResponse, subscriber\n"
        "from . import router\n"
        "from .b.views import free\n"
        "told = []\n"
        "@router.get('/held')\nasync def held(): return 'held'\n"
        "@subscriber(NewRequest)\n@subscriber(NewResponse)\ndef tell(event): told.append(type(event).__name__)\n"
        "@subscriber(NewRequest)\nasync def later(event): told.append('later')\n"
    ),
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, text in FILES.items():
        file = tmp_path / "scanned_package" / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield "scanned_package"
    for name in [name for name in sys.modules if name.startswith("scanned_package")]:
        del sys.modules[name]


def test_free_routes_views_and_subscribers_are_found_once(package: str) -> None:
    app = Wadjet()
    app.scan(package)
    app.scan(package)
    client = TestClient(app)
    assert [client.get(path).text for path in ("/free", "/users")] == ["free", "users"]
    told = sys.modules["scanned_package.a"].told
    assert told == ["NewRequest", "later", "NewResponse"] * 2


def test_what_a_router_holds_is_the_routers(package: str) -> None:
    app = Wadjet()
    app.scan(package)
    assert TestClient(app).get("/held").status_code == 404
    app = Wadjet()
    app.scan(package)
    app.include(sys.modules[package].router)
    assert TestClient(app).get("/held").text == "held"


def test_a_module_itself_can_be_scanned_and_by_two_applications(package: str) -> None:
    import importlib

    module = importlib.import_module(f"{package}.b.views")
    for _ in range(2):
        app = Wadjet()
        app.scan(module)
        assert TestClient(app).get("/free").text == "free"


def test_a_module_that_is_not_there_is_said(package: str) -> None:
    with pytest.raises(
        ConfigError, match=r"scan\('nowhere.at_all'\): there is no module 'nowhere'; is it on sys.path\?"
    ):
        Wadjet().scan("nowhere.at_all")


@pytest.mark.parametrize("name", ["a.py", "b/__init__.py"])
def test_what_a_module_raises_itself_passes(package: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "scanned_package" / name).write_text("import no_such_module_at_all\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        Wadjet().scan(package)
    (tmp_path / "scanned_package" / "__init__.py").write_text("import no_such_module_at_all\n")
    sys.modules.pop(package)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        Wadjet().scan(package)


def test_nothing_is_scanned_when_the_application_serves(package: str) -> None:
    app: Any = Wadjet()
    app.seal()
    with pytest.raises(SealedError, match="scan comes too late"):
        app.scan(package)


METHODS = """
from wadjet.traversal import view_config


class Folder:
    pass


class Base:
    def __init__(self, context, request):
        self.context, self.request = context, request

    @view_config(name="base")
    def inherited(self):
        return f"base of {type(self).__name__}"


class Views(Base):
    @view_config()
    async def show(self):
        return f"show {type(self.context).__name__}"

    @view_config(name="edit", request_method="GET", renderer="json")
    def form(self):
        return {"edit": self.request.view_name}

    @view_config(name="edit", request_method="POST")
    @view_config(name="save", permission="save")
    def save(self):
        return f"saved by {self.request.method}"


class Request:
    def __init__(self, request):
        self.request = request

    @view_config(name="alone", context=Folder)
    def alone(self):
        return type(self.request.context).__name__
"""


def test_views_above_methods_mean_the_class(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / package / "methods.py").write_text(METHODS)
    app = Wadjet(root_factory=lambda request: sys.modules[f"{package}.methods"].Folder())
    app.scan(package)
    client = TestClient(app)
    assert client.get("/").text == "show Folder"
    assert client.get("/edit").json() == {"edit": "edit"}
    assert client.post("/edit").text == "saved by POST"
    assert client.delete("/edit").status_code == 405
    assert client.get("/save").status_code == 401  # nothing says who may
    assert client.get("/alone").text == "Folder"
    assert client.get("/base").text == "base of Base"  # once, and of the class where it stands
