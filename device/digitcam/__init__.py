"""Reads handwritten digits from a camera, on a Raspberry Pi or any Linux machine."""

__version__ = "0.1.0"
