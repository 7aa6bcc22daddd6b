"""Tests of the machine that a session runs on: ``python -m openchronic.selftest gpu``."""

from __future__ import annotations
