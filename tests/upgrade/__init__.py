"""Upgrade and return: a box at one commit, brought to another and back, under an analyst at work."""
