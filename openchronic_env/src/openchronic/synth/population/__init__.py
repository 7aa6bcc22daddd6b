"""Orders of magnitude of the synthetic population, one CSV file a subject; see ``SOURCES.md``."""
