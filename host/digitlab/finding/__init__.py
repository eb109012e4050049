"""The network that finds: what it learns from, its training, its conversion and how it is measured."""
