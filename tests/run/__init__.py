"""The runner of `python -m tests`: selects the tests, runs them in parallel, and reports the results."""
