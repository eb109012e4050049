"""Machines: how to reach them, what they are, how they are."""
