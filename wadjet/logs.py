"""The loggers of the framework, by name, in one place."""

from __future__ import annotations

import logging

__all__ = ["errors", "lifecycle", "settings"]

#: Crashes, one record each, with the error's id.
errors = logging.getLogger("wadjet.error")
#: Startup, shutdown, what was sealed.
lifecycle = logging.getLogger("wadjet.lifecycle")
#: What was read from where.
settings = logging.getLogger("wadjet.settings")
