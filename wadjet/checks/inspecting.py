"""Inspecting: all checks of an application, those of its own included."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..app import Wadjet
from ..errors import ConfigError, MissingExtra, SettingsError
from ..middleware.order import inside
from . import authentication, browsers, rendering, secrets, sessions, sharing, startup, transport
from .catalogue import found
from .finding import LEVELS, Check, Finding, Inspected

__all__ = ["Inspection", "failures", "inspect"]

_DEPLOYMENT: tuple[Check, ...] = (
    *secrets.CHECKS,
    *transport.CHECKS,
    *browsers.CHECKS,
    *sessions.CHECKS,
    *authentication.CHECKS,
    *rendering.CHECKS,
    *sharing.CHECKS,
)


class Inspection:
    """What was found, the worst first; each thing once.

    Args:
        findings: all of them.
        silenced: ids of those that are as they are meant to be.
    """

    def __init__(self, findings: Iterator[Finding], silenced: tuple[str, ...] = ()) -> None:
        every = sorted(dict.fromkeys(findings), key=_rank)
        self.findings = [finding for finding in every if finding.id not in silenced]
        self.silenced = [finding for finding in every if finding.id in silenced]

    def add(self, where: str, mounted: Inspection) -> None:
        """Add what was found in an application that is mounted, but for what is found here already.

        Args:
            where: it is mounted.
            mounted: what was found.
        """
        known = {*self.findings, *self.silenced}
        for mine, theirs in ((self.findings, mounted.findings), (self.silenced, mounted.silenced)):
            # Variables are everybody's: what one application does not read another one may.
            new = (each for each in theirs if each not in known and each.id != "variable-unknown")
            mine += [finding._replace(text=f"{where}: {finding.text}") for finding in new]
            mine.sort(key=_rank)

    def fails(self, level: str) -> bool:
        """Tell whether something was found that is as bad as that, or worse."""
        return any(LEVELS.index(finding.level) <= LEVELS.index(level) for finding in self.findings)


def inspect(served: Any, environ: Mapping[str, str], *, deploy: bool = False, workers: int = 1) -> Inspection:
    """Look an application over, and what is mounted in it.

    Args:
        served: a Wadjet, or what is wrapped around one.
        environ: the environment that it was made in.
        deploy: whether to look at all that matters where strangers can reach it.
        workers: processes that serve it.

    Raises:
        TypeError: there is no Wadjet in it.
    """
    app = _wadjet_in(served)
    if app is None:
        raise TypeError(f"{served!r} is no application of Wadjet's")
    return _Look(environ, workers, deploy).over(served, app)


class _Look(NamedTuple):
    """How everything is looked at."""

    environ: Mapping[str, str]
    workers: int
    deploy: bool

    def over(
        self, served: Any, app: Wadjet, around: tuple[Any, ...] = (), silenced: tuple[str, ...] = ()
    ) -> Inspection:
        """Look at an application, and at what is mounted in it.

        Args:
            served: the application, or what is wrapped around it.
            app: the application.
            around: what stands around it where it is mounted, outermost first.
            silenced: ids that are silenced there.
        """
        silenced = (*silenced, *app.settings.SILENCED_CHECKS)
        try:
            assembled = app.seal()
        except ConfigError as error:
            return Inspection(failures(error))
        wrapped = itertools.takewhile(lambda each: each is not app, inside(served))
        whole = (*around, *wrapped, *assembled.around)
        inner = tuple(made for made in assembled.middleware if made not in assembled.around)
        inspected = Inspected(app, app.settings, whole, self.environ, self.workers, inner)
        inspection = Inspection(_findings(inspected, deploy=self.deploy), silenced)
        for mounted in assembled.mounts:
            below = _wadjet_in(mounted.app)
            if below is not None:
                found_there = self.over(mounted.app, below, (*whole, *mounted.hooks), silenced)
                inspection.add(mounted.where, found_there)
        return inspection


def _wadjet_in(served: Any) -> Wadjet | None:
    return next((each for each in inside(served) if isinstance(each, Wadjet)), None)


def _rank(finding: Finding) -> int:
    return LEVELS.index(finding.level)


def failures(error: ConfigError) -> Iterator[Finding]:
    """Return what kept an application from being made."""
    if isinstance(error, SettingsError):
        for problem in error.problems:
            yield found("setting-invalid", problem.text)
    else:
        yield found("extra-missing" if isinstance(error, MissingExtra) else "app-invalid", str(error))


def _findings(inspected: Inspected, *, deploy: bool) -> Iterator[Finding]:
    checks: list[Check] = [*startup.CHECKS, *(_DEPLOYMENT if deploy else ())]
    checks += [check for check, is_for_deployment in inspected.app.checks if deploy or not is_for_deployment]
    for check in checks:
        try:
            yield from map(_levelled, check(inspected))
        except ConfigError as error:
            yield from failures(error)


def _levelled(finding: Finding) -> Finding:
    if finding.level not in LEVELS:
        raise ConfigError(f"the level {finding.level!r} of {finding.id} is none of {', '.join(LEVELS)}")
    return finding
