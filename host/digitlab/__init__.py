"""Trains, quantizes, measures and ships the model that digitcam reads with."""

__version__ = "0.1.0"
