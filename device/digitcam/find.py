"""Where digits stand in a grey frame.

ink level -> connected components, each cut again at a threshold of its own -> printed lines removed -> strokes of one
digit merged -> what cannot be a digit rejected, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.blob import Blob
from digitcam.components import components
from digitcam.config import FindConfig
from digitcam.ink import measure
from digitcam.merge import TALL, mended, merge
from digitcam.reading import Box, Reject
from digitcam.reasons import TOO_WIDE, is_cut, is_inside, may_be_joined, parted, reason_against
from digitcam.usual import SMALL, usual_of

__all__ = ["Blob", "Found", "find"]

FAINT_LEVEL = 6.0  # of 255: compression and shading leave traces as strong as that
FAINTEST_LEVEL = 5.0  # likewise, when nothing stronger is there
COARSE = 2  # times smaller: for a second look, where the first finds nothing
ROUGH = 0.3  # of a digit's height: a speck of paper so large is not alone
SMALLEST_FRAME = 160  # pixels
OTHERS = 2  # digits wholly in the frame that say how high one that it cuts should be


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one frame, in no order.

    Attributes:
        blobs: where a digit may stand.
        rejected: what no digit can be, with the reason.
        wide: what is too wide for a digit but as high as one: perhaps several that touch, for `digitcam.joined`.
            Each of them is among the rejected too.
    """

    blobs: Sequence[Blob]
    rejected: Sequence[Reject]
    wide: Sequence[Blob] = ()


def find(grey: NDArray[np.uint8], config: FindConfig) -> Found:
    """Find where digits may stand.

    Args:
        grey: uint8 (height, width).
        config: polarity and lowest digit.
    """
    found = _look(grey, config, FAINT_LEVEL)
    if found.blobs or min(grey.shape) < COARSE * SMALLEST_FRAME:
        return found
    # ink fainter than the noise of single pixels shows where several make one, and an underline may come off its digits
    coarse = cv2.resize(grey, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    again = _look(np.asarray(coarse, dtype=np.uint8), config, FAINTEST_LEVEL)
    if not again.blobs or _is_texture(again):
        return found
    rejected = [Reject(_enlarged(reject.box), reject.reason) for reject in again.rejected]
    return Found([_larger(b) for b in again.blobs], rejected, [_larger(b) for b in again.wide])


def _is_texture(found: Found) -> bool:
    """Whether it is the paper that was found: specks of all sizes, few of which would do for digits."""
    heights = [blob.box.h for blob in found.blobs]
    specks = sum(max(reject.box.w, reject.box.h) > ROUGH * min(heights) for reject in found.rejected)
    return specks > len(heights)


def _enlarged(box: Box) -> Box:
    return Box(*(COARSE * n for n in box))


def _larger(blob: Blob) -> Blob:
    box = _enlarged(blob.box)
    ink = cv2.resize(blob.ink, (box.w, box.h), interpolation=cv2.INTER_LINEAR)
    return Blob(box, np.asarray(ink, dtype=np.uint8), blob.strength)


def _look(grey: NDArray[np.uint8], config: FindConfig, faintest: float) -> Found:
    """Find at the frame's own size; `faintest` is the least level of ink that a clean picture would show."""
    ink = measure(grey, config.polarity)
    smallest = max(4.0, config.min_height * min(grey.shape))
    inside, around = parted(components(ink, smallest / 3, faintest), smallest)
    inside = mended(inside, max(smallest / 2, SMALL * usual_of(inside, grey.shape)[0]))
    usual = usual_of(inside, grey.shape)
    blobs = merge(inside, usual[0])
    kept: list[Blob] = []
    rejected = [Reject(blob.box, "surrounds others") for blob in around]
    wide: list[Blob] = []
    inner = [blob.box for blob in blobs if is_inside(blob.box, grey.shape) and blob.box.h > TALL * usual[0]]
    for blob in blobs:
        reason = reason_against(blob, grey.shape, smallest, usual)
        if not reason and len(inner) >= OTHERS and is_cut(blob, grey.shape, usual[0]):
            reason = "cut by the frame's edge"
        if reason:
            rejected.append(Reject(blob.box, reason))
        else:
            kept.append(blob)
        if reason == TOO_WIDE and may_be_joined(blob, usual[0]):
            wide.append(blob)
    return Found(kept, rejected, wide)
