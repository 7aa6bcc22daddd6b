"""What all other packages build on: databases, limits, progress, locks, keys, SQL functions."""
