"""Inspecting: all checks of an application, those of its own included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
        every = sorted(dict.fromkeys(findings), key=lambda finding: LEVELS.index(finding.level))
        self.findings = [finding for finding in every if finding.id not in silenced]
        self.silenced = [finding for finding in every if finding.id in silenced]

    def fails(self, level: str) -> bool:
        """Tell whether something was found that is as bad as that, or worse."""
        return any(LEVELS.index(finding.level) <= LEVELS.index(level) for finding in self.findings)


def inspect(served: Any, environ: Mapping[str, str], *, deploy: bool = False, workers: int = 1) -> Inspection:
    """Look an application over.

    Args:
        served: a Wadjet, or what is wrapped around one.
        environ: the environment that it was made in.
        deploy: whether to look at all that matters where strangers can reach it.
        workers: processes that serve it.

    Raises:
        TypeError: there is no Wadjet in it.
    """
    stack = list(inside(served))
    app = next((each for each in stack if isinstance(each, Wadjet)), None)
    if app is None:
        raise TypeError(f"{served!r} is no application of Wadjet's")
    try:
        assembled = app.seal()
    except ConfigError as error:
        return Inspection(failures(error))
    outer = stack[: stack.index(app)]
    inner = tuple(made for made in assembled.middleware if made not in assembled.around)
    inspected = Inspected(app, app.settings, (*outer, *assembled.around), environ, workers, inner)
    return Inspection(_findings(inspected, deploy=deploy), app.settings.SILENCED_CHECKS)


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
