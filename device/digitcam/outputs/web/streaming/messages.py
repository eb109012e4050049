"""What open pages are told of a frame."""

from digitcam.outputs.base import ReadFrame
from digitcam.wire import FrameReading, to_wire

DETAILED = 64  # of one frame, at most, digits first: more are not looked at, and a page of text would be a megabyte


def frame_to_wire(read_frame: ReadFrame) -> FrameReading:
    """Tell what one frame says, with the crops of its first places."""
    height, width = read_frame.frame.image.shape
    return to_wire(
        FrameReading, read_frame.reading, detailed=DETAILED, sequence=read_frame.frame.sequence, size=[width, height]
    )
