"""Sessions: what a site remembers of one client between its requests, in a signed cookie or on the server."""

from __future__ import annotations

from .policy import SessionPolicy
from .record import Record, SessionInfo
from .sealed import SealedSessions
from .session import Session
from .stored import StoredSessions

__all__ = ["Record", "SealedSessions", "Session", "SessionInfo", "SessionPolicy", "StoredSessions"]
