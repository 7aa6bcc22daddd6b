"""Compares two releases of a base: ``diff`` prints the changes, a build keeps them in the manifest."""

from __future__ import annotations

from openchronic.changes.comparing import compare
from openchronic.changes.telling import tell

__all__ = ["compare", "tell"]
