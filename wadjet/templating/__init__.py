"""Templates become text. The only room that names Jinja2; ``http/`` describes what it renders."""

from __future__ import annotations

from .search import TemplateMissing
from .templates import Templates

__all__ = ["TemplateMissing", "Templates"]
