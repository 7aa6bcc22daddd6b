"""Generates a synthetic SNDS extraction in the delivered layout, and counts the traps planted in it.

The population is plausible in its orders of magnitude and describes nobody.
"""
