"""A camera that takes a picture of a page: where the page lies, its light, the lens and the sensor.

What the page says is carried through the geometry, so that every digit's box is known in frame pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.reading import Box
from digitlab.render.page import SEEN, Page, to_grey
from digitlab.render.sheet import FINE, Float


class Labelled(NamedTuple):
    """One digit of the ground truth: what it is, where it stands in frame pixels, and in which line of text."""

    digit: int
    box: Box
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A frame and what it says.

    Attributes:
        image: uint8 (height, width).
        lines: the digits of each line of text, from top to bottom.
        labels: every digit in reading order.
        clutter: where marks stand that are no digits, and digits that the frame cuts, in frame pixels.
    """

    image: Grey
    lines: tuple[str, ...]
    labels: list[Labelled]
    clutter: list[Box]


@dataclass(frozen=True, slots=True)
class View:
    """How a page lies before the camera; all zero is straight ahead."""

    x: float = 0
    """How far the page is moved to the right, as a share of the frame's width."""
    y: float = 0
    """And down, as a share of its height."""
    turn: float = 0
    """Radians, clockwise."""
    zoom: float = 0
    """Natural logarithm of how much nearer the page is."""
    tilt_x: float = 0
    """Perspective: how much smaller the page gets from the middle to the right edge."""
    tilt_y: float = 0

    @classmethod
    def random(cls, rng: np.random.Generator) -> Self:
        """Choose as someone would hold a camera who means to take a good picture."""
        return cls(*rng.normal(0, [0.015, 0.015, 0.035, 0.05, 0.05, 0.06]).tolist())

    def holding(self, page: Page, size: tuple[int, int]) -> "View":
        """Hold it as far off as shows every digit whole, with some room around it."""
        view, room = self, 0.02 * size[0]
        for step in range(12):
            view = replace(self, zoom=self.zoom - 0.04 * step)
            boxes = page.boxes(view.matrix(page.image.shape, size))
            if all(
                room < b.x and b.x + b.w + room < size[0] and room < b.y and b.y + b.h + room < size[1] for b in boxes
            ):
                break
        return view

    def matrix(self, page: tuple[int, ...], size: tuple[int, int]) -> NDArray[np.float64]:
        """Tell what takes a page's pixels to those of a frame `size` (width, height) large: float64 (3, 3)."""
        width, height = size
        scale = np.exp(self.zoom) / FINE
        cos, sin = scale * np.cos(self.turn), scale * np.sin(self.turn)
        centre = np.array([[1, 0, -page[1] / 2], [0, 1, -page[0] / 2], [0, 0, 1]])
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        tilt = np.array([[1, 0, 0], [0, 1, 0], [self.tilt_x * 2 / width, self.tilt_y * 2 / height, 1]])
        place = np.array([[1, 0, width * (0.5 + self.x)], [0, 1, height * (0.5 + self.y)], [0, 0, 1]])
        return np.asarray(place @ tilt @ turn @ centre)


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """Light, lens and sensor.

    Attributes:
        light: float32 (height, width), by which each pixel of the scene is multiplied; sets the size of its frames.
        defocus: standard deviation of the blur in pixels.
        motion: (x, y), how far the picture moves during the exposure, pixels.
        noise: standard deviation of the sensor's noise at mid grey, grey levels.
        jpeg: quality of the compression, or None for none.
    """

    light: Float
    defocus: float = 0
    motion: tuple[float, float] = (0, 0)
    noise: float = 0
    jpeg: int | None = None

    @classmethod
    def ideal(cls, size: tuple[int, int]) -> Self:
        """Give one with no shadow, no blur, no noise."""
        return cls(np.ones(size[::-1], np.float32))

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[int, int]) -> Self:
        """Choose any light that people read in, any camera that they would not send back."""
        return cls(
            light=shine(rng, size),
            defocus=rng.uniform(0.3, 1.0),
            motion=tuple(rng.normal(0, 0.5, 2).tolist()),
            noise=rng.uniform(1, 4),
            jpeg=int(rng.integers(70, 96)),
        )

    def shoot(self, page: Page, view: View, rng: np.random.Generator) -> Rendered:
        """Take one picture; `rng` makes the noise."""
        height, width = self.light.shape
        matrix = view.matrix(page.image.shape, (width, height))
        seen = cv2.warpPerspective(
            page.image,
            np.diag([2.0, 2.0, 1.0]) @ matrix,
            (2 * width, 2 * height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        seen = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA)
        image = self._expose(np.asarray(seen, np.uint8), rng)
        seen_at = list(zip(page.outlines, page.boxes(matrix), strict=True))
        shares = [visible(box, (width, height)) for _, box in seen_at]
        whole = [o.char.isdigit() and share > SEEN for (o, _), share in zip(seen_at, shares, strict=True)]
        labels = [
            Labelled(int(o.char), box, o.line) for (o, box), is_whole in zip(seen_at, whole, strict=True) if is_whole
        ]
        clutter = [
            box for (_, box), share, is_whole in zip(seen_at, shares, whole, strict=True) if share > 0 and not is_whole
        ]
        return Rendered(image, _lines(labels), labels, clutter)

    def _expose(self, seen: Grey, rng: np.random.Generator) -> Grey:
        lit = seen.astype(np.float32) * self.light
        if self.defocus > 0:
            lit = np.asarray(cv2.GaussianBlur(lit, (0, 0), self.defocus), np.float32)
        if max(map(abs, self.motion)) > 0.2:  # noqa: PLR2004 (less cannot be seen)
            lit = np.asarray(cv2.filter2D(lit, -1, _streak(self.motion), borderType=cv2.BORDER_REPLICATE), np.float32)
        if self.noise > 0:
            grain = rng.standard_normal(lit.shape, dtype=np.float32)
            lit += self.noise * grain * np.sqrt(0.3 + 0.7 * np.maximum(lit, 0) / 128)
        image = to_grey(lit)
        if self.jpeg is not None:
            _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg])
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        return image


def _lines(labels: Sequence[Labelled]) -> tuple[str, ...]:
    texts: dict[int, str] = {}
    for label in labels:
        texts[label.line] = texts.get(label.line, "") + str(label.digit)
    return tuple(texts.values())


def visible(box: Box, size: tuple[int, int]) -> float:
    """Give the share of a box that lies within a frame."""
    across = min(box.x + box.w, size[0]) - max(box.x, 0)
    down = min(box.y + box.h, size[1]) - max(box.y, 0)
    return max(0, across) * max(0, down) / max(1, box.w * box.h)


def _streak(motion: tuple[float, float]) -> Float:
    """Give the kernel of a blur along `motion`, anti-aliased; adds up to 1."""
    reach = int(np.ceil(max(map(abs, motion)) / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for share in np.linspace(-0.5, 0.5, 8 * reach):
        x, y = (reach + share * way for way in motion)
        column, row = int(x), int(y)
        for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
            kernel[row + dy, column + dx] += (1 - abs(x - column - dx)) * (1 - abs(y - row - dy))
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def shine(rng: np.random.Generator, size: tuple[int, int], *, shadow: float | None = None) -> Float:
    """Give uneven light: a lamp to one side, a vignette, perhaps the shadow of a hand or a shelf.

    Args:
        rng: decides where the light comes from.
        size: (width, height) of the frame.
        shadow: how much light it takes, 0 to 1, or None for any.

    Returns:
        float32 (height, width), about 0.4 to 1.
    """
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / width - 0.5 * height / width
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0.05, 0.35) * (np.cos(angle) * x + np.sin(angle) * y)
    vignette = rng.uniform(0.1, 0.5) * (x * x + y * y)
    light = rng.uniform(0.78, 0.95) * (1 + slope) * (1 - vignette)
    depth = float(rng.choice([0, rng.uniform(0.15, 0.45)])) if shadow is None else shadow
    if depth:
        edge = rng.uniform(0, 2 * np.pi)
        along = -np.sin(edge) * x + np.cos(edge) * y
        across = np.cos(edge) * x + np.sin(edge) * y + rng.uniform(-0.15, 0.15)
        across += rng.uniform(0.01, 0.04) * np.sin(along * rng.uniform(6, 14) + rng.uniform(0, 6))
        light *= 1 - depth / (1 + np.exp(-np.clip(across / rng.uniform(0.004, 0.05), -40, 40)))
    return np.asarray(light, dtype=np.float32)
