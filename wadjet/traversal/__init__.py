"""Traversal: a path is the way through a tree of resources, and the last of them has views (Pyramid)."""

from __future__ import annotations

from .acl import ALL_PERMISSIONS, DENY_ALL, Allow, Authenticated, Deny, Everyone, permits, principals_of
from .resources import DefaultRoot, lineage, traverse
from .views import view_config

__all__ = [
    "ALL_PERMISSIONS",
    "DENY_ALL",
    "Allow",
    "Authenticated",
    "DefaultRoot",
    "Deny",
    "Everyone",
    "lineage",
    "permits",
    "principals_of",
    "traverse",
    "view_config",
]
