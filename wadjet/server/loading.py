"""An application by its name: ``package.module:attribute``, and the name of an application that is there."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from ..conf.settings import Settings
from ..types import ASGIApp
from .options import OptionError

__all__ = ["check_module", "import_path", "load", "settings_of"]


def load(path: str, *, factory: bool = False) -> ASGIApp:
    """Import an application. What the imported code raises is not touched.

    Args:
        path: ``package.module:attribute``; the attribute may have dots.
        factory: it makes the application when it is called.

    Raises:
        OptionError: there is no such module or attribute, or it is no ASGI application.
    """
    module_name, attribute = _split(path)
    module = _module(module_name)
    found: Any = module
    for part in attribute.split("."):
        found = getattr(found, part, None)
        if found is None:
            raise OptionError(f"the module {module_name} has no {attribute!r}{_instead(module)}")
    if factory:
        if not _takes(found):
            raise OptionError(
                f"{path} is no function that can be called without arguments; leave out --factory"
            )
        found = found()
    if inspect.isclass(found) or not _takes(found, "scope", "receive", "send"):
        factory_hint = "; is it a factory? type --factory" if not factory and _takes(found) else ""
        raise OptionError(
            f"{path} is no ASGI application but {type(found).__name__}{factory_hint or _instead(module)}"
        )
    return cast("ASGIApp", found)


def check_module(path: str) -> None:
    """Look whether the module of an application is there, without running it.

    Raises:
        OptionError: it is not.
    """
    name, _ = _split(path)
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None:
        raise _missing(name)


def settings_of(app: object) -> Settings | None:
    """Return the settings of an application; None when it is no application of Wadjet's."""
    settings = getattr(app, "settings", None)
    return settings if isinstance(settings, Settings) else None


def import_path(app: ASGIApp) -> str:
    """Return where further processes import an application from: ``module:name``, of the program that is running.

    Raises:
        OptionError: it is no global name of a file.
    """
    main = sys.modules["__main__"]
    name = next((name for name, value in vars(main).items() if value is app), None)
    file = getattr(main, "__file__", None)
    module = main.__spec__.name if main.__spec__ is not None else Path(file).stem if file else None
    if name is None or module is None:
        raise OptionError(
            "workers and reload import the application again, and it is no global name of the program; "
            "keep it in one, or type: wadjet run package.module:app"
        )
    return f"{module}:{name}"


def _split(path: str) -> tuple[str, str]:
    module, _, attribute = path.partition(":")
    if module.endswith(".py") or "/" in module:
        module = ".".join(Path(module).with_suffix("").parts)
        raise OptionError(f"{path!r} is a file; type the name of its module: {module}:{attribute or 'app'}")
    if not module or not attribute or module.startswith("."):
        raise OptionError(
            f"{path!r} names no application; type its module and its name in it, as in {module.strip('.') or 'main'}:app"
        )
    return module, attribute


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # What the module itself cannot import keeps its traceback.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise _missing(name) from None


def _missing(name: str) -> OptionError:
    return OptionError(
        f"there is no module {name!r} in {Path.cwd()} or among what is installed; type it as in an import, "
        "from the directory that holds it"
    )


def _instead(module: ModuleType) -> str:
    names = [name for name, value in vars(module).items() if settings_of(value) is not None]
    return f"; type {module.__name__}:{names[0]}" if names else ""


def _takes(found: object, *arguments: str) -> bool:
    """Tell whether something can be called with so many arguments."""
    if not callable(found):
        return False
    try:
        inspect.signature(found).bind(*arguments)
    except (TypeError, ValueError):
        return False
    return True
