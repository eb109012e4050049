"""Frames, layouts and readings made harder, until the tuned numbers decide what is read of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitcam.frame import Grey
from digitcam.reading import Box, Digit, Reading
from digitlab.render.camera import Labelled, Rendered
from digitlab.render.surfaces import Rng

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as grey levels are made of colours
WHITE = 255


def cut_out(scene: Rendered, rng: Rng) -> Rendered:
    """Show a part of a frame large, or all of it small, with strokes up to twice as heavy, and fainter."""
    part = zoomed(scene, rng)
    image = _heavier(part, rng) if rng.random() < 0.5 else part.image
    contrast = float(np.exp(rng.uniform(-2.8, 0)))
    faint = rng.uniform(0, 1 - contrast) * WHITE + contrast * image
    return replace(part, image=_noisy(faint, rng.uniform(0, 2), rng))


def on_any_side(scene: Rendered, rng: Rng) -> Rendered:
    """Show a part of a frame large, or all of it small, turned by any quarters."""
    part, quarters = zoomed(scene, rng), int(rng.integers(4))
    image = np.ascontiguousarray(np.rot90(part.image, -quarters))
    labels = [label._replace(box=label.box.turned(quarters, part.image.shape)) for label in part.labels]
    return Rendered(image, (), labels, [])


def zoomed(scene: Rendered, rng: Rng) -> Rendered:
    """Show a part of a frame large, or four of it in one, or all of it small; digits that are cut are not labelled."""
    height, width = scene.image.shape
    kind, places = rng.random(), [(0, 0)]
    if kind < 0.2:
        image, places = np.tile(scene.image, (2, 2)), [(x, y) for y in (0, height) for x in (0, width)]
    elif kind < 0.3:
        x, y = int(rng.integers(2 * width)), int(rng.integers(2 * height))
        ground = int(np.median(scene.image))
        room = (y, 2 * height - y), (x, 2 * width - x)
        image, places = np.pad(scene.image, room, constant_values=ground), [(x, y)]
        image = np.asarray(image, np.uint8)
    else:
        share = rng.uniform(0.12, 0.8)
        w, h = round(share * width), round(share * height)
        x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
        image, places = scene.image[y : y + h, x : x + w], [(-x, -y)]
    zoom = max(1.0, width / image.shape[1])
    image = np.asarray(cv2.resize(image, None, fx=zoom, fy=zoom), np.uint8)
    labels = [label for place in places for label in _moved(scene.labels, place, zoom, image.shape)]
    return Rendered(image, (), labels, [])


def _heavier(scene: Rendered, rng: Rng) -> Grey:
    """Widen the strokes, dark or light, by up to a tenth of the largest digit's height."""
    boxes = [label.box for label in scene.labels]
    if not boxes:
        return scene.image
    inside = np.concatenate([scene.image[y : y + h, x : x + w].ravel() for x, y, w, h in boxes])
    wide = 1 + round(rng.uniform(0, 0.1) * max(box.h for box in boxes))
    is_dark = inside.mean() < np.median(scene.image)
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    return np.asarray((cv2.erode if is_dark else cv2.dilate)(scene.image, pen), np.uint8)


def _moved(
    labels: Sequence[Labelled], place: tuple[int, int], zoom: float, shape: tuple[int, ...]
) -> Iterator[Labelled]:
    """Move a frame's digits, then enlarge them; gives those that lie wholly in a picture of that shape."""
    for label in labels:
        left, top, w, h = label.box
        box = Box(*(round(zoom * length) for length in (left + place[0], top + place[1], w, h)))
        if box.x >= 0 and box.y >= 0 and box.x + box.w <= shape[1] and box.y + box.h <= shape[0]:
            yield label._replace(box=box)


def roughened(scene: Rendered, rng: Rng) -> Rendered:
    """Show a frame with much noise, or half of the time enlarged."""
    if rng.random() < 0.5:
        zoom = rng.uniform(1.5, 5)
        image = np.asarray(cv2.resize(scene.image, None, fx=zoom, fy=zoom), np.uint8)
        return replace(scene, image=image, labels=list(_moved(scene.labels, (0, 0), zoom, image.shape)))
    return replace(scene, image=_noisy(scene.image.astype(np.float64), rng.uniform(0, 12), rng))


def _noisy(levels: NDArray[np.float64], noise: float, rng: Rng) -> Grey:
    return np.clip(np.rint(levels + rng.normal(0, noise, levels.shape)), 0, WHITE).astype(np.uint8)


def coloured(scene: Rendered, rng: Rng) -> Image.Image:
    """Print a frame's ink in two colours on a third, or light and dark on nothing; one of them is on few digits."""
    height, width = scene.image.shape
    differs = cv2.absdiff(scene.image, np.full_like(scene.image, np.median(scene.image))).astype(np.float64)
    ink = np.clip(2 * differs / max(differs.max(), 1) - 0.4, 0, 1)[..., None]
    few = np.zeros((height, width, 1), np.bool_)
    few[:, : round(width * rng.uniform(0, 0.4))] = True
    if rng.random() < 0.5:
        paper = rng.uniform(60, 195, 3)
        inks = np.where(few, _ink_on(paper, rng), _ink_on(paper, rng))
        return Image.fromarray(_noisy(paper * (1 - ink) + inks * ink, 1.5, rng), "RGB")
    shades = np.where(few, rng.uniform(0, 90), rng.uniform(165, WHITE))
    shades = shades if rng.random() < 0.5 else WHITE - shades
    opaque = np.rint(WHITE * ink)
    return Image.fromarray(np.dstack([shades, shades, shades, opaque]).astype(np.uint8), "RGBA")


def _ink_on(paper: NDArray[np.float64], rng: Rng) -> NDArray[np.float64]:
    """Give a colour about as bright as a paper's, or a grey that is a little darker."""
    if rng.random() < 0.3:
        return np.clip(paper - rng.uniform(20, 80), 0, WHITE)
    away = rng.normal(size=3)
    away -= away @ LUMA
    ink = paper + away / np.abs(away).max() * rng.uniform(20, 140) + rng.uniform(-12, 12)
    return np.asarray(np.clip(ink, 0, WHITE), np.float64)


def random_layout(rng: Rng) -> tuple[list[Box], list[list[int]]]:
    """Give boxes of a page in any order, and which of them stand in each of its lines.

    Lines of any slope, length and distance, of digits of any size; some have gaps, raised and lowered digits.
    """
    high, slope = rng.uniform(12, 60), rng.uniform(-0.45, 0.45)
    unevenness, pitch, leading = rng.uniform(0, 0.14), rng.uniform(0.6, 1.6), rng.uniform(1.25, 2.4)
    placed = []
    for line in range(int(rng.integers(1, 8))):
        count = int(rng.integers(1, 12))
        steps = pitch * high * np.where(rng.random(count) < 0.1, rng.uniform(1.5, 6), rng.uniform(0.9, 1.1, count))
        for x in accumulate(steps.tolist(), initial=rng.uniform(0, 2) * high):
            size = high * float(np.exp(rng.normal(0, 0.12))) * (0.6 if (raised := rng.random() < 0.06) else 1)
            y = leading * high * line + (unevenness * rng.normal() - 0.35 * raised) * high + slope * x
            placed.append((line, Box(round(x), round(y - size / 2), round(0.6 * size), round(size))))
    shuffled = [placed[i] for i in rng.permutation(len(placed))]
    boxes = [box for _, box in shuffled]
    lines = [
        [i for i, (at, _) in enumerate(shuffled) if at == line] for line in range(1 + max(line for line, _ in placed))
    ]
    return boxes, [sorted(line, key=lambda i: boxes[i].x) for line in lines]


def misread(reading: Reading, rng: Rng) -> Reading:
    """Spoil what was read of a frame: digits are missing, taken for others, of other sizes and places."""
    return replace(reading, digits=[_misread(digit, rng) for digit in reading.digits if rng.random() < 0.9])


def _misread(digit: Digit, rng: Rng) -> Digit:
    if rng.random() < 0.08:
        wrong = int(rng.integers(10))
        digit = replace(digit, label=str(wrong), probabilities=np.roll(digit.probabilities, wrong - digit.digit))
    size = max(digit.box.w, digit.box.h)
    scale, off = float(np.exp(rng.normal(0, 0.2))), rng.normal(0, 0.12, 2) * size
    x, y, w, h = digit.box
    return replace(
        digit, box=Box(round(x + off[0]), round(y + off[1]), max(1, round(scale * w)), max(1, round(scale * h)))
    )
