"""What every room stands on: databases, limits, progress, locks, keys, texts of SQL."""
