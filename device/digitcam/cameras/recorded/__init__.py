"""Recorded sources: videos, and folders of pictures."""
