"""A frame with what was found drawn on it: what was read, what was rejected and why, and what the network saw."""

from collections import Counter
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.labels import Labels
from digitcam.reading import Box, Digit, Reading, Reject
from digitcam.recognition.normalize import SIDE

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

# blue, green, red
READ = (40, 140, 20)
REASONS = ((40, 40, 225), (0, 125, 245), (190, 50, 190), (30, 90, 160), (0, 185, 230), (150, 110, 250))
INK, FAINT, PAPER = (40, 40, 40), (170, 170, 170), (255, 255, 255)
SMALLEST, LARGEST = 960, 1600  # pixels on the longer side: enough to look at, whatever the camera's size
VEIL = 0.2  # of white over the frame, before which thin lines in colour show
PAD = 12
LONGEST_TEXT = 90  # characters: more would be too small to read
SMALLEST_TEXT = 0.35  # of OpenCV's letters: what can still be read
SHRINK = 0.95  # tried in steps: OpenCV 5's letters have whole pixels, their width is not in proportion to their size
LINE = 26
CROP = 2 * SIDE
BAR_WIDTH, BAR_HEIGHT = 7, CROP - 12
BARS = 11  # the likeliest ten, and that it is none of them
CELL_WIDTH, CELL_HEIGHT = CROP + BARS * BAR_WIDTH + 2 * PAD, CROP + LINE + 4
MOST_READ, MOST_REJECTED = 60, 24  # cells; the rest is counted
CROWDED = 0.3  # share of a label that boxes may cover
BUSY = 25  # standard deviation of the grey levels behind a label, above which it would hide something
FONT = cv2.FONT_HERSHEY_SIMPLEX


def annotate(image: Grey, reading: Reading) -> bytes:
    """Give what `draw` draws, as a PNG file's content."""
    return cv2.imencode(".png", draw(image, reading))[1].tobytes()


def draw(image: Grey, reading: Reading) -> Picture:
    """Draw what was read in green, and what was rejected in a colour for each reason.

    Below the frame stands what the network was asked about: its crop, its probabilities and the verdict.

    Args:
        image: the frame that was read, uint8 (height, width).
        reading: what was found in it.

    Returns:
        uint8 (height, width, 3): blue, green, red.
    """
    counts = Counter(reject.reason for reject in reading.rejected).most_common()
    colours = {reason: REASONS[i % len(REASONS)] for i, (reason, _) in enumerate(counts)}
    frame = _frame(image, reading, colours)
    width = max(SMALLEST, frame.shape[1])
    key = [(f"read: {len(reading.digits)}", READ), *((f"{reason}: {n}", colours[reason]) for reason, n in counts)]
    parts = [_head(reading, width), frame, _legend(key, width), *_cells(reading, colours, width)]
    return np.vstack([_padded(part, width) for part in parts])


def _frame(image: Grey, reading: Reading, colours: dict[str, Colour]) -> Picture:
    """Lighten the frame, and draw boxes and labels on it."""
    longest = max(image.shape)
    scale = min(max(longest, SMALLEST), LARGEST) / longest
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = [max(1, round(side * scale)) for side in image.shape[::-1]]
    veiled = (1 - VEIL) * cv2.resize(image, size, interpolation=how).astype(np.float32) + VEIL * 255
    canvas = np.asarray(cv2.cvtColor(veiled.astype(np.uint8), cv2.COLOR_GRAY2BGR), dtype=np.uint8)

    marks = [(_scaled(reject.box, scale), colours[reject.reason], 1) for reject in reading.rejected]
    marks += [(_scaled(digit.box, scale), READ, 2) for digit in reading.digits]
    for (x, y, w, h), colour, thickness in marks:
        cv2.rectangle(canvas, (x, y), (x + w, y + h), colour, thickness)
    boxed = np.zeros(canvas.shape[:2], bool)
    labelled = np.zeros_like(boxed)
    for box in [*(digit.box for digit in reading.digits), *(reject.box for reject in reading.asked)]:
        x, y, w, h = _scaled(box, scale)
        boxed[max(y, 0) : y + h, max(x, 0) : x + w] = True
    for digit in reading.digits:
        texts = f"{digit.label} {100 * digit.confidence:.0f}%", digit.label
        _label(canvas, _scaled(digit.box, scale), texts, READ, (boxed, labelled))
    for number, reject in enumerate(reading.asked[:MOST_REJECTED], 1):
        _label(canvas, _scaled(reject.box, scale), (f"#{number}",), colours[reject.reason], (boxed, labelled))
    # white paper would run into the white around it
    return np.asarray(cv2.copyMakeBorder(canvas, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=FAINT), dtype=np.uint8)


def _label(
    canvas: Picture, box: Box, texts: Sequence[str], colour: Colour, taken: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> None:
    """Write the first text for which there is room beside the box: on plain paper, not on boxes or other labels."""
    boxed, labelled = taken
    size = float(np.clip(box.h / 90, 0.42, 0.7))
    for text in texts:
        (w, h), _ = cv2.getTextSize(text, FONT, size, 1)
        w, h = w + 4, h + 6
        right, low = box.x + box.w + 2, box.y + box.h + 2
        places = [(box.x, box.y - h - 1), (box.x, low), (right, box.y), (box.x - w - 2, box.y), (right, low - h)]
        for x, y in places:
            area = np.s_[y : y + h, x : x + w]
            inside = 0 <= x <= canvas.shape[1] - w and 0 <= y <= canvas.shape[0] - h
            free = inside and not labelled[area].any() and boxed[area].mean() < CROWDED
            if free and canvas[area].std() < BUSY:
                labelled[area] = True
                canvas[area] = canvas[area] // 4 + np.uint8(191)
                _write(canvas, text, (x + 2, y + h - 3), colour, size)
                return


def _head(reading: Reading, width: int) -> Picture:
    """Write what was read, as large as fits, and how long that took."""
    strip = _blank(2 * LINE + PAD, width)
    room = width - 2 * PAD
    text = _cut(" / ".join(reading.text.split("\n")) or reading.labels.nothing, room)
    _write(strip, text, (PAD, LINE), READ if reading.digits else INK, _fitting(text, room, 0.9))
    ms = ", ".join(f"{stage} {reading.ms[stage]:.1f} ms" for stage in ("find", "classify") if stage in reading.ms)
    _write(strip, ms, (PAD, 2 * LINE), INK)
    return strip


def _legend(key: Sequence[tuple[str, Colour]], width: int) -> Picture:
    """Draw a patch of each colour with what it means, in as many lines as that takes."""
    x, y, places = PAD, 0, []
    for text, _ in key:
        w = _width(text, 0.5) + 3 * PAD
        x, y = (PAD, y + LINE) if x + w > width else (x, y)
        places.append((x, y))
        x += w + PAD
    strip = _blank(y + LINE + PAD, width)
    for (text, colour), (x, y) in zip(key, places, strict=True):
        cv2.rectangle(strip, (x, y + PAD), (x + PAD, y + 2 * PAD), colour, cv2.FILLED)
        _write(strip, text, (x + PAD + 6, y + 2 * PAD), INK)
    return strip


def _cells(reading: Reading, colours: dict[str, Colour], width: int) -> Iterator[Picture]:
    """Draw rows of cells: digits in reading order, then rejects that the network was asked about."""
    cells = [_cell(d, reading.labels, f"{d.label}  {_percent(d)}", READ) for d in reading.digits[:MOST_READ]]
    cells += _more(len(reading.digits) - MOST_READ, "digits")
    cells += [
        _cell(reject, reading.labels, f"#{number} {reject.reason} {_percent(reject)}", colours[reject.reason])
        for number, reject in enumerate(reading.asked[:MOST_REJECTED], 1)
    ]
    cells += _more(len(reading.asked) - MOST_REJECTED, "rejected")
    columns = (width - PAD) // CELL_WIDTH
    margin = _blank(CELL_HEIGHT, PAD)
    for i in range(0, len(cells), columns):
        yield np.hstack([margin, *cells[i : i + columns]])


def _cell(found: Digit | Reject, labels: Labels, verdict: str, colour: Colour) -> Picture:
    """Draw a crop as the network saw it, a bar for each of its likeliest labels, and what came of it."""
    cell = _blank(CELL_HEIGHT, CELL_WIDTH)
    if found.crop is not None:
        crop = cv2.resize(found.crop, (CROP, CROP), interpolation=cv2.INTER_NEAREST)
        cell[:CROP, :CROP] = crop[..., None]
    if found.probabilities is not None:
        known = found.probabilities[: len(labels.texts)]
        shown = sorted(np.argsort(-known, kind="stable")[: BARS - 1].tolist())
        # a digit comes without its share of "no digit"
        shares = [*known[shown].tolist(), float(1 - known.sum())]
        for i, (name, share) in enumerate(zip([*(labels.texts[n] for n in shown), "-"], shares, strict=True)):
            x = CROP + PAD // 2 + i * BAR_WIDTH
            height = round(max(0, share) * BAR_HEIGHT)
            best = share == max(shares)
            cell[BAR_HEIGHT - height : BAR_HEIGHT + 1, x : x + BAR_WIDTH - 2] = colour if best else FAINT
            _write(cell, name[:1], (x - 1, CROP), colour if best else FAINT, 0.3)
    _write(cell, verdict, (0, CROP + 15), colour, _fitting(verdict, CELL_WIDTH - PAD, 0.45))
    return cell


def _more(number: int, what: str) -> list[Picture]:
    """Draw a cell that stands for those left out, if any are."""
    if number <= 0:
        return []
    cell = _blank(CELL_HEIGHT, CELL_WIDTH)
    _write(cell, f"and {number} more", (0, CROP // 2), INK)
    _write(cell, what, (0, CROP // 2 + 18), INK)
    return [cell]


def _percent(found: Digit | Reject) -> str:
    return "" if found.confidence is None else f"{100 * found.confidence:.0f} %"


def _drawable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def _cut(text: str, width: int) -> str:
    """Leave out a text's end where its smallest letters would not fit."""
    shown = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " ..."
    while len(shown) > len(" ...") and _width(shown, SMALLEST_TEXT) > width:
        shown = shown.removesuffix(" ...")[:-1] + " ..."
    return shown


def _fitting(text: str, width: int, size: float) -> float:
    """Choose the size of letters, `size` at most, that fits a text into `width`; small, but never unreadable."""
    while size > SMALLEST_TEXT and _width(text, size) > width:
        size *= SHRINK
    return max(SMALLEST_TEXT, size)


def _width(text: str, size: float) -> int:
    return int(cv2.getTextSize(_drawable(text), FONT, size, 1)[0][0])


def _write(canvas: Picture, text: str, place: tuple[int, int], colour: Colour, size: float = 0.5) -> None:
    """Write a line; OpenCV's letters are ASCII's, others are written by their numbers."""
    cv2.putText(canvas, _drawable(text), place, FONT, size, colour, 2 if size > 0.8 else 1, cv2.LINE_AA)  # noqa: PLR2004 (a stroke in proportion)


def _scaled(box: Box, scale: float) -> Box:
    return Box(*(round(n * scale) for n in box))


def _blank(height: int, width: int) -> Picture:
    return np.full((height, width, 3), PAPER, np.uint8)


def _padded(picture: Picture, width: int) -> Picture:
    return np.pad(picture, ((0, 0), (0, width - picture.shape[1]), (0, 0)), constant_values=255)
