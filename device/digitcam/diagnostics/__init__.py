"""Checking and measuring: what is wrong here and what to do, and what reading costs."""
