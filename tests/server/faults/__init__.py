"""The test box is broken on purpose: what a user sees meanwhile, how long it lasts, and that nothing is lost."""
