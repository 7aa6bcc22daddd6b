"""Computations that go on in a session after the browser is closed: notebooks and scripts, each with its record."""

from openchronic.runs.launch import launch
from openchronic.runs.record import Run, listed

__all__ = ["Run", "launch", "listed"]
