"""What open pages are told of a frame."""

from digitcam.outputs.base import Shot
from digitcam.wire import FrameReading, to_wire

DETAILED = 64  # of one frame, at most, digits first: more are not looked at, and a page of text would be a megabyte


def frame_to_wire(shot: Shot) -> FrameReading:
    """Tell what one frame says, with the crops of its first places."""
    height, width = shot.frame.image.shape
    return to_wire(FrameReading, shot.reading, detailed=DETAILED, sequence=shot.frame.sequence, size=[width, height])
