"""The source as data: every module, its tree, and the modules it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["PACKAGE", "ROOT", "Module", "imports", "read"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "wadjet"


@dataclass(frozen=True)
class Module:
    """One source file under its dotted name."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.name)

    @property
    def package(self) -> str:
        """The package that a relative import starts from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


def read(*packages: str, root: Path = ROOT) -> list[Module]:
    """Return the modules of some top-level packages; one that does not exist has none."""
    return [
        _module(path.relative_to(root), path.read_text("utf-8"))
        for package in packages
        for path in sorted((root / package).rglob("*.py"))
        if not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]


def _module(path: Path, text: str) -> Module:
    parts = path.with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), text, is_package)


def imports(modules: Iterable[Module]) -> dict[str, set[str]]:
    """Map each module to those of the others that it imports: at the top, in functions, for types only."""
    known = {module.name: module for module in modules}
    return {
        name: {target for written in _written(module, known) if (target := _nearest(written, known))} - {name}
        for name, module in known.items()
    }


def _written(module: Module, known: Mapping[str, Module]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(names=names):
                base = _base(node, module)
                members = (f"{base}.{alias.name}" for alias in names)
                yield from (member if member in known else base for member in members)
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if _imports_by_name(node.func):
                yield name


def _base(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    start = module.package.split(".")[: -(node.level - 1) or None]
    return ".".join([*start, *filter(None, [node.module])])


def _imports_by_name(function: ast.expr) -> bool:
    return ast.unparse(function) in {"__import__", "import_module", "importlib.import_module"}


def _nearest(written: str, known: Mapping[str, Module]) -> str:
    while written and written not in known:
        written = written.rpartition(".")[0]
    return written
