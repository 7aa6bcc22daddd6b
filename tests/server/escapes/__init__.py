"""Attacks from inside a session, each with a similar action that works, as a control."""
