"""From what was read to what is published, and from there to JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import UNSET

from digitcam.wire.base import Published
from digitcam.wire.readings import DigitRecord, ReadingRecord, RejectRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from digitcam.frame import Origin
    from digitcam.labels import Labels
    from digitcam.reading import Digit, Reading, Reject

R = TypeVar("R", bound=ReadingRecord)

SIDE = 28  # pixels of a published crop


def to_wire(
    kind: type[R],
    reading: "Reading",
    *,
    classes: bool = False,
    detailed: int = 0,
    origin: "Origin | None" = None,
    **more: Any,  # noqa: ANN401  # the kind's own fields
) -> R:
    """Make a published reading.

    Args:
        kind: its shape.
        reading: what was read.
        classes: whether each digit tells its probabilities.
        detailed: of so many places, digits first, what the network saw and said is told.
        origin: the picture, where it was one.
        more: the further fields of that shape.
    """
    first = len(reading.digits)
    if not reading.labels.are_digits and (classes or detailed):
        more |= {"labels": list(reading.labels.texts)}
    if origin:
        more |= {"image": origin.file, "page": origin.page or UNSET}
    return kind(
        text=reading.text,
        digits=[
            _digit(digit, reading.labels, classes=classes, crop=n < detailed) for n, digit in enumerate(reading.digits)
        ],
        rejected=[_reject(reject, crop=n < detailed) for n, reject in enumerate(reading.rejected, first)],
        turn=reading.turn,
        ms={stage: round(ms, 3) for stage, ms in reading.ms.items()},
        **more,
    )


def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_json(values: Published | Mapping[str, Any]) -> bytes:
    """Encode in as few bytes as possible; bytes become base64."""
    return msgspec.json.encode(values)


def to_line(values: Published, indent: int | None = None) -> str:
    """Encode as Python's own encoder does, which is how lines on stdout and recordings have always been written."""
    return json.dumps(msgspec.to_builtins(values), indent=indent)


def _digit(digit: "Digit", labels: "Labels", *, classes: bool, crop: bool) -> DigitRecord:
    return DigitRecord(
        digit=digit.digit if labels.are_digits else UNSET,
        label=UNSET if labels.are_digits else digit.label,
        confidence=round(digit.confidence, 4),
        box=list(digit.box),
        line=digit.line,
        probabilities=_shares(digit.probabilities.tolist()) if classes or crop else UNSET,
        crop=_grey_levels(digit.crop) if crop else UNSET,
    )


def _reject(reject: "Reject", *, crop: bool) -> RejectRecord:
    known = crop and reject.crop is not None and reject.probabilities is not None
    return RejectRecord(
        reason=reject.reason,
        confidence=None if reject.confidence is None else round(reject.confidence, 4),
        box=list(reject.box),
        probabilities=_shares(reject.probabilities.tolist()) if known else UNSET,  # type: ignore[union-attr]
        crop=_grey_levels(reject.crop) if known else UNSET,  # type: ignore[arg-type]
    )


def _grey_levels(crop: "NDArray[np.uint8]") -> bytes:
    """Give 28x28 of them, whatever size the network saw: a page of larger ones would be megabytes."""
    if crop.shape != (SIDE, SIDE):
        import cv2  # which only a model of one's own takes here

        return cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA).tobytes()
    return crop.tobytes()


def _shares(probabilities: Sequence[float]) -> list[float]:
    return [round(share, 4) for share in probabilities]
