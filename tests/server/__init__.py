"""Tests on a booted test box: in normal operation, under attack, and after faults."""
