"""What is told over HTTP, as values that JSON can hold."""

from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from digitcam.outputs.base import Shot
from digitcam.reading import Digit, Reading, Reject
from digitcam.recognition.normalize import SIDE
from digitcam.state.shared import Live
from digitcam.system_info import temperature

CROPS = 64  # of one frame, at most, digits first: more are not looked at, and a page of text would be a megabyte


def to_json(values: object) -> bytes:
    """JSON in UTF-8; bytes become base64."""
    return msgspec.json.encode(values)


def detailed(reading: Reading) -> dict[str, Any]:
    """`Reading.as_dict()`, its first `CROPS` places with `probabilities` and `crop` (784 grey levels) where known.

    With labels other than digits, `labels` says which ones the probabilities are of.
    """
    values = reading.as_dict()
    found: list[Digit | Reject] = [*reading.digits, *reading.rejected]
    for place, entry in zip(found[:CROPS], (values["digits"] + values["rejected"])[:CROPS], strict=True):
        if place.crop is not None and place.probabilities is not None:
            entry["probabilities"] = [round(share, 4) for share in place.probabilities.tolist()]
            entry["crop"] = _small(place.crop).tobytes()
    if not reading.labels.are_digits:
        values["labels"] = list(reading.labels.texts)
    return values


def _small(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A crop of another size as one of 28x28: a page of large ones would be megabytes."""
    return (
        crop if crop.shape == (SIDE, SIDE) else np.asarray(cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    )


def frame(shot: Shot) -> dict[str, Any]:
    """What one frame says: `sequence` and `size` (width, height) go before its detailed reading."""
    height, width = shot.frame.image.shape
    return {"sequence": shot.frame.sequence, "size": [width, height], **detailed(shot.reading)}


def stats(live: Live) -> dict[str, Any]:
    """Counts and latencies of this run, the machine's temperature; costs milliseconds."""
    summary = live.stats.summary()
    return {
        "frames": summary.frames,
        "skipped": summary.skipped,
        "readings": summary.published,
        "seconds": round(summary.seconds, 1),
        "rate": round(summary.rate, 2),
        "latency": {
            stage: {name: round(ms, 3) for name, ms in of._asdict().items()} for stage, of in summary.latency.items()
        },
        "temperature_c": temperature(),
    }


def health(live: Live) -> dict[str, Any]:
    """Whether everything works, what the loop was asked for, and each part's state."""
    parts = live.health.parts()
    return {
        "ok": not any(part.state == "fault" for part in parts.values()),
        "paused": live.control.paused,
        "min_confidence": live.control.min_confidence,
        "parts": {
            name: {"state": part.state, "text": part.text, "since": part.since.isoformat(timespec="seconds")}
            for name, part in parts.items()
        },
    }
