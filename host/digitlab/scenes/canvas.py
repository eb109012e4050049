"""A scene while it is written on: ink and print apart, and every character's box."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitlab.render.surfaces import Float, Rng
from digitlab.scenes.fonts import Font, set_in
from digitlab.scenes.glyphs import Hand
from digitlab.scenes.scene import SIDE, Label, Mark

SMALLEST, LARGEST = 6.0, 340.0  # height of a digit, pixels
INKED = 48  # of 255: a pixel with more belongs to the character's box


@dataclass(slots=True, eq=False)
class Canvas:
    """What is being written on.

    Attributes:
        ink, print_: float32 (SIDE, SIDE), how much of each pixel pen or press covers.
        writable: uint8 (SIDE, SIDE), or None for all of it.
        turn: of the lines, radians.
        height: usual height of a digit, pixels.
        middle: of what is being written on, in pixels of the page from its own.
    """

    rng: Rng
    hand: Hand
    height: float
    turn: float
    writable: NDArray[np.uint8] | None = None
    middle: tuple[float, float] = (0.0, 0.0)
    ink: Float = field(default_factory=lambda: np.zeros((SIDE, SIDE), np.float32))
    print_: Float = field(default_factory=lambda: np.zeros((SIDE, SIDE), np.float32))
    labels: list[Label] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Give a point of the page, `middle` being (0, 0), in pixels of the scene."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        x, y = x + self.middle[0], y + self.middle[1]
        return cos * x - sin * y + SIDE / 2, sin * x + cos * y + SIDE / 2

    def stamp(
        self,
        glyph: Grey,
        x: float,
        y: float,
        *,
        digit: int | None = None,
        printed: bool = False,
        unsure: bool = False,
        unlike: bool = False,
        spared: bool = False,
    ) -> None:
        """Put a character on the page, its middle at (x, y): a digit, or a `Mark`; `spared`: print leaves it out."""
        if not glyph.size:
            return
        rng = self.rng
        loose = 0.0 if printed else 1.0
        bent = _turn(glyph, self.turn + loose * rng.normal(0, 0.06), loose * rng.normal(0, 0.12))
        inside = cv2.boundingRect((bent > INKED).astype(np.uint8))
        if not inside[2]:
            return
        cx, cy = self.place(x, y)
        left, top = round(cx - bent.shape[1] / 2), round(cy - bent.shape[0] / 2)
        if (
            self.writable is not None
            and not self.writable[int(np.clip(cy, 0, SIDE - 1)), int(np.clip(cx, 0, SIDE - 1))]
        ):
            return
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + bent.shape[1], SIDE), min(top + bent.shape[0], SIDE)
        if x1 <= x0 or y1 <= y0:
            return
        layer = self.print_ if printed else self.ink
        part = bent[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32) / 255
        pressure = 1.0 if printed else float(np.exp(rng.normal(0, 0.08)))
        if spared:
            self.print_[y0:y1, x0:x1] *= 1 - part
        else:
            np.maximum(layer[y0:y1, x0:x1], part * np.float32(pressure), out=layer[y0:y1, x0:x1])
        bx, by, bw, bh = inside[0] + left, inside[1] + top, inside[2], inside[3]
        sx0, sy0, sx1, sy1 = max(bx, 0), max(by, 0), min(bx + bw, SIDE), min(by + bh, SIDE)
        if sx1 > sx0 and sy1 > sy0:
            box = (float(sx0), float(sy0), float(sx1 - sx0), float(sy1 - sy0))
            if digit is None:
                self.marks.append(Mark(box, unlike))
            else:
                shown = (sx1 - sx0) * (sy1 - sy0) / (bw * bh)
                self.labels.append(Label(box, digit, shown, printed, unsure))

    def digit(
        self,
        x: float,
        y: float,
        height: float,
        *,
        digit: int | None = None,
        printed: Font | None = None,
        unsure: bool = False,
        spared: bool = False,
    ) -> float:
        """Write a digit, or any; gives its width."""
        digit = int(self.rng.integers(10)) if digit is None else digit
        glyph = set_in(printed, str(digit), height) if printed else self.hand.digit(digit, self.rng, height)
        self.stamp(glyph, x, y, digit=digit, printed=printed is not None, unsure=unsure, spared=spared)
        return float(glyph.shape[1]) if glyph.size else height

    def tile(self, x: float, y: float, side: float) -> None:
        """Print a square, its middle at (x, y)."""
        corners = [self.place(x + a * side / 2, y + b * side / 2) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        cv2.fillConvexPoly(self.print_, np.rint(np.array(corners)).astype(np.int32), (1.0,), cv2.LINE_AA)

    def ring(self, middle: tuple[float, float], axes: tuple[float, float], thick: float) -> None:
        """Draw a ring, by hand or by compass, around a point of the scene; its half axes lie at any angle."""
        centre, sides = (int(middle[0]), int(middle[1])), (int(axes[0]), int(axes[1]))
        angle, end = float(self.rng.uniform(0, 180)), float(self.rng.uniform(330, 380))
        cv2.ellipse(self.ink, centre, sides, angle, 0, end, (1.0,), max(1, round(thick)), cv2.LINE_AA)

    def line(self, a: tuple[float, float], b: tuple[float, float], thick: float, *, printed: bool = False) -> None:
        """Draw a straight stroke between two points of the page."""
        (ax, ay), (bx, by) = self.place(*a), self.place(*b)
        layer = self.print_ if printed else self.ink
        fixed = [(int(u * 16), int(v * 16)) for u, v in ((ax, ay), (bx, by))]
        cv2.line(layer, fixed[0], fixed[1], (1.0,), max(1, round(thick)), cv2.LINE_AA, 4)


def _turn(glyph: Grey, angle: float, shear: float) -> Grey:
    """Give a character turned and sheared, cropped to where it lies, with a pixel of paper around."""
    h, w = glyph.shape
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin + shear, 0], [sin, cos, 0]])
    corners = np.array([[0, 0], [w, 0], [0, h], [w, h]]) @ matrix[:, :2].T
    low = corners.min(axis=0)
    matrix[:, 2] = 1 - low
    size = np.ceil(corners.max(axis=0) - low).astype(int) + 2
    return np.asarray(cv2.warpAffine(glyph, matrix, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR), np.uint8)
