"""Sizes: what each function and file measures, and what it may."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from tests.architecture.budget_exceptions import Exemption
from tests.architecture.source import Module

__all__ = ["LIMITS", "Size", "file_sizes", "function_sizes", "overruns"]

#: The most that may be measured. Functions count what is nested in them.
LIMITS = {"code lines": 40, "branches": 10, "lines": 400}

_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.BoolOp,
    ast.comprehension,
    ast.match_case,
)
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Size(NamedTuple):
    """How much of one budget something uses."""

    name: str
    budget: str
    amount: int


def file_sizes(modules: Iterable[Module]) -> Iterator[Size]:
    """Measure whole files."""
    for module in modules:
        yield Size(module.name, "lines", module.text.count("\n"))


def function_sizes(modules: Iterable[Module]) -> Iterator[Size]:
    """Measure the body of every function: lines without docstring, comments and blanks, and branches."""
    for module in modules:
        code = _code_lines(module.text)
        for name, function in _functions(module.tree, f"{module.name}:"):
            yield Size(name, "code lines", len(code & _body_lines(function)))
            yield Size(name, "branches", 1 + sum(isinstance(node, _BRANCHES) for node in ast.walk(function)))


def _functions(parent: ast.AST, prefix: str) -> Iterator[tuple[str, _Function]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | _Function):
            if not isinstance(node, ast.ClassDef):
                yield prefix + node.name, node
            yield from _functions(node, f"{prefix}{node.name}.")
        else:
            yield from _functions(node, prefix)


def _body_lines(function: _Function) -> set[int]:
    body = function.body[ast.get_docstring(function) is not None :]
    return {line for statement in body for line in range(statement.lineno, (statement.end_lineno or 0) + 1)}


def _code_lines(text: str) -> set[int]:
    return {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _SILENT
        for line in range(token.start[0], token.end[0] + 1)
    }


def overruns(sizes: Iterable[Size], exemptions: Iterable[Exemption]) -> Iterator[str]:
    """Say which budgets are overrun without a signature, and which signatures allow more than is needed."""
    signed = {(exemption.name, exemption.budget): exemption for exemption in exemptions}
    measured: dict[tuple[str, str], int] = {}
    for name, budget, amount in sizes:
        measured[name, budget] = max(amount, measured.get((name, budget), 0))
    for (name, budget), amount in measured.items():
        limit, exemption = LIMITS[budget], signed.get((name, budget))
        if amount > (exemption.amount if exemption else limit):
            allowed = f"{exemption.amount} are signed for" if exemption else f"{limit} are allowed"
            yield f"{name} has {amount} {budget}, {allowed}; divide it"
    for (name, budget), exemption in signed.items():
        amount = measured.get((name, budget), 0)
        if amount <= LIMITS[budget]:
            yield f"{name} no longer needs its exemption from the budget of {budget}; delete the entry"
        elif amount < exemption.amount:
            yield f"{name} has shrunk to {amount} {budget}; sign for no more than that"
