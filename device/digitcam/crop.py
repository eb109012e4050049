"""Digits' boxes -> their ink alone, in any light, dark or light: no neighbour's, no paper."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.looking import Pyramid
from digitcam.params import CENTRAL, FULL, INK, LONGER, OWN, REACH, SPECK

SIZE = 40  # pixels: the side of a patch, the box in its middle
FRAME_SIDES = 3  # of four: what stands further out than the digit to so many is a frame around it
FAINT = 2.0  # grey levels: with less between ink and paper there is no ink

Float = NDArray[np.float32]


def inks_of(pyramid: Pyramid, boxes: Float) -> list[Grey | None]:
    """Cut digits' ink out.

    A digit's paper is a plane through the medians of the four sides of its surroundings, most of which is paper; ink is
    what differs from it most, to the darker or to the lighter side, in strokes that lie in the box for the most part.
    Strokes that lead far out of it, to a neighbour or along a rule, end where it does.

    Args:
        pyramid: of the picture.
        boxes: float32 (n, 4), left, top, right and bottom in pixels of the picture.

    Returns:
        For each box uint8 (h, w), 0 where there is no ink, 255 for the darkest, cropped; None where there is none.
    """
    patches, ends = _patches(pyramid, boxes)
    return [_own(ink, end) for ink, end in zip(_levels(patches, ends), ends, strict=True)]


def _patches(pyramid: Pyramid, boxes: Float) -> tuple[NDArray[np.uint8], Float]:
    """Each box and what surrounds it, its longer side `LONGER` pixels.

    Returns:
        uint8 (n, SIZE, SIZE), and float32 (n, 4), where in it the box begins and ends.
    """
    sizes = np.maximum(boxes[:, 2:] - boxes[:, :2], 1)
    scales = LONGER / sizes.max(axis=1, initial=1, keepdims=True)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    patches = np.empty((len(boxes), SIZE, SIZE), np.uint8)
    for patch, (x, y), scale in zip(patches, middles.tolist(), scales[:, 0].tolist(), strict=True):
        level, step = pyramid.level_for(scale)
        zoom, middle = scale * step, (SIZE - 1) / 2
        # pixels are squares, and their middles are what is mapped
        matrix = np.array([[zoom, 0, middle - zoom * (x / step - 0.5)], [0, zoom, middle - zoom * (y / step - 0.5)]])
        cv2.warpAffine(level, matrix, (SIZE, SIZE), patch, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
    half = sizes * scales / 2
    return patches, np.hstack([SIZE / 2 - half, SIZE / 2 + half])


def _levels(patches: NDArray[np.uint8], ends: Float) -> NDArray[np.uint8]:
    """How much ink stands at each pixel, of the patches' shape; all 0 in a patch without ink."""
    few = patches[:, ::2, ::2]  # enough for medians and extremes
    quarter = few.shape[1] // 4
    left, right = _medians(few[:, :, :quarter]), _medians(few[:, :, quarter:])
    above, below = _medians(few[:, :quarter]), _medians(few[:, quarter:])
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    paper = (_medians(few) + (right - left) * ramp)[:, None, :] + ((below - above) * ramp)[:, :, None]
    differs = patches - paper
    places = np.arange(0.5, SIZE, 2, dtype=np.float32)
    across = (places >= ends[:, :1]) & (places <= ends[:, 2:3])
    down = (places >= ends[:, 1:2]) & (places <= ends[:, 3:])
    core = down[:, :, None] & across[:, None, :]
    inside = np.sort(np.where(core, differs[:, ::2, ::2], 0).reshape(len(patches), few[0].size if len(few) else 1))
    rows, nth = np.arange(len(patches)), (FULL * core.sum(axis=(1, 2))).astype(int)
    dark, light = -inside[rows, nth], inside[rows, inside.shape[1] - 1 - nth]
    full = np.maximum(dark, light)
    scale = np.where(full < FAINT, 0, np.where(dark >= light, -255, 255) / np.maximum(full, FAINT))
    # what lies on the other side of the paper is cut off at 0
    return np.asarray(np.clip(differs * scale[:, None, None].astype(np.float32), 0, 255).astype(np.uint8))


def _medians(parts: NDArray[np.uint8]) -> Float:
    """float32 (n, 1); np.median takes five times as long."""
    flat = parts.reshape(len(parts), parts.shape[1] * parts.shape[2])
    middle = flat.shape[1] // 2
    return np.partition(flat, middle)[:, middle, None].astype(np.float32)


def _own(ink: Grey, end: Float) -> Grey | None:
    """This digit's strokes, cropped: no neighbour's, no frame around it, no dust."""
    x0, y0, x1, y1 = np.rint(end).astype(int).tolist()
    strokes = (ink > INK * 255).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8, ltype=cv2.CV_16U)
    if count == 1:
        return None
    edge_x, edge_y = (int((1 - CENTRAL) / 2 * side) for side in (x1 - x0, y1 - y0))
    box = labels[y0:y1, x0:x1]
    within = _areas(box, count)
    central = _areas(labels[y0 + edge_y : y1 - edge_y, x0 + edge_x : x1 - edge_x], count)
    main = int((central if central.any() else within).argmax())
    lows, highs, areas = stats[:, :2], stats[:, :2] + stats[:, 2:4], stats[:, 4]
    sides_beyond = (lows < lows[main]).sum(axis=1) + (highs > highs[main]).sum(axis=1)
    own = (within >= OWN * areas) & (within >= SPECK * within[main]) & (sides_beyond < FRAME_SIDES)
    own[main], own[0] = True, False
    leads_out = (lows < end[:2] - REACH).any(axis=1) | (highs > end[2:] + REACH).any(axis=1)
    mask = (own & ~leads_out).astype(np.uint8)[labels]
    mask[y0:y1, x0:x1] |= own.astype(np.uint8)[box]
    x, y, w, h = cv2.boundingRect(mask)
    if not w:
        return None
    with_edges = cv2.dilate(mask[y : y + h, x : x + w], np.ones((3, 3), np.uint8))
    return np.asarray(ink[y : y + h, x : x + w] * with_edges, np.uint8)


def _areas(labels: NDArray[Any], count: int) -> NDArray[np.intp]:
    """How many pixels each component has there; the background none."""
    areas = np.bincount(labels.ravel(), minlength=count)
    areas[0] = 0
    return areas
