"""A synthetic SNDS extraction in the delivered layout, with the traps of the real one, counted.

The population is plausible in its orders of magnitude and describes nobody.
"""
