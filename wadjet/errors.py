"""The developer's mistakes. Raised while declaring or assembling, never while serving.

Each message says what is wrong, where (file, line, handler, parameter) and what to type instead.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "BodyNotRead",
    "ConfigError",
    "InvalidStatusError",
    "MissingExtra",
    "PolicyError",
    "Problem",
    "ResponseValidationError",
    "RouteError",
    "SealedError",
    "SessionError",
    "SessionNotLoaded",
    "SessionReadOnly",
    "SessionTooLarge",
    "SessionValueError",
    "SettingsError",
    "SignatureError",
    "WadjetError",
]


class WadjetError(Exception):
    """Base of everything that Wadjet raises at a developer."""


class ConfigError(WadjetError):
    """The application cannot be assembled, or uses what it has not set up."""


class Problem(NamedTuple):
    """What is wrong with one setting."""

    name: str
    #: A sentence: the setting, its value unless that is a secret, where it comes from, and what to write.
    text: str


class SettingsError(ConfigError):
    """Settings that cannot be: all of them, each with what to write instead.

    Args:
        problems: at least one.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        texts = [problem.text for problem in problems]
        super().__init__(
            texts[0] if len(texts) == 1 else "\n".join([f"{len(texts)} settings cannot be:", *texts])
        )


class RouteError(ConfigError):
    """A path, a name or a combination of routes that cannot work."""


class SignatureError(ConfigError):
    """A handler whose parameters or return type cannot be bound to HTTP."""


class SealedError(ConfigError):
    """Something was registered after the application began to serve."""


class MissingExtra(ConfigError, ImportError):
    """A feature needs an optional package; the message has the install command."""


class PolicyError(ConfigError, ValueError):
    """A policy that is not safe, or says nothing: of origins, hosts, security fields."""


class BodyNotRead(WadjetError, RuntimeError):
    """A synchronous body view was used before the body had arrived."""


class InvalidStatusError(WadjetError, ValueError):
    """``Error`` was given a status that is not an error's (view.py's name)."""


class ResponseValidationError(WadjetError, TypeError):
    """A handler returned what its route does not allow. The client sees a 500; the log says what it was."""


class SessionError(WadjetError):
    """A session was used in a way that cannot be."""


class SessionNotLoaded(SessionError, RuntimeError):
    """A session that is kept on the server was used before it was read."""


class SessionReadOnly(SessionError, RuntimeError):
    """A session was changed when its change could not be kept any more."""


class SessionTooLarge(SessionError, ValueError):
    """A session does not fit into a cookie."""


class SessionValueError(SessionError, TypeError):
    """A value that would not come back from a session as it is."""
