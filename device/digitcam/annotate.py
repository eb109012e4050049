"""A frame with what was found drawn on it, and every crop as the network saw it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.normalize import SIDE
from digitcam.reading import Box, Digit, Reading, Reject

Picture = NDArray[np.uint8]

# blue, green, red
READ = (40, 150, 40)
REJECTED = (40, 60, 220)
PAPER = 255
LARGEST = 1600  # pixels on the longer side: enough to look at, whatever the camera's size
ENLARGE = 2
CELL_WIDTH = SIDE * ENLARGE + 24
CELL_HEIGHT = SIDE * ENLARGE + 40
FONT = cv2.FONT_HERSHEY_SIMPLEX


def annotate(image: Grey, reading: Reading) -> bytes:
    """Draw boxes, digits and crops.

    Args:
        image: the frame that was read, uint8 (height, width).
        reading: what was read in it: green where read, red with the reason where rejected.

    Returns:
        A PNG file's content.
    """
    scale = min(1.0, LARGEST / max(image.shape))
    shown = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    canvas = np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    for reject in reading.rejected:
        _mark(canvas, reject.box, scale, reject.reason, REJECTED)
    for digit in reading.digits:
        _mark(canvas, digit.box, scale, f"{digit.digit} {100 * digit.confidence:.0f}%", READ)
    strip = _strip(reading, max(canvas.shape[1], 4 * CELL_WIDTH))
    width = strip.shape[1]
    page = np.vstack([_padded(canvas, width), strip])
    return cv2.imencode(".png", page)[1].tobytes()


def _mark(canvas: Picture, box: Box, scale: float, text: str, colour: tuple[int, int, int]) -> None:
    x, y, w, h = (round(n * scale) for n in box)
    cv2.rectangle(canvas, (x, y), (x + w, y + h), colour, 1, cv2.LINE_AA)
    size = min(0.9, max(0.4, h / 120))
    cv2.putText(canvas, text, (x, max(y - 4, 12)), FONT, size, colour, 1, cv2.LINE_AA)


def _strip(reading: Reading, width: int) -> Picture:
    """The crops, as many to a row as fit: digits in reading order, then rejects that the network was asked about."""
    cells = [_cell(digit) for digit in reading.digits]
    cells += [_cell(reject) for reject in reading.rejected if reject.crop is not None]
    columns = max(1, width // CELL_WIDTH)
    rows = [_padded(np.hstack(cells[i : i + columns]), width) for i in range(0, len(cells), columns)]
    return np.vstack(rows) if rows else np.full((CELL_HEIGHT, width, 3), PAPER, np.uint8)


def _cell(found: Digit | Reject) -> Picture:
    cell = np.full((CELL_HEIGHT, CELL_WIDTH, 3), PAPER, np.uint8)
    if found.crop is None:
        return cell
    crop = cv2.resize(found.crop, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_NEAREST)
    cell[6 : 6 + crop.shape[0], 12 : 12 + crop.shape[1]] = crop[..., None]
    label, colour = (f"{found.digit}", READ) if isinstance(found, Digit) else ("no", REJECTED)
    text = f"{label} {100 * (found.confidence or 0):.0f}%"
    cv2.putText(cell, text, (12, CELL_HEIGHT - 14), FONT, 0.45, colour, 1, cv2.LINE_AA)
    return cell


def _padded(picture: Picture, width: int) -> Picture:
    missing = max(0, width - picture.shape[1])
    return np.pad(picture, ((0, 0), (0, missing), (0, 0)), constant_values=PAPER)
