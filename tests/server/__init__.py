"""Tests on a booted test box: what the server promises, and what it does when it is broken."""
