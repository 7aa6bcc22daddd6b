"""The orders of magnitude of the synthetic population, one CSV file per subject; see ``SOURCES.md``."""
