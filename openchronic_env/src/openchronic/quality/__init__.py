"""Checks of a release: rows of a CSV, measured at every publish and on demand."""
