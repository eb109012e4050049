"""Frames and crops, kept on disk within limits."""

from digitcam.outputs.record.recorder import open_output

__all__ = ["open_output"]
