"""Content Security Policy, written once: as a text, or as two halves with a nonce between (CSP Level 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..errors import PolicyError

__all__ = ["NONCE", "ContentPolicy", "Directives"]

#: Directives by name; the value is what they allow, as text or one by one.
Directives = Mapping[str, str | Iterable[str]]

#: Stands, in a policy, for the nonce of the request.
NONCE = "'nonce'"
_NAME = re.compile(r"[A-Za-z0-9-]+")


class ContentPolicy:
    """A policy.

    Args:
        policy: its text, or its directives. The source ``'nonce'`` stands for the nonce of the request.
        what: which policy, named in errors.
        report_to: a path that reports go to.

    Raises:
        PolicyError: a text that no field can have, or a directive without a name.
    """

    __slots__ = ("_parts", "has_nonce", "text")

    def __init__(self, policy: str | Directives, what: str, report_to: str | None = None) -> None:
        text = policy if isinstance(policy, str) else _written(policy, what)
        text = text.strip().rstrip(";")
        if report_to is not None:
            text = f"{text}; report-uri {report_to}; report-to csp"
        if not text.isascii() or not text.isprintable():
            raise PolicyError(f"{what}: {text!r:.80} has a character that no policy has; percent-encode it")
        self._parts = text.split(NONCE)
        self.has_nonce = len(self._parts) > 1
        #: What is sent where no nonce was asked for.
        self.text = "; ".join(_without_nonce(directive) for directive in text.split(";"))

    def with_nonce(self, nonce: str) -> bytes:
        """Return the policy that allows what has this nonce.

        Args:
            nonce: in base64.
        """
        return f"'nonce-{nonce}'".join(self._parts).encode()


def _written(directives: Directives, what: str) -> str:
    return "; ".join(_directive(name, value, what) for name, value in directives.items())


def _directive(name: str, value: str | Iterable[str], what: str) -> str:
    # SECURITY: a semicolon would begin another directive, a comma another policy.
    name = name.replace(";", "").strip()
    sources = (value if isinstance(value, str) else " ".join(value)).replace(";", "").split()
    if not _NAME.fullmatch(name):
        raise PolicyError(f"{what}: {name!r} is the name of no directive; write one, as 'default-src'")
    if any("," in source for source in sources):
        raise PolicyError(f"{what}: write %2C for the comma in {name} {' '.join(sources)!r}")
    return " ".join([name, *sources])


def _without_nonce(directive: str) -> str:
    """Return a directive without the nonce; one that allows nothing else allows nothing."""
    words = [word for word in directive.strip().split(" ") if word]
    kept = [word for word in words if word != NONCE]
    return " ".join([*kept, "'none'"] if len(kept) == 1 < len(words) else kept)
