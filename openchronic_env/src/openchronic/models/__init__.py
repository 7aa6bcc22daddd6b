"""The models that turn delivered tables into a release, by subject, and the dependency graph of them."""
