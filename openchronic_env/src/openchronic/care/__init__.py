"""Sequences of care of a cohort: contacts, who follows whom, and where a subject is each month; and the shapes that the
tools of sequence analysis read."""

from __future__ import annotations

from openchronic.care.nodes import Node, read_nodes
from openchronic.care.session import Care, care_of

__all__ = ["Care", "Node", "care_of", "read_nodes"]
