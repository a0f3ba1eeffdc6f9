"""The table of docs/settings.md, made of the declarations. ``python -m tests.docs.settings_table`` writes it anew."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re

from tests.architecture.source import ROOT
from wadjet.conf import Settings, settings

__all__ = ["PAGE", "table", "written"]

PAGE = ROOT / "docs" / "settings.md"
#: What stands around the table.
_BEGIN, _END = "| Setting | Default | Meaning |\n|---|---|---|\n", "\n## "


def table() -> str:
    """Return a row for each setting, in the order of their declarations."""
    comments = _comments()
    rows = []
    for field in dataclasses.fields(Settings):
        made = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        meaning = comments[field.name].replace("``", "`").replace("|", r"\|")
        rows.append(f"| `{field.name}` | `{made!r}` | {meaning} |\n")
    return "".join(rows)


def written() -> str:
    """Return the rows that the page has."""
    _, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    return rest.partition(_END)[0]


def _comments() -> dict[str, str]:
    """Return what stands above each setting."""
    lines = inspect.getsource(settings).splitlines()
    (cls,) = (
        node for node in ast.walk(ast.parse("\n".join(lines))) if getattr(node, "name", "") == "Settings"
    )
    found = {}
    for node in ast.iter_child_nodes(cls):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            above: list[str] = []
            for line in reversed(lines[: node.lineno - 1]):
                comment = re.fullmatch(r"\s*#: (.*)", line)
                if comment is None:
                    break
                above.insert(0, comment[1])
            found[node.target.id] = " ".join(above)
    return found


def main() -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    PAGE.write_text(before + _BEGIN + table() + _END + rest.partition(_END)[2], "utf-8")


if __name__ == "__main__":
    main()
