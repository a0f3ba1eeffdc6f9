"""What slow clients, aborted transfers, restarts and load over time cost. Run it as ``python -m benchmarks.faults``."""

from __future__ import annotations

__all__: list[str] = []
