"""Faults of the test box: what a user sees meanwhile, how long it lasts, and what is lost."""
