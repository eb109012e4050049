"""A scene -> what the finder is shown of it, and what it should answer."""

from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.recognition.finder import BOX, LEVELS, MORE, SCORE, TURNED
from digitcam.recognition.look import HEIGHT, WIDTH, stretched
from digitlab.scenes.scene import Scene, clipped, part_of

LOWEST, HIGHEST = 8.0, 160.0  # pixels of a view: the longer side that a scene's usual character is brought to, ...
FURTHEST, NEAREST = 0.5, 3.0  # ... as far as so many pixels of a view for one of a scene allow
TINY, HINTED = 7.0, 0.4  # pixels: smaller digits count for less, being only hints where to look closer
BLOB = 8.0  # pixels of a scene: smaller digits, enlarged, are blots in which nobody must see one
CROWD = 10  # digits of a view that count in full; of more, each counts for less
LIGHT_ON_DARK = 0.16  # share of the views that are inverted
NARROWED = 0.08  # standard deviation of the logarithm of width over height, ...
DARKENED = 0.3  # ... and of the power that a view's grey is raised to: no camera sees as another does
TIGHT = 0.14  # share of the views that are cut close around a character ...
TIGHTLY = 0.97  # ... of which at least so much shows, ...
FILLS = 0.45  # ... and that fill so much of the view's sides, at the least
SHOWS = 0.3  # share of a digit's box that must show for it to be found at all, ...
WHOLE = 0.8  # ... and to count as whole
CENTRE = 0.22  # of its box, to either side of the middle: the places that answer for a digit
SHARED = 0.25  # power of their number by which each of a digit's places counts for less
FEW = 6  # places: a digit that has less, a slender 1, counts as much as one that has so many
MARK = 2.5  # what the places of a character that is no digit count, compared with bare paper's, ...
BESIDE = 0.15  # ... up to so much of its longer side around it: two letters are no digit on its side
ROOM = 0.15  # by which a level also learns digits a little too small or too large for it
TARGETS = SCORE + BOX + MORE + 3  # what a place is told: as the network answers, which digit, what that counts ...
KNOWN, COUNTS = TARGETS - 2, TARGETS - 1  # ... in this channel, and what the score counts in this
OTHER = -1.0  # in place of the digit: a character that is none


class View(NamedTuple):
    """uint8 (HEIGHT, WIDTH), and for each level float32 (rows, columns, TARGETS)."""

    image: Grey
    targets: tuple[NDArray[np.float32], ...]


def take(drawn: Scene, rng: np.random.Generator) -> View:
    """Show the finder a part of a scene: nearer or further, turned by quarters, dark for light.

    Some are cut close around a digit and enlarged, as scans of single digits are; some around another character.
    """
    quarters = int(rng.choice(4, p=TURNED))
    whole = [label.box for label in drawn.labels if not label.unsure and label.shown > TIGHTLY]
    others = [mark.box for mark in drawn.marks if mark.unlike]
    characters = whole if whole and rng.random() < 0.75 else others
    if characters and rng.random() < TIGHT:
        near = _around(drawn, characters[rng.integers(len(characters))], rng)
        size = near.image.shape[::-1] if quarters % 2 == 0 else near.image.shape
        fills = rng.uniform(FILLS, 1)
        return cut(near, fills * min(WIDTH / size[0], HEIGHT / size[1]), quarters, rng, corner=True)
    high = float(np.exp(rng.uniform(np.log(LOWEST), np.log(HIGHEST))))
    sizes = [max(box[2:]) for box in whole or [mark.box for mark in drawn.marks]]
    usual = float(np.median(sizes)) if sizes else high
    return cut(drawn, float(np.clip(high / usual, FURTHEST, NEAREST)), quarters, rng)


def _around(drawn: Scene, box: tuple[float, float, float, float], rng: np.random.Generator) -> Scene:
    """Give a scene cut close around a character, or even a little into it."""
    x, y, w, h = box
    room = rng.uniform(-0.02, 0.4) * max(w, h) * rng.uniform(0.2, 1, 4)
    room = np.maximum(room, -0.02 * np.array([w, h, w, h]))  # something is left of slender ones, too
    ends = x - room[0], y - room[1], x + w + room[2] + 1, y + h + room[3] + 1
    return part_of(drawn, *map(int, ends))


def cut(drawn: Scene, zoom: float, quarters: int, rng: np.random.Generator, *, corner: bool = False) -> View:
    """Give a view at a given zoom, after so many quarter turns counterclockwise; the rest by chance.

    Args:
        drawn: what is viewed.
        zoom: pixels of the view for one of the scene.
        quarters: 0 to 3.
        rng: decides where the view lies, and what is beyond the scene.
        corner: whether the scene lies at the view's upper left, as a picture does.
    """
    height, width = drawn.image.shape
    narrowed = float(np.exp(rng.normal(0, NARROWED) / 2))
    zooms = zoom / narrowed, zoom * narrowed
    matrix = _quarter(quarters, width, height) * np.array(zooms)[:, None]
    # anywhere: scenes larger than the view are cut, smaller ones leave room on a side
    turned = (width, height) if quarters % 2 == 0 else (height, width)
    for axis, (size, all_, near) in enumerate(zip((WIDTH, HEIGHT), turned, zooms, strict=True)):
        low, high = sorted((0.0, size - all_ * near))
        matrix[axis, 2] += 0.0 if corner else rng.uniform(low, high)
    # pixels are squares, and their middles are what is mapped
    matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
    greys = np.linspace(0, 1, 256) ** float(np.exp(rng.normal(0, DARKENED)))
    if rng.random() < LIGHT_ON_DARK:
        greys = 1 - greys
    image = cv2.LUT(drawn.image, np.rint(255 * greys).astype(np.uint8))
    border = cv2.BORDER_REPLICATE if corner or rng.random() < 0.7 else cv2.BORDER_CONSTANT
    seen = cv2.warpAffine(
        image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=(int(rng.integers(256)),)
    )
    matrix[:, 2] += 0.5 - matrix[:, :2] @ [0.5, 0.5]
    rows: list[tuple[float, ...]] = [
        (*label.box, label.shown, label.printed, label.digit, label.unsure) for label in drawn.labels
    ]
    rows += [(*mark.box, 1.0, False, OTHER, False) for mark in drawn.marks]
    known = np.array(rows, np.float64).reshape(-1, 8)
    if zoom > 1:
        known[:, 7] = (known[:, 7] > 0) | (known[:, 2:4].max(axis=1, initial=0) < BLOB)
    corners = np.stack([known[:, :2], known[:, :2] + known[:, 2:4]], axis=1) @ matrix[:, :2].T + matrix[:, 2]
    ends, share = clipped(np.sort(corners, axis=1), np.array([WIDTH, HEIGHT]))
    boxes = np.hstack([ends.reshape(-1, 4), share[:, None] * known[:, 4:5], known[:, 5:]]).astype(np.float32)
    shows = (ends[:, 1] - ends[:, 0]).min(axis=1, initial=np.inf) >= 1
    return View(stretched(np.asarray(seen, np.uint8)), targets(boxes[shows], quarters))


def _quarter(quarters: int, width: int, height: int) -> NDArray[np.float64]:
    """Tell what turns a picture by quarters counterclockwise, its corner again at (0, 0): float64 (2, 3)."""
    cos, sin = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters % 4]
    turn = np.array([[cos, sin], [-sin, cos]], np.float64)
    corners = np.array([[0, 0], [width, height]]) @ turn.T
    return np.hstack([turn, -corners.min(axis=0)[:, None]])


def targets(boxes: NDArray[np.float32], quarters: int) -> tuple[NDArray[np.float32], ...]:
    """Tell what each place of each level should answer.

    Args:
        boxes: float32 (n, 8): left, top, right, bottom as far as they show, share that shows, printed, digit or
            `OTHER`, unsure.
        quarters: by which the digits are turned, counterclockwise.

    Returns:
        For each level float32 (rows, columns, TARGETS): score 0 or 1; the distances to the box's left, top, right and
        bottom, in strides; the quarter turn, one of four; cut; printed; the digit; what all of that counts; and what
        the score counts.
    """
    fields = tuple(np.zeros((HEIGHT // level.stride, WIDTH // level.stride, TARGETS), np.float32) for level in LEVELS)
    for field in fields:
        field[..., COUNTS] = 1
    is_digit = boxes[:, 6] != OTHER
    full = min(1.0, np.sqrt(CROWD / max(is_digit.sum(), 1)))
    # digits after other characters and the smallest last, so that they are not hidden behind what they stand in
    order = np.lexsort((-(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), is_digit))
    boxes, is_digit = boxes[order], is_digit[order]
    sizes = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, initial=0)
    for field, level in zip(fields, LEVELS, strict=True):
        # of a larger character no part is a digit, either
        belong = (level.low * (1 - ROOM) <= sizes) & ((sizes < level.high * (1 + ROOM)) | ~is_digit)
        s = level.stride
        for size, (x0, y0, x1, y1, shown, printed, digit, unsure) in zip(
            sizes[belong].tolist(), boxes[belong].tolist(), strict=True
        ):
            if digit == OTHER:
                reach = 0.5 + BESIDE * size / np.maximum((x1 - x0, y1 - y0), 1)
                part, *_ = _middle(field, s, (x0, y0, x1, y1), reach)
                part[..., COUNTS] = np.maximum(part[..., COUNTS], MARK * (HINTED if size < TINY else 1.0))
                continue
            part, columns, rows = _middle(field, s, (x0, y0, x1, y1), (CENTRE, CENTRE))
            if not part.size:
                continue
            places = part.shape[0] * part.shape[1]
            counts = full * max(1.0, FEW / places) * (HINTED if size < TINY else 1.0) / places**SHARED
            if unsure or shown < SHOWS:
                part[...] = 0
                continue
            part[..., 0] = 1
            part[..., 1], part[..., 3] = ((columns - x0) / s)[None, :], ((x1 - columns) / s)[None, :]
            part[..., 2], part[..., 4] = ((rows - y0) / s)[:, None], ((y1 - rows) / s)[:, None]
            part[..., 5:9] = 0
            part[..., 5 + quarters] = 1
            part[..., 9:] = shown < WHOLE, printed, digit, counts, counts
    return fields


def _middle(
    field: NDArray[np.float32], stride: int, box: tuple[float, float, float, float], reach: Sequence[float]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Give the places around the middle of a box, one at least, and their columns and rows in pixels.

    Args:
        field: of a level.
        stride: of the level.
        box: left, top, right, bottom.
        reach: how far from the middle, in the box's width and height.
    """
    x0, y0, x1, y1 = box
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    rx, ry = max(reach[0] * (x1 - x0), 0.55 * stride), max(reach[1] * (y1 - y0), 0.55 * stride)
    left, right = ceil((cx - rx) / stride - 0.5), floor((cx + rx) / stride - 0.5)
    top, bottom = ceil((cy - ry) / stride - 0.5), floor((cy + ry) / stride - 0.5)
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, field.shape[1] - 1), min(bottom, field.shape[0] - 1)
    columns = (np.arange(left, right + 1) + 0.5) * stride
    rows = (np.arange(top, bottom + 1) + 0.5) * stride
    return field[top : bottom + 1, left : right + 1], columns, rows
