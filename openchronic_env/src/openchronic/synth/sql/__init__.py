"""The models of the synthetic extraction: one SQL file each, parameters as DuckDB variables."""
