"""What nobody may see or guess: errors with their source, and the key that signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..middleware.csrf import CSRFMiddleware
from ..middleware.session import SessionMiddleware
from ..sessions.sealed import SealedSessions
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS", "weakness_of"]

#: RFC 2104 §3: a key shorter than the hash is weaker than it.
_LEAST_LENGTH = 32
#: Random text of that length has at least twice as many.
_LEAST_DIFFERENT = 10
_WORDS = re.compile(
    r"secret|change.?(?:me|it|this)|insecure|example|password|default|qwert|your[-_ ]|dummy|placeholder",
    re.IGNORECASE,
)


def environment(inspected: Inspected) -> Iterator[Finding]:
    """Look whether this is production."""
    if inspected.settings.environment != "production":
        yield found("environment", f"WADJET_ENV is {inspected.settings.environment}")
    if inspected.settings.DEBUG:
        yield found("debug-on", inspected.said("DEBUG"))


def secret_key(inspected: Inspected) -> Iterator[Finding]:
    """Look at each key."""
    given = inspected.settings.SECRET_KEY
    keys = [given] if isinstance(given, str) else list(given)
    is_sealing = any(isinstance(made.sessions, SealedSessions) for made in inspected.every(SessionMiddleware))
    if not any(keys) and (is_sealing or inspected.every(CSRFMiddleware)):
        yield found("secret-key-missing", "there is no SECRET_KEY, and middleware signs")
    source = inspected.settings.source("SECRET_KEY")
    for place, key in enumerate(keys, 1):
        weakness = weakness_of(key) if key else None
        if weakness is not None:
            which = f"key {place} of SECRET_KEY" if len(keys) > 1 else "SECRET_KEY"
            yield found("secret-key-weak", f"{which} from {source} {weakness}")


def weakness_of(key: str) -> str | None:
    """Say what makes a key easy to guess; None where nothing does."""
    if len(key) < _LEAST_LENGTH:
        return f"has less than {_LEAST_LENGTH} characters"
    if len(set(key)) < _LEAST_DIFFERENT:
        return f"has less than {_LEAST_DIFFERENT} different characters"
    if _WORDS.search(key):
        return "has a word in it that stands in examples"
    return None


CHECKS = (environment, secret_key)
