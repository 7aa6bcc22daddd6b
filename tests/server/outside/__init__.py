"""Attacks from outside, through the box's link, each with a similar request that works, as a control."""
