"""What was promised, and where it is to go: numbers only. Ratios are of CPU time per request within one run; more is better."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ASGI",
    "ASGI_SCENARIOS",
    "BROADCAST",
    "LATENCY",
    "LIMITS_US",
    "OWN_CALLS",
    "PROMISES",
    "ROW",
    "SOCKET_MEMORY",
    "Promise",
]


class Promise(NamedTuple):
    """One scenario on the fast lane, on CPython 3.11.

    Args:
        floor: the bare protocol's cost as a share of ours; None where nothing was promised.
        floor_aim: where that is to go.
        peer: the best peer's cost as a multiple of ours.
        peer_aim: where that is to go.
    """

    floor: float | None
    floor_aim: float | None
    peer: float
    peer_aim: float


#: By the key of the scenario.
PROMISES = {
    "S1": Promise(0.56, 0.72, 1.7, 2.5),
    "S2": Promise(0.63, 0.77, 1.8, 2.5),
    "S3": Promise(0.60, 0.75, 1.6, 2.2),
    "S4": Promise(0.88, 0.97, 1.6, 2.5),
    "S5": Promise(0.55, 0.73, 3.0, 4.5),
    "S6": Promise(0.92, 1.8, 1.1, 2.2),
    "S7": Promise(0.75, 0.90, 2.0, 2.4),
    "S7n": Promise(0.62, 0.85, 1.5, 2.0),
    "S8": Promise(None, None, 2.5, 4.0),
    "S9": Promise(0.38, 0.50, 1.8, 2.5),
}

#: The bare callable's cost as a share of ours on the ASGI lane, on the same server.
ASGI = 0.85
ASGI_SCENARIOS = ("S1", "S2", "S3")

#: The most that a latency of the fast lane may be of the bare protocol's, with 8 connections.
LATENCY = 1.5

#: The most that limits and timers may cost, in CPU microseconds for a request.
LIMITS_US = 0.3

#: The most calls of our own functions for a typed path on the ASGI lane.
OWN_CALLS = 14

#: The least that the page of fortunes costs every peer with SQLAlchemy, as a multiple of ours.
PAGE = 1.0

#: The most that a row by its key may cost, as a multiple of plain SQLAlchemy on the same connection.
ROW = 1.25

#: The most that telling something to all WebSockets may cost, as a multiple of a bare ``websockets`` server.
BROADCAST = 2.0

#: The most memory of an idle WebSocket, as a multiple of a bare ASGI socket on uvicorn without compression.
SOCKET_MEMORY = 1.3
