"""Passwords as arithmetic: argon2id, what was hashed, and whether it should be hashed again (RFC 9106). It blocks for long."""

from __future__ import annotations

import contextlib
import functools
import secrets

from ..errors import ConfigError, MissingExtra

__all__ = ["MOST_BYTES", "Argon2"]

#: SECURITY: nobody has a longer password; what takes more is sent to keep processors busy.
MOST_BYTES = 1024


class Argon2:
    """Hashes passwords with argon2id, and checks them.

    Args:
        time_cost: how often it goes over the memory.
        memory_cost: in KiB.
        parallelism: lanes of one hash.

    The defaults are OWASP's: 19 MiB, twice over.

    Raises:
        MissingExtra: argon2-cffi is not installed.
        ConfigError: parameters that argon2 does not take.
    """

    def __init__(self, time_cost: int = 2, memory_cost: int = 19_456, parallelism: int = 1) -> None:
        try:
            import argon2  # an extra: loaded when it is used
        except ImportError as missing:
            raise MissingExtra('passwords need argon2-cffi: pip install "wadjet[auth]"') from missing
        try:
            self._hasher = argon2.PasswordHasher(time_cost, memory_cost, parallelism)
            self._hasher.hash("")
        except (TypeError, argon2.exceptions.HashingError) as error:
            raise ConfigError(f"argon2 does not take these parameters: {error}") from error
        self._mismatch = argon2.exceptions.VerifyMismatchError
        self._mistakes = (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError)

    def hash(self, password: str) -> str:
        """Return what is kept of a password: the algorithm, its parameters, a salt and the hash.

        Raises:
            ValueError: it has more than 1024 bytes.
        """
        if len(_bytes(password)) > MOST_BYTES:
            raise ValueError(f"a password has at most {MOST_BYTES} bytes")
        return self._hasher.hash(_bytes(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one that was hashed.

        Args:
            kept: what :meth:`hash` returned; None where there is none, which costs as much as where there is one.
            password: what was given.
        """
        given = _bytes(password)
        if kept and len(given) <= MOST_BYTES:
            try:
                return self._hasher.verify(kept, given)
            except self._mismatch:
                return False
            except self._mistakes:
                pass  # what is kept is no hash of argon2
        # SECURITY: nobody costs what somebody does (CVE-2024-39329).
        with contextlib.suppress(self._mismatch):
            self._hasher.verify(self._nobodys, given[:MOST_BYTES])
        return False

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than these."""
        return self._hasher.check_needs_rehash(kept)

    @functools.cached_property
    def _nobodys(self) -> str:
        """A hash of what nobody knows."""
        return self._hasher.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
