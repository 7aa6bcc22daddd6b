"""Specs that every engine must fulfil: small tables, one expression each, the expected answers.

A spec is a paragraph of a text file beside this module::

    # what it shows
    day DATE   | n BIGINT
    2020-02-28 | 2
               | 2
    each> add_days(day, n)
    2020-03-01
    NULL

``each>``: one answer per line, in order. ``all>``: one answer for all lines. An empty cell is NULL.
"""

from openchronic.engines.specs.reading import Spec, load_specs, spec_files
from openchronic.engines.specs.running import DUCKDB, SPARK, functions, query

__all__ = ["DUCKDB", "SPARK", "Spec", "functions", "load_specs", "query", "spec_files"]
