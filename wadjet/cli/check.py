"""``wadjet check``: say what would go wrong with an application, why, and what to write instead."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from ..checks.finding import LEVELS, Finding
from ..checks.inspecting import Inspection, failures, inspect
from ..conf.settings import settings_of
from ..errors import ConfigError
from ..server.loading import load
from ..server.options import OptionError
from .place import import_from_here

__all__ = ["check"]

#: The exit status where something was found; 2 is a mistake of the command line.
_FOUND = 1
_COLOURS = {"error": "red", "warning": "yellow", "hint": "blue"}


@click.command()
@click.argument("app", envvar="WADJET_APP")
@click.option("--deploy", is_flag=True, help="Look at all that matters where strangers can reach it.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    envvar="WEB_CONCURRENCY",
    default=1,
    help="Processes that are to serve it. [WEB_CONCURRENCY; 1]",
)
@click.option(
    "--fail-on",
    type=click.Choice([*LEVELS, "never"]),
    default="warning",
    show_default=True,
    help="What makes the exit status 1: this, or worse.",
)
@click.option("--settings", "shows", is_flag=True, help="List all settings, with where each comes from.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.option("--factory", is_flag=True, help="APP is a function that returns the application.")
def check(
    app: str, deploy: bool, workers: int, fail_on: str, shows: bool, is_json: bool, factory: bool
) -> None:
    """Say what would go wrong with APP, which is MODULE:NAME: why, and what to write instead.

    The exit status is 0 where nothing was found, 1 where something was, 2 for a mistake of the command line.
    """
    import_from_here()
    served, inspection = _inspected(app, deploy=deploy, workers=workers, factory=factory)
    settings = settings_of(served) if shows else None
    described = [] if settings is None else list(settings.described())
    if is_json:
        document = {"app": app, "deploy": deploy, **_document(inspection)}
        listed = {"settings": [setting._asdict() for setting in described]} if shows else {}
        click.echo(json.dumps(document | listed, indent=2, ensure_ascii=False))
    else:
        lines = [f"{name} = {value}  # {source}" for name, value, source in described]
        click.echo("\n".join([*lines, *map(_told, inspection.findings), _summary(inspection)]))
    if fail_on != "never" and inspection.fails(fail_on):
        sys.exit(_FOUND)


def _document(inspection: Inspection) -> dict[str, Any]:
    several = {"findings": inspection.findings, "silenced": inspection.silenced}
    return {name: [finding._asdict() for finding in findings] for name, findings in several.items()}


def _inspected(path: str, *, deploy: bool, workers: int, factory: bool) -> tuple[object, Inspection]:
    try:
        served = load(path, factory=factory)
    except OptionError as error:
        raise click.UsageError(str(error)) from None
    except ConfigError as error:
        return None, Inspection(failures(error))
    try:
        return served, inspect(served, os.environ, deploy=deploy, workers=workers)
    except TypeError as error:
        raise click.UsageError(f"{path}: {error}") from None


def _told(finding: Finding) -> str:
    head = click.style(f"{finding.level} {finding.id}", fg=_COLOURS[finding.level], bold=True)
    return f"{head}\n  {finding.text}\n  why: {finding.why}\n  fix: {finding.fix}\n"


def _summary(inspection: Inspection) -> str:
    counts = [
        f"{count} {level}{'' if count == 1 else 's'}"
        for level in LEVELS
        if (count := sum(finding.level == level for finding in inspection.findings))
    ]
    silenced = f" ({len(inspection.silenced)} silenced)" if inspection.silenced else ""
    return f"{', '.join(counts) or 'Nothing was found'}{silenced}."
