"""Cohorts: a small language of steps, in TOML or in Python, that writes rows, periods and a flow chart."""

from __future__ import annotations

from openchronic.cohort.algebra import Facts, Plan
from openchronic.cohort.base import base_of
from openchronic.cohort.reading import read_file, recipe_of
from openchronic.cohort.result import Cohort, cohort_of
from openchronic.cohort.where import Where

__all__ = ["Cohort", "Facts", "Plan", "Where", "base_of", "cohort_of", "read_file", "recipe_of"]
