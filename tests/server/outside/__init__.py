"""Attacks from the outside: from the operator's machine, through the box's own link, each beside what must work."""
