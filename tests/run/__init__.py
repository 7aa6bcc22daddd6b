"""How `python -m tests` runs the tests: which ones, beside what, and what it reports."""
