"""What was read, as it is published.

Fields that are given by keyword only come last, whichever class they stand in: what a subclass adds goes before them.
"""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from digitcam.wire.base import Count, Moment, Published, Share

Page = Annotated[int, Meta(ge=1, description="which of the file's pages, where it holds several")]
Box = Annotated[
    list[int], Meta(min_length=4, max_length=4, description="x, y of the top left corner, width, height; pixels")
]
Shares = Annotated[
    list[Share], Meta(description="of each class; what they lack of 1, or the last one of a reject, is that of none")
]
Crop = Annotated[bytes, Meta(description="28x28 grey levels, as the network saw them")]


class DigitRecord(Published, kw_only=True, frozen=True):
    """A digit that was read."""

    digit: Annotated[int, Meta(ge=0, le=9, description="0 to 9")] | UnsetType = UNSET
    label: Annotated[str, Meta(description="instead of it, where the model reads others than digits")] | UnsetType = (
        UNSET
    )
    confidence: Annotated[Share, Meta(description="its probability")]
    box: Box
    line: Annotated[Count, Meta(description="the line of text it belongs to, from 0 at the top")]
    probabilities: Shares | UnsetType = UNSET
    crop: Crop | UnsetType = UNSET


class RejectRecord(Published, kw_only=True, frozen=True):
    """A place that was found and not read."""

    reason: Annotated[str, Meta(description="why, in a few words")]
    confidence: Annotated[Share | None, Meta(description="the likeliest digit's, where the network was asked")]
    box: Box
    probabilities: Shares | UnsetType = UNSET
    crop: Crop | UnsetType = UNSET


class ReadingRecord(Published, kw_only=True, frozen=True):
    """What was read in one picture."""

    text: Annotated[str, Meta(description="the digits, one line of paper a line")]
    digits: Annotated[list[DigitRecord], Meta(description="in reading order")]
    rejected: list[RejectRecord]
    turn: Annotated[
        int,
        Meta(
            description="degrees by which the picture was turned to be read",
            extra_json_schema={"enum": [0, 90, 180, 270]},
        ),
    ]
    ms: Annotated[dict[str, float], Meta(description="latency of each stage, in milliseconds")]
    labels: (
        Annotated[list[str], Meta(description="what probabilities are of, where those are told and not of digits")]
        | UnsetType
    ) = UNSET


class PictureReading(ReadingRecord, frozen=True):
    """A line of `digitcam read --json`."""

    image: Annotated[str, Meta(description="the picture's file, as it was named")]
    page: Page | UnsetType = UNSET


class StableReading(ReadingRecord, frozen=True):
    """A reading that held still: a line of `digitcam run --json`."""

    time: Annotated[Moment, Meta(description="when the frame that settled it was captured")]
    sequence: Annotated[Count, Meta(description="that frame's number")]
    skipped: Annotated[Count, Meta(description="frames that were never read because a newer one had come")]
    image: Annotated[str, Meta(description="where the source is pictures: the file's name")] | UnsetType = UNSET
    page: Page | UnsetType = UNSET


class ReadingEvent(StableReading, tag_field="event_type", tag="reading", frozen=True):
    """The same as an event for MQTT; Home Assistant tells events by `event_type`."""


class DetailedReading(ReadingRecord, kw_only=True, frozen=True):
    """What was read in a picture that was sent, with what the network saw and said of its first places."""

    page: Page | UnsetType = UNSET


class FrameReading(ReadingRecord, frozen=True):
    """What one frame says, steady or not, likewise detailed."""

    sequence: Annotated[Count, Meta(description="the frame's number")]
    size: Annotated[list[int], Meta(min_length=2, max_length=2, description="width and height, pixels")]


class _Cropped(ReadingRecord, kw_only=True, frozen=True):
    crops: Annotated[dict[str, Box], Meta(description="each crop's file name, and where it was cut")]


class RecordedReading(_Cropped, frozen=True):
    """`reading.json` beside a frame that was recorded."""

    time: Annotated[Moment, Meta(description="when the frame was captured")]
    sequence: Annotated[Count, Meta(description="the frame's number")]
    stable: Annotated[str, Meta(description="the newest stable reading's text")]
