"""Programs in themselves, handed to a machine's Python to look at it: what it is, how its service is."""
