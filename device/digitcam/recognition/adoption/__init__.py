"""A model that reads is taken up: opened with its card, or tried on shipped digits where it has none."""
