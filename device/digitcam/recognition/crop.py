"""Digits' boxes -> their ink alone, in any light, dark or light: no neighbour's, no paper."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.recognition import params
from digitcam.recognition.look import Pyramid

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]
OF_NONE = np.zeros(1, np.bool_)  # `within`: no box
NEXT = np.ones((3, 3), np.uint8)  # a pixel, and those that touch it


def inks_of(pyramid: Pyramid, boxes: Float, within: Mask = OF_NONE) -> tuple[list[Grey | None], Float]:
    """Cut digits' ink out.

    A box and what lies just around it is paper for the most part, and ink what differs from that most, to the darker
    or to the lighter side, in strokes less than twice `AROUND` wide (the black top-hat of Serra, Image Analysis and
    Mathematical Morphology, 1982): a shadow, a sheet's edge and the desk beyond it are wider. The digit's are those
    that lie in the box for the most part. Strokes that lead far out of it to its narrower sides, to a neighbour or
    along a rule, end where it does; along the other way nothing further out is cut out at all.

    Args:
        pyramid: of the picture.
        boxes: float32 (n, 4), left, top, right and bottom in pixels of the picture.
        within: bool (n,) or (1,) for all, of which boxes every stroke ends where they do.

    Returns:
        For each box uint8 (h, w), 0 where there is no ink, 255 for the darkest, cropped; None where there is none. And
        float32 (n,), by how many grey levels ink differs from paper, in those of the paper and the lightest there,
        which is alike in any light.
    """
    if not len(boxes):
        return [], np.zeros(0, np.float32)
    patches, ends = _patches(pyramid, boxes)
    inside = _within(ends, patches.shape[1])
    inks, contrasts = _levels(patches, ends, inside)
    return list(map(_cropped, inks, _own(inks, ends, inside, within))), contrasts


def parted(boxes: Float, others: Float) -> Float:
    """End boxes half-way into what they share with others beside, above or below them.

    Args:
        boxes: float32 (n, 4), left, top, right and bottom.
        others: float32 (m, 4), likewise, of neighbours whose strokes these may hold.

    Returns:
        The first, so much smaller.
    """
    starts, ends = boxes[:, None, :2], boxes[:, None, 2:]
    shared = np.minimum(ends, others[:, 2:]) - np.maximum(starts, others[:, :2])
    away = (others[:, :2] + others[:, 2:]) - (starts + ends)
    is_along = np.abs(away) >= np.abs(away).max(axis=2, keepdims=True)
    taken = np.where(is_along & (shared > 0).all(axis=2, keepdims=True), shared / 2, 0)
    before, after = ((taken * side).max(axis=1, initial=0) for side in (away < 0, away >= 0))
    return np.asarray(boxes + np.hstack([before, -after]), np.float32)


def _patches(pyramid: Pyramid, boxes: Float) -> tuple[NDArray[np.uint8], Float]:
    """Cut out each box, its longer side `LONGER` pixels, and around it half of what is wider than a stroke.

    Returns:
        uint8 (n, side, side), and float32 (n, 4), where in it the box begins and ends.
    """
    side = params.LONGER + 2 * params.AROUND
    sizes = np.maximum(boxes[:, 2:] - boxes[:, :2], 1)
    scales = params.LONGER / sizes.max(axis=1, initial=1, keepdims=True)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    patches = np.empty((len(boxes), side, side), np.uint8)
    for patch, (x, y), scale in zip(patches, middles.tolist(), scales[:, 0].tolist(), strict=True):
        level, step = pyramid.level_for(scale)
        zoom, middle = scale * step, (side - 1) / 2
        # pixels are squares, and their middles are what is mapped
        matrix = np.array([[zoom, 0, middle - zoom * (x / step - 0.5)], [0, zoom, middle - zoom * (y / step - 0.5)]])
        cv2.warpAffine(level, matrix, (side, side), patch, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
    half = sizes * scales / 2
    return patches, np.hstack([side / 2 - half, side / 2 + half])


def _levels(patches: NDArray[np.uint8], ends: Float, inside: Mask) -> tuple[NDArray[np.uint8], Float]:
    """Measure how much ink stands at each pixel, in the patches' shape, all 0 in one without ink; and its contrasts."""
    around = _within(ends + params.AROUND * np.array([-1, -1, 1, 1], np.float32), patches.shape[1])
    (paper,) = _quantiles(patches, around, 0.5)
    darkest, lightest = _quantiles(patches, inside, params.FULL, 1 - params.FULL)
    dark, light = paper - darkest, lightest - paper
    patches[light > dark] ^= np.uint8(255)
    strokes = _strokes(patches)
    (full,) = _quantiles(strokes, inside, 1 - params.FULL)
    # where a shadow ends both are so, and the strokes tell
    both = np.flatnonzero(np.maximum(dark, light) < 2 * np.minimum(dark, light))
    if len(both):
        others = _strokes(~patches[both])
        (fuller,) = _quantiles(others, inside[both], 1 - params.FULL)
        better = fuller > full[both]
        strokes[both[better]], full[both[better]] = others[better], fuller[better]
    # less than a grey level is none
    scale = np.where(full < 1, 0, 255 / np.maximum(full, 1)).astype(np.float32)
    levels = np.asarray(np.minimum(strokes * scale[:, None, None], 255), np.uint8)
    return levels, full / np.maximum(paper + lightest, 1)


def _strokes(patches: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tell how much darker each pixel is than what closes over the dark strokes around it."""
    closed, kernel = np.empty_like(patches), np.ones((2 * params.AROUND - 1,) * 2, np.uint8)
    for patch, around in zip(patches, closed, strict=True):
        # noise has no say in how light paper is
        cv2.blur(patch, (3, 3), around)
        cv2.morphologyEx(around, cv2.MORPH_CLOSE, kernel, around)
    return np.asarray(closed - np.minimum(patches, closed), np.uint8)


def _quantiles(patches: NDArray[np.uint8], chosen: Mask, *shares: float) -> list[Float]:
    """Give of each patch's chosen pixels those that such shares of them are below, float32 (n,) for each share."""
    # every other row is enough; a stable sort counts bytes, where others compare them
    # those that do not count come last, as 255, in a third of np.where's instructions
    few = np.maximum(patches[:, ::2], chosen[:, ::2].view(np.uint8) - np.uint8(1)).reshape(len(patches), -1)
    ordered, last = np.sort(few, axis=1, kind="stable"), np.maximum(chosen[:, ::2].sum(axis=(1, 2)) - 1, 0)
    return [ordered[np.arange(len(patches)), (share * last).astype(np.intp)].astype(np.float32) for share in shares]


def _own(inks: NDArray[np.uint8], ends: Float, box: Mask, within: Mask) -> NDArray[np.uint8]:
    """Mark with 1 each digit's own strokes, in the patches' shape: no neighbour's, no dust."""
    side = inks.shape[1]
    # a row between two patches, which joins nothing
    strokes = np.zeros((len(inks), side + 1, side), np.uint8)
    strokes[:, :side] = inks > params.INK * 255
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strokes.reshape(-1, side), connectivity=8)
    labels = labels.reshape(strokes.shape)[:, :side]
    left, top, wide, high, area = stats.T
    digit, top = np.divmod(top, side + 1)
    inside = np.bincount(labels[box], minlength=count)
    inside[0] = area[0] = -1  # paper
    # of each digit the stroke that has most ink in its box; the last one stays
    order = np.lexsort((inside, digit))
    main = np.zeros(len(inks), np.intp)
    main[digit[order]] = order
    own = 2 * inside >= area
    own[main] = True
    own[0] = False
    x0, y0, x1, y1 = ends[digit].T
    leads_out = (np.stack([x0 - left, y0 - top, left + wide - x1, top + high - y1]) > params.AROUND).any(axis=0)
    kept = (own * (2 - (leads_out | np.broadcast_to(within, len(inks))[digit]))).astype(np.uint8).take(labels)
    return np.asarray((kept > 1) | (kept & box), np.uint8)


def _within(ends: Float, side: int) -> Mask:
    """Tell which pixels of each patch lie between such ends, bool (n, side, side)."""
    places = np.arange(0.5, side, dtype=np.float32)
    across = (places >= ends[:, :1]) & (places <= ends[:, 2:3])
    down = (places >= ends[:, 1:2]) & (places <= ends[:, 3:])
    return np.asarray(down[:, :, None] & across[:, None, :])


def _cropped(ink: Grey, mask: NDArray[np.uint8]) -> Grey | None:
    """Cut out the ink that a mask shows, and a pixel around that, where it fades; None where that is nothing."""
    x, y, w, h = cv2.boundingRect(mask)
    if not w:
        return None
    shown = cv2.dilate(mask[y : y + h, x : x + w], NEXT)
    return np.asarray(ink[y : y + h, x : x + w] * shown, np.uint8)
