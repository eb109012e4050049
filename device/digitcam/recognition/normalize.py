"""One found digit -> the 28x28 picture the network was trained on.

The recipe is MNIST's own (LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist): the digit is scaled into a
20x20 box with its aspect ratio kept, its grey levels stay (nothing is binarised), and its centre of mass is moved
to the centre of a 28x28 field. Training sends every picture through this same function.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.recognition import params

SIDE = 28
BOX = 20


def normalize(ink: NDArray[np.uint8], side: int = SIDE, box: int = BOX) -> NDArray[np.uint8]:
    """Scale, saturate and centre one digit.

    Args:
        ink: uint8 (height, width), 0 where there is no ink, larger where there is more; cropped to the digit's box.
        side: pixels of what is made.
        box: pixels that the digit's longer side takes of it.

    Returns:
        uint8 (side, side), bright ink on black, its centre of mass at the centre.

    Raises:
        ValueError: `ink` is empty or holds no ink at all.
    """
    height, width = ink.shape
    if not ink.size or not cv2.countNonZero(ink):
        raise ValueError(f"nothing to normalize: a {width}x{height} picture without ink")
    scale = box / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return _centre(_saturate(np.asarray(small, dtype=np.uint8)), side)


def crop_ink(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut a picture of bright ink on black to the box of its ink."""
    x, y, w, h = cv2.boundingRect((image > np.uint8(8)).astype(np.uint8))
    return image[y : y + h, x : x + w]


def crops_of(inks: Sequence[NDArray[np.uint8]], side: int = SIDE, box: int = BOX) -> NDArray[np.uint8]:
    """Normalize several digits: uint8 (n, side, side)."""
    return np.array([normalize(ink, side, box) for ink in inks], np.uint8).reshape(-1, side, side)


def fitted(crops: NDArray[np.uint8], side: int, box: int) -> NDArray[np.uint8]:
    """Normalize what was normalized already, uint8 (n, 28, 28), to another size: uint8 (n, side, side)."""
    return crops_of([crop_ink(crop) for crop in crops], side, box)


def _saturate(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch the ink so that its darkest tenth is 255.

    MNIST's strokes are saturated along their spine; a pencil's or a blurred camera's are not, and the network should
    not see the difference.
    """
    inked = np.sort(small[small > small.max() // 8], kind="stable")
    full = float(inked[int((1 - params.FULL) * (len(inked) - 1))])
    return np.asarray(cv2.convertScaleAbs(small, alpha=255 / full), dtype=np.uint8)


def _centre(small: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Paste the digit so that its centre of mass falls on the middle, by whole pixels, as in MNIST (measured)."""
    height, width = small.shape
    moments = cv2.moments(small)
    x, y = (round(side / 2 - moments[axis] / moments["m00"]) for axis in ("m10", "m01"))
    x, y = min(max(x, 0), side - width), min(max(y, 0), side - height)
    field = np.zeros((side, side), np.uint8)
    field[y : y + height, x : x + width] = small
    return field
