"""What is still pending is said at the end of every run, not hidden in a table."""

from __future__ import annotations

import pytest

from tests.samples.catalogue import RECOVERED, SAMPLES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    samples = SAMPLES + RECOVERED
    pending = [sample for sample in samples if sample.waits_for]
    if pending:
        terminalreporter.section(f"{len(pending)} of {len(samples)} samples are pending")
        for sample in pending:
            terminalreporter.line(f"{sample.file:45} {sample.waits_for}")
