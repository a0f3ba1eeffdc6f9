"""Throttles: how often a client may ask for the routes that list one, as ``throttle_classes``."""

from __future__ import annotations

import re
from typing import ClassVar

from ..errors import ConfigError
from .ratekeys import KeyFunction
from .ratepolicy import RatePolicy

__all__ = ["AnonRateThrottle", "Throttle", "UserRateThrottle"]

_RATE = re.compile(r"(\d+) */ *(\d*) *([a-z]+)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WORDS = {
    word: letter
    for letter, words in {
        "s": ("s", "sec", "second", "seconds"),
        "m": ("m", "min", "minute", "minutes"),
        "h": ("h", "hour", "hours"),
        "d": ("d", "day", "days"),
    }.items()
    for word in words
}


class Throttle:
    """So many requests of one client in any window: subclass it, and say a ``rate``. Routes that list the class share it."""

    #: ``5/minute``, ``100/hour``, ``10/30 seconds``.
    rate: ClassVar[str] = ""
    #: Who is counted, as :class:`~wadjet.middleware.RatePolicy` takes it.
    by: ClassVar[str | KeyFunction] = "ip"

    @classmethod
    def policy(cls) -> RatePolicy:
        """Return the policy.

        Raises:
            ConfigError: the rate is none.
        """
        found = _RATE.fullmatch(cls.rate)
        letter = None if found is None else _WORDS.get(found[3])
        if found is None or letter is None:
            raise ConfigError(
                f"{cls.__qualname__}.rate={cls.rate!r} is no rate; write one, as rate = '5/minute'"
            )
        window = int(found[2] or 1) * _SECONDS[letter]
        # A function that stands in the class is no method.
        by = vars(cls).get("by", cls.by)
        return RatePolicy(int(found[1]), window, getattr(by, "__func__", by), name=cls.__name__)


class AnonRateThrottle(Throttle):
    """Counts who is not known, by address; nobody else."""

    by = "anon"


class UserRateThrottle(Throttle):
    """Counts each user; who is not known, by address."""

    by = "user"
