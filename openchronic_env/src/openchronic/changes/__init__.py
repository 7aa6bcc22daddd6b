"""What differs between two releases of a base: told by ``diff``, kept in the manifest by a build."""

from __future__ import annotations

from openchronic.changes.comparing import compare
from openchronic.changes.telling import tell

__all__ = ["compare", "tell"]
