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
    """Show a part of a frame large, or four of it in one picture, fainter; digits that are cut are not labelled."""
    height, width = scene.image.shape
    if rng.random() < 0.2:
        image, places = np.tile(scene.image, (2, 2)), [(x, y) for y in (0, height) for x in (0, width)]
    else:
        share = rng.uniform(0.12, 0.8)
        w, h = round(share * width), round(share * height)
        x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
        image, places = scene.image[y : y + h, x : x + w], [(-x, -y)]
    zoom = max(1.0, width / image.shape[1])
    image = np.asarray(cv2.resize(image, None, fx=zoom, fy=zoom), np.uint8)
    labels = [label for place in places for label in _moved(scene.labels, place, zoom, image.shape)]
    return Rendered(
        _noisy(_fainter(image, float(np.exp(rng.uniform(-2.8, 0))), rng), rng.uniform(0, 2), rng), (), labels, []
    )


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
    """Show a frame with much noise, or a third of the time at three times its size."""
    if rng.random() < 1 / 3:
        labels = [label._replace(box=Box(*(3 * side for side in label.box))) for label in scene.labels]
        return replace(scene, image=np.asarray(cv2.resize(scene.image, None, fx=3, fy=3), np.uint8), labels=labels)
    return replace(scene, image=_noisy(scene.image.astype(np.float64), rng.uniform(0, 12), rng))


def _fainter(image: Grey, contrast: float, rng: Rng) -> NDArray[np.float64]:
    return rng.uniform(0, 1 - contrast) * WHITE + contrast * image


def _noisy(levels: NDArray[np.float64], noise: float, rng: Rng) -> Grey:
    return np.clip(np.rint(levels + rng.normal(0, noise, levels.shape)), 0, WHITE).astype(np.uint8)


def coloured(scene: Rendered, rng: Rng) -> Image.Image:
    """Print a frame's shades in a colour about as bright as its paper's, or in any two shades on nothing."""
    share = 1 - scene.image[..., None] / WHITE
    if rng.random() < 0.5:
        paper = rng.uniform(60, 195, 3)
        away = rng.normal(size=3)
        away -= away @ LUMA
        ink = paper + away / np.abs(away).max() * rng.uniform(20, 140) + rng.uniform(-12, 12)
        return Image.fromarray(_noisy(paper * (1 - share) + np.clip(ink, 0, WHITE) * share, 1.5, rng), "RGB")
    shades = np.full((*scene.image.shape, 3), rng.uniform(0, WHITE), np.uint8)
    shades[:, int(rng.integers(scene.image.shape[1])) :] = int(rng.uniform(0, WHITE))
    return Image.fromarray(np.dstack([shades, np.rint(WHITE * share).astype(np.uint8)]), "RGBA")


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
