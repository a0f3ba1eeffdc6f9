"""What a developer is shown of a crash: a page, a text, a document. Loaded by the first crash in development, and never else."""

from __future__ import annotations

__all__: list[str] = []
