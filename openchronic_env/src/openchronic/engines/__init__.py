"""The engines of a build: DuckDB on one machine, Spark beyond it. One SQL text for both."""

from openchronic.engines.engine import Engine, Order

__all__ = ["Engine", "Order"]
