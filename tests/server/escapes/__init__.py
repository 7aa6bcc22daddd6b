"""Attacks from inside a session, tried for real: each beside something alike that works."""
