"""Why a blob cannot be a digit."""

from collections.abc import Callable, Sequence

import numpy as np

from digitcam.blob import Blob, thickness
from digitcam.merge import TALL
from digitcam.reading import Box
from digitcam.usual import FAINT, SLENDER, SMALL, WIDEST, lies_along_edge

SURROUNDED = 2  # a digit may hold a speck, but not two blobs as high as digits
FAINT_LINE = 0.6  # likewise for a bare straight stroke, which the rest of a printed rule leaves behind
THICKEST = 0.45  # stroke width / height; thicker is a filled blob or a smudge
TOO_WIDE = "too wide"
JOINED = 12.0  # width / height of what may be a whole line of digits that touch
CUT = 0.6  # of the usual digit height: a blob that is lower and reaches the frame's upper or lower edge goes on beyond
CUT_SLIM = 0.45  # likewise, its width at the left or right edge
LINE = 1.8  # of the page's usual digit height: a bare straight stroke longer than this is no 1


def reason_against(blob: Blob, shape: tuple[int, ...], smallest: float, usual: tuple[float, float]) -> str:
    """Why a blob cannot be a digit; empty if it may be one."""
    height, strength = usual
    _, _, w, h = blob.box
    tests: dict[str, Callable[[], bool]] = {
        "lies along the frame's edge": lambda: lies_along_edge(blob, shape),
        "too small": lambda: max(h, w / WIDEST) < max(smallest, SMALL * height),
        TOO_WIDE: lambda: w > WIDEST * h,
        "too faint beside the others": lambda: blob.strength < FAINT * strength,
        "a line": lambda: w < SLENDER * h and (h > LINE * height or blob.strength < FAINT_LINE * strength),
        "a filled blob": lambda: thickness(blob) > THICKEST * h,
    }
    return next((reason for reason, test in tests.items() if test()), "")


def may_be_joined(blob: Blob, usual: float) -> bool:
    """Whether a blob may be a row of digits that touch: as high as one, and drawn with a pen."""
    _, _, w, h = blob.box
    return h > TALL * usual and w < JOINED * max(h, usual) and thickness(blob) < THICKEST * h


def is_inside(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a box does not reach the edge of a frame of that shape."""
    return box.x > 1 and box.y > 1 and box.x + box.w < shape[1] - 1 and box.y + box.h < shape[0] - 1


def is_cut(blob: Blob, shape: tuple[int, ...], usual: float) -> bool:
    """Whether the frame's edge cuts half of a blob off: it is low for a digit, or slim and leaves by two strokes."""
    x, y, w, h = blob.box
    if y <= 1 or y + h >= shape[0] - 1:
        return h < CUT * usual
    edges = [blob.ink[:, :2]] * (x <= 1) + [blob.ink[:, -2:]] * (x + w >= shape[1] - 1)
    leaving = [np.count_nonzero(np.diff(edge.any(axis=1).astype(np.int8), prepend=0) > 0) for edge in edges]
    return w < CUT_SLIM * usual and max(leaving, default=0) > 1


def parted(blobs: Sequence[Blob], smallest: float) -> tuple[list[Blob], list[Blob]]:
    """Blobs, and those that no digit can be since they surround others: edges of sheets and cells of tables."""
    tall = [blob for blob in blobs if blob.box.h >= smallest]
    around = [blob for blob in tall if sum(_surrounds(blob, other) for other in tall) >= SURROUNDED]
    return [blob for blob in blobs if blob not in around], around


def _surrounds(blob: Blob, other: Blob) -> bool:
    a, b = blob.box, other.box
    within = a.x < b.x and a.y < b.y and b.x + b.w < a.x + a.w and b.y + b.h < a.y + a.h
    return within and other.strength > 0.5 * blob.strength
