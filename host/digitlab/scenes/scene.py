"""Scenes to learn finding from, drawn fast: writing of every kind on every surface, and every digit's box.

Plainer than `digitlab.render.scene`, which has a page in perspective and a camera that moves, and a dozen times faster:
a finder needs hundreds of thousands of views, of as many kinds as there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitlab.render import marks, surfaces
from digitlab.render.surfaces import Float, Rng
from digitlab.scenes.glyphs import (
    ALONE,
    HANDS,
    LETTERS,
    OFTEN,
    PRINTS,
    SIGNS,
    SYMBOLS,
    UNLIKE,
    Font,
    Hand,
    fonts,
    foreign,
    set_in,
)

SIDE = 384  # pixels of a scene, which views are cut from
SMALLEST, LARGEST = 6.0, 340.0  # height of a digit, pixels
FAINTEST = 0.04  # difference of ink and paper, of white, below which nobody must see a digit
INKED = 48  # of 255: a pixel with more belongs to the character's box


class Label(NamedTuple):
    """One digit: its box in pixels of the scene, as far as it shows, and what else is known of it.

    Attributes:
        box: x, y, w, h.
        digit: 0 to 9.
        shown: share of its box that the scene shows.
        printed: whether it is print.
        unsure: whether a person might see no digit there: crossed out, hidden in part.
    """

    box: tuple[float, float, float, float]
    digit: int
    shown: float
    printed: bool
    unsure: bool


class Mark(NamedTuple):
    """One character that is no digit.

    Attributes:
        box: x, y, w, h in pixels of the scene, as far as it shows.
        unlike: whether nobody takes it for a digit, even where it stands alone: an F, but no l, no O and no slash.
    """

    box: tuple[float, float, float, float]
    unlike: bool


class Drawn(NamedTuple):
    """A scene: uint8 (SIDE, SIDE), its digits, and its other characters."""

    image: Grey
    labels: list[Label]
    marks: Sequence[Mark] = ()


@dataclass(slots=True, eq=False)
class _Sheet:
    """What is being written on.

    Attributes:
        ink, print_: float32 (SIDE, SIDE), how much of each pixel pen or press covers.
        writable: uint8 (SIDE, SIDE), or None for all of it.
        turn: of the lines, radians.
        height: usual height of a digit, pixels.
    """

    rng: Rng
    hand: Hand
    height: float
    turn: float
    writable: NDArray[np.uint8] | None = None
    ink: Float = field(default_factory=lambda: np.zeros((SIDE, SIDE), np.float32))
    print_: Float = field(default_factory=lambda: np.zeros((SIDE, SIDE), np.float32))
    labels: list[Label] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page, its middle (0, 0), in pixels of the scene."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
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
    ) -> None:
        """Put a character on the page, its middle at (x, y): a digit, or a `Mark`."""
        if not glyph.size:
            return
        rng = self.rng
        loose = 0.0 if printed else 1.0
        bent = _turned(glyph, self.turn + loose * rng.normal(0, 0.06), loose * rng.normal(0, 0.12))
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

    def digit(self, x: float, y: float, height: float, *, printed: Font | None = None, unsure: bool = False) -> float:
        """Write any digit; gives its width."""
        digit = int(self.rng.integers(10))
        glyph = set_in(printed, str(digit), height) if printed else self.hand.digit(digit, self.rng, height)
        self.stamp(glyph, x, y, digit=digit, printed=printed is not None, unsure=unsure)
        return float(glyph.shape[1]) if glyph.size else height

    def line(self, a: tuple[float, float], b: tuple[float, float], thick: float, *, printed: bool = False) -> None:
        """Draw a straight stroke between two points of the page."""
        (ax, ay), (bx, by) = self.place(*a), self.place(*b)
        layer = self.print_ if printed else self.ink
        fixed = [(int(u * 16), int(v * 16)) for u, v in ((ax, ay), (bx, by))]
        cv2.line(layer, fixed[0], fixed[1], (1.0,), max(1, round(thick)), cv2.LINE_AA, 4)


def draw(rng: Rng, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Drawn:
    """Draw one scene.

    Args:
        rng: decides everything; the same state and the same installed fonts give the same scene.
        images: uint8 (n, 28, 28), MNIST's pictures whose hands write.
        labels: uint8 (n,), their digits.
    """
    sheet, paper, dark, kind = _begun(rng, images, labels)
    CONTENTS[kind](sheet)
    if rng.random() < 0.22:
        _ruled(sheet)
    _litter(sheet)
    picture, contrast, hidden = _shine(sheet, paper, dark)
    known = [_hidden(_seen(label, contrast), hidden) for label in sheet.labels]
    return Drawn(surfaces.photograph(rng, picture, sheet.height), known, sheet.marks)


def content(seed: int, number: int) -> str:
    """Which of `CONTENTS` a scene of `many` holds, told without drawing all of it."""
    nobody = np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8)
    return _begun(np.random.default_rng([seed, number]), *nobody)[3]


def _begun(rng: Rng, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> tuple[_Sheet, Float, bool, str]:
    """An empty sheet, the paper that it lies on, whether that is dark, and which of `CONTENTS` comes on it."""
    hand = Hand.random(rng, images, [np.flatnonzero(labels == digit) for digit in range(10)])
    high = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(120))))
    turn = rng.normal(0, 0.07) if rng.random() < 0.75 else rng.uniform(-0.52, 0.52)
    paper, writable, dark = _paper(rng, turn)
    sheet = _Sheet(rng, hand, high, turn, writable)
    kinds = list(CONTENTS)
    return sheet, paper, dark, kinds[rng.choice(len(kinds), p=SHARES)]


def _paper(rng: Rng, turn: float) -> tuple[Float, NDArray[np.uint8] | None, bool]:
    """A surface to write on, where it may be written on, and whether it is dark."""
    kind = rng.random()
    if kind < 0.27:
        below, mask = surfaces.lay_sheets(rng, surfaces.desk(rng, SIDE), turn)
        tone = float(np.median(below[mask > 0])) if mask.any() else 0.8
        return below, mask, tone < 0.42
    if kind < 0.4:  # a board, chalk or the screen of a tablet
        tone = rng.uniform(0.02, 0.35)
        wiped = surfaces.soft(rng, SIDE, rng.uniform(4, 14), rng.uniform(2, 8)) * np.float32(rng.uniform(0, 0.08))
        return np.clip(tone + wiped, 0, 1), None, True
    if kind < 0.46:  # a whiteboard with stains
        stains = cv2.GaussianBlur(
            (rng.random((SIDE, SIDE)) > 0.996).astype(np.float32), (0, 0), float(rng.uniform(2, 9))
        )
        return np.clip(0.9 - stains * np.float32(rng.uniform(0, 12)), 0.4, 1), None, False
    if kind < 0.5:  # written on the desk itself, on wood or cloth
        ground = surfaces.desk(rng, SIDE)
        return ground, None, bool(ground.mean() < 0.4)
    tone = rng.uniform(0.5, 1)
    grain = surfaces.soft(rng, SIDE, rng.uniform(30, 150)) * np.float32(rng.uniform(0, 0.05))
    return np.clip(tone + grain, 0, 1), None, False


# ---- what stands on a page


def _lines(sheet: _Sheet) -> None:
    """Lines of digits: close or wide, tidy or ragged, with or without words between them."""
    rng, high = sheet.rng, sheet.height
    gap = rng.uniform(-0.1, 0.12) if rng.random() < 0.3 else rng.uniform(0.1, 1.0)
    strange = float(rng.choice([0, 0, 0.08, 0.25]))
    cell = rng.uniform(0.9, 1.5) if rng.random() < 0.15 else None
    y = (rng.uniform(-0.5, 0.1) if rng.random() < 0.6 else rng.uniform(-0.3, 0.2)) * SIDE
    pitch = rng.uniform(1.15, 2.3)
    uneven = rng.uniform(0, 0.12)
    for _ in range(int(rng.choice([1, 2, 3, 4, 8, 60]))):
        x, end = (rng.uniform(-0.55, 0) * SIDE, rng.uniform(0.1, 0.55) * SIDE)
        while x < end:
            h = high * float(np.exp(rng.normal(0, 0.07 + uneven)))
            up = y + rng.normal(0, 0.03 + uneven) * high
            if rng.random() < strange:
                wide = _strange(sheet, x, up, h)
            else:
                digit = int(rng.integers(10))
                glyph = sheet.hand.digit(digit, rng, h)
                wide = float(glyph.shape[1])
                sheet.stamp(glyph, x + wide / 2, up, digit=digit)
            x += cell * high if cell else wide + gap * high
            if rng.random() < 0.06:
                x += rng.uniform(0.4, 3) * high
        if rng.random() < 0.08:
            start = rng.uniform(-0.5, 0.2) * SIDE
            base = y + rng.uniform(0.45, 0.7) * high
            sheet.line((start, base), (end, base + rng.normal(0, 0.05) * high), sheet.hand.pen * high)
        y += pitch * high
        if y > 0.55 * SIDE:
            break


def _few(sheet: _Sheet) -> None:
    """One to three digits, as large as the picture allows."""
    rng = sheet.rng
    count = int(rng.choice([1, 1, 1, 2, 3]))
    sheet.height = high = float(np.exp(rng.uniform(np.log(60), np.log(LARGEST / (1 + 0.4 * (count - 1))))))
    x = rng.normal(0, 0.12) * SIDE - 0.35 * high * (count - 1)
    for _ in range(count):
        x += (
            sheet.digit(x, rng.normal(0, 0.1) * SIDE, high * rng.uniform(0.9, 1.1)) * 0.6 + rng.uniform(0.2, 0.5) * high
        )


def _scattered(sheet: _Sheet) -> None:
    """Digits and other marks of any size, anywhere, not touching."""
    rng = sheet.rng
    taken: list[tuple[float, float, float]] = []
    wide = rng.random() < 0.4
    for _ in range(int(rng.integers(2, 60))):
        h = sheet.height * (float(np.exp(rng.normal(0, 0.6))) if wide else float(np.exp(rng.normal(0, 0.12))))
        h = min(h, 0.5 * SIDE)
        x, y = rng.uniform(-0.52, 0.52, 2) * SIDE
        if any((x - a) ** 2 + (y - b) ** 2 < (0.62 * (h + c)) ** 2 for a, b, c in taken):
            continue
        taken.append((x, y, h))
        if rng.random() < 0.75:
            sheet.digit(x, y, h)
            if rng.random() < 0.06:
                _ring(sheet, x, y, h)
        else:
            _strange(sheet, x - h / 4, y, h)


def _ring(sheet: _Sheet, x: float, y: float, h: float) -> None:
    """Circle something, by hand or by compass."""
    cx, cy = sheet.place(x, y)
    axes = int(h * sheet.rng.uniform(0.7, 1.1)), int(h * sheet.rng.uniform(0.7, 1.1))
    angle = float(sheet.rng.uniform(0, 180))
    thick = max(1, round(sheet.hand.pen * h))
    cv2.ellipse(
        sheet.ink, (int(cx), int(cy)), axes, angle, 0, float(sheet.rng.uniform(330, 380)), (1.0,), thick, cv2.LINE_AA
    )


def _cells(sheet: _Sheet) -> None:
    """A table, a sudoku, a form's boxes: digits in cells, and some that touch their lines; print among them."""
    rng = sheet.rng
    sudoku = rng.random() < 0.45
    rows, columns = (9, 9) if sudoku else (int(rng.integers(1, 9)), int(rng.integers(1, 14)))
    if rng.random() < 0.25:
        rows, columns = 1, int(rng.integers(2, 12))
    across = rng.uniform(0.55, 1.3) * SIDE / columns
    w = max(8.0, across if sudoku or rng.random() < 0.5 else sheet.height * rng.uniform(1.1, 2))
    h = w * (rng.uniform(0.93, 1.07) if sudoku else rng.uniform(0.8, 1.7))
    sheet.height = high = max(SMALLEST, min(w, h) * rng.uniform(0.45, 0.95 if rng.random() < 0.7 else 1.2))
    gap = 0.0 if sudoku or rng.random() < 0.7 else rng.uniform(0.05, 0.4) * w
    printed = fonts(PRINTS)
    font = printed[rng.integers(len(printed))] if printed and rng.random() < (0.6 if sudoku else 0.2) else None
    share_printed = rng.uniform(0.2, 1.0)
    filled = rng.uniform(0.15, 1.0)
    thick = rng.uniform(0.5, 1 + 0.06 * w)
    by_pen = rng.random() < 0.2
    left, top = -(w + gap) * columns / 2 + rng.normal(0, 0.05) * SIDE, -h * rows / 2 + rng.normal(0, 0.05) * SIDE
    stray = rng.uniform(0.02, 0.16)
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * (w + gap), top + row * h
            if gap:
                _frame(sheet, (x, y), (w, h), thick, by_pen=by_pen)
            if rng.random() > filled:
                continue
            if font and rng.random() < share_printed:
                sheet.digit(x + w / 2, y + h / 2, high * 0.85, printed=font)
            elif rng.random() < 0.04:
                _strange(sheet, x + w / 4, y + h / 2, high)
            else:
                dx, dy = rng.normal(0, stray, 2) * w
                sheet.digit(x + w / 2 + dx, y + h / 2 + dy, high * float(np.exp(rng.normal(0, 0.1))))
            if rng.random() < 0.02:  # a pencilled candidate in a corner
                sheet.digit(x + 0.2 * w, y + 0.2 * h, 0.3 * high)
    if not gap:
        _grid(sheet, (left, top), (w, h), (rows, columns), thick, by_pen=by_pen, by_threes=sudoku)


def _frame(
    sheet: _Sheet, corner: tuple[float, float], cell: tuple[float, float], thick: float, *, by_pen: bool
) -> None:
    """The four lines of a cell that stands alone."""
    (x, y), (w, h) = corner, cell
    for a, b in pairwise([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]):
        sheet.line(a, b, thick, printed=not by_pen)


def _grid(
    sheet: _Sheet,
    corner: tuple[float, float],
    cell: tuple[float, float],
    counts: tuple[int, int],
    thick: float,
    *,
    by_pen: bool,
    by_threes: bool,
) -> None:
    """The lines of a table, rows first; every third is heavier where `by_threes`."""
    (left, top), (w, h), (rows, columns) = corner, cell, counts

    def stray() -> float:
        return float(sheet.rng.normal(0, 0.03)) * w if by_pen else 0.0

    for row in range(rows + 1):
        heavy = 1 + 2 * (by_threes and row % 3 == 0)
        y = top + row * h
        sheet.line((left, y + stray()), (left + w * columns, y + stray()), thick * heavy, printed=not by_pen)
    for column in range(columns + 1):
        heavy = 1 + 2 * (by_threes and column % 3 == 0)
        x = left + column * w
        sheet.line((x + stray(), top), (x + stray(), top + h * rows), thick * heavy, printed=not by_pen)


def _sums(sheet: _Sheet) -> None:
    """Arithmetic: operators, brackets, fractions, roots, results below a bar."""
    rng, high = sheet.rng, sheet.height
    y = rng.uniform(-0.45, 0.1) * SIDE
    while y < 0.5 * SIDE:
        x = rng.uniform(-0.5, -0.1) * SIDE
        for _ in range(int(rng.integers(3, 20))):
            kind = rng.random()
            if kind < 0.58:
                x += (
                    sheet.digit(x + 0.3 * high, y, high * float(np.exp(rng.normal(0, 0.08))))
                    + rng.uniform(0.05, 0.25) * high
                )
            elif kind < 0.95:
                choice = (OFTEN, SIGNS, SYMBOLS, ALONE)[rng.choice(4, p=[0.6, 0.18, 0.14, 0.08])]
                sign = choice[rng.integers(len(choice))]
                tall = high * (rng.uniform(0.9, 1.6) if sign in "()[]{}/|∫∑√" else rng.uniform(0.7, 1.1))
                glyph = _sign(sheet, sign, tall)
                wide = float(glyph.shape[1]) if glyph.size else 0.3 * high
                low = y + (0.5 * high if sign in ",." else 0)
                sheet.stamp(glyph, x + wide / 2, low, unlike=sign in UNLIKE or sign in ALONE)
                x += wide + rng.uniform(0.1, 0.5) * high
            else:  # an exponent
                x += sheet.digit(x, y - 0.5 * high, 0.55 * high) * 0.8
            if x > 0.52 * SIDE:
                break
        if rng.random() < 0.3:
            bar = y + 0.8 * high
            sheet.line((-0.4 * SIDE, bar), (x, bar + rng.normal(0, 0.04) * high), sheet.hand.pen * high)
        y += rng.uniform(1.4, 2.6) * high
        if rng.random() < 0.15:
            break


def _sign(sheet: _Sheet, sign: str, high: float) -> Grey:
    """An operator: in a font's hand, or drawn as a few strokes."""
    rng = sheet.rng
    if rng.random() < 0.6 and sign in "+-=x*/()[]|<>÷∫,.":
        return _strokes(rng, sign, high, sheet.hand.pen)
    glyph = sheet.hand.letter(sign, rng, high)
    if not glyph.size:
        prints = fonts(PRINTS)
        glyph = set_in(prints[rng.integers(len(prints))], sign, high) if prints else glyph
    return glyph


def _strokes(rng: Rng, sign: str, high: float, pen: float) -> Grey:
    """Draw an operator by strokes, at four times the size."""
    r = rng.normal(0, 0.04, (8, 2))
    bow = rng.uniform(0.08, 0.35)
    t = np.linspace(-1, 1, 12)
    signs: dict[str, Sequence[Sequence[tuple[float, float]]]] = {
        "+": [[(0, 0.5), (0.6, 0.5)], [(0.3, 0.2), (0.3, 0.8)]],
        "-": [[(0, 0.5), (0.6, 0.5)]],
        "=": [[(0, 0.38), (0.6, 0.38)], [(0, 0.62), (0.6, 0.62)]],
        "x": [[(0, 0.25), (0.5, 0.75)], [(0.5, 0.25), (0, 0.75)]],
        "*": [[(0, 0.3), (0.4, 0.7)], [(0.4, 0.3), (0, 0.7)], [(0.2, 0.25), (0.2, 0.75)]],
        "/": [[(rng.uniform(0.15, 0.9), 0), (0, 1)]],
        "|": [[(0, -0.1), (0, 1.1)]],
        "(": [list(zip(bow * t * t, (t + 1) / 2, strict=True))],
        ")": [list(zip(-bow * t * t, (t + 1) / 2, strict=True))],
        "[": [[(0.25, 0), (0, 0), (0, 1), (0.25, 1)]],
        "]": [[(0, 0), (0.25, 0), (0.25, 1), (0, 1)]],
        "<": [[(0.5, 0.25), (0, 0.5), (0.5, 0.75)]],
        ">": [[(0, 0.25), (0.5, 0.5), (0, 0.75)]],
        "∫": [[(0.42, 0.1), (0.36, 0.01), (0.26, 0.1), (0.2, 0.5), (0.14, 0.9), (0.06, 0.99), (0, 0.9)]],
        ",": [[(rng.uniform(0, 0.12), 0), (0, rng.uniform(0.12, 0.3))]],
        ".": [[(0, 0), (0.01, 0.01)]],
        "÷": [[(0, 0.5), (0.6, 0.5)], [(0.3, 0.28), (0.3, 0.3)], [(0.3, 0.7), (0.3, 0.72)]],
    }
    fine = 4 if high < 60 else 1
    size = int(2 * high * fine) + 8
    canvas = np.zeros((size, size), np.uint8)
    for number, path in enumerate(signs[sign]):
        points = (np.array(path) + r[number] + 0.4) * high * fine
        cv2.polylines(
            canvas,
            [(points * 16).astype(np.int32)],
            isClosed=False,
            color=(255,),
            thickness=max(1, round(pen * high * fine)),
            lineType=cv2.LINE_AA,
            shift=4,
        )
    x, y, w, h = cv2.boundingRect(canvas)
    cut = canvas[y : y + h, x : x + w]
    return np.asarray(cv2.resize(cut, (max(1, w // fine), max(1, h // fine)), interpolation=cv2.INTER_AREA), np.uint8)


def _text(sheet: _Sheet) -> None:
    """Words by hand or in print, with numbers among them or without."""
    rng = sheet.rng
    printed = rng.random() < 0.5
    prints = fonts(PRINTS)
    font = prints[rng.integers(len(prints))] if prints and printed else None
    if not font:
        hands = fonts(HANDS)
        sheet.hand.letters = sheet.hand.letters or (hands[rng.integers(len(hands))] if hands else None)
    sheet.height = high = float(np.exp(rng.uniform(np.log(5), np.log(60))))
    numbers = float(rng.choice([0, 0, 0.05, 0.2]))
    script = rng.random() < 0.15
    chars = (LETTERS, LETTERS.upper(), marks.ALPHABET)[rng.integers(3)]
    gap = rng.uniform(-0.08, 0.25) if not font else 0.1  # letters that join, or stand apart
    y = rng.uniform(-0.55, 0) * SIDE
    while y < 0.55 * SIDE:
        x = rng.uniform(-0.55, -0.2) * SIDE
        while x < rng.uniform(0.3, 0.55) * SIDE:
            if rng.random() < numbers:
                for _ in range(int(rng.integers(1, 5))):
                    x += sheet.digit(x + high * 0.3, y, high, printed=font) + 0.12 * high
            else:
                count = int(rng.integers(1, 9))
                # which only their word tells from digits
                known = chars + "OolI" if count > 2 else ALONE
                for _ in range(count):
                    char = known[rng.integers(len(known))]
                    if script:
                        glyph = foreign(rng, high)
                    else:
                        glyph = set_in(font, char, high) if font else sheet.hand.letter(char, rng, high)
                    if glyph.size:
                        low = y + high / 2 - glyph.shape[0] / 2 + (0.25 * high if char in "gpqyj" else 0)
                        alone = char in ALONE and not script and gap > 0.05
                        sheet.stamp(glyph, x + glyph.shape[1] / 2, low, printed=font is not None, unlike=alone)
                        x += glyph.shape[1] + gap * high
            x += rng.uniform(0.4, 0.8) * high
        y += rng.uniform(1.4, 2.0) * high
        if rng.random() < 0.05:
            break


def _diagram(sheet: _Sheet) -> None:
    """A tree, a graph, axes: rings and boxes joined by lines, with digits or letters in them."""
    rng, high = sheet.rng, float(np.clip(sheet.height, 8, 70))
    sheet.height = high
    nodes = rng.uniform(-0.48, 0.48, (int(rng.integers(2, 14)), 2)) * SIDE
    for a, b in pairwise(nodes):
        way = b - a
        length = float(np.hypot(*way)) + 1e-6
        inset = way / length * high * 1.1
        if length > 3 * high:
            sheet.line(tuple(a + inset), tuple(b - inset), sheet.hand.pen * high)
    for x, y in nodes:
        kind = rng.random()
        if kind < 0.7:
            _ring(sheet, x, y, high)
        if rng.random() < 0.6:
            sheet.digit(x, y, high * rng.uniform(0.7, 1))
        else:
            _strange(sheet, x - high / 4, y, high)


def _nothing(sheet: _Sheet) -> None:
    """No digit: dots, squares, tally marks, hatching, doodles, or nothing at all."""
    rng = sheet.rng
    kind = rng.integers(len(NOTHINGS) + 1)
    step = float(np.exp(rng.uniform(np.log(5), np.log(60))))
    thick = max(1.0, step * rng.uniform(0.03, 0.2))
    if kind < len(NOTHINGS):
        NOTHINGS[kind](sheet, step, thick)


def _over_all(sheet: _Sheet, step: float) -> Iterator[tuple[int, int]]:
    """Places so far apart, all over the page, in pixels of the scene."""
    for x in np.arange(-0.7 * SIDE, 0.7 * SIDE, step):
        for y in np.arange(-0.7 * SIDE, 0.7 * SIDE, step):
            cx, cy = sheet.place(x, y)
            yield int(cx), int(cy)


def _dots(sheet: _Sheet, step: float, thick: float) -> None:  # noqa: ARG001  # as all of these are called
    line = -1 if step % 2 < 1.4 else 1
    for place in _over_all(sheet, step):
        cv2.circle(sheet.ink, place, max(1, int(step * 0.2)), (1.0,), line, cv2.LINE_AA)


def _squares(sheet: _Sheet, step: float, thick: float) -> None:  # noqa: ARG001
    rng = sheet.rng
    for x, y in _over_all(sheet, step):
        half = int(step * rng.uniform(0.2, 0.35))
        cv2.rectangle(sheet.ink, (x - half, y - half), (x + half, y + half), (1.0,), int(rng.choice([-1, 1])))


def _fence(sheet: _Sheet, step: float, thick: float) -> None:
    """Tally marks, bars, hatching."""
    rng = sheet.rng
    for y in np.arange(-0.5 * SIDE, 0.5 * SIDE, step * 3):
        lean = rng.normal(0, 0.2)
        for x in np.arange(-0.6 * SIDE, 0.6 * SIDE, step):
            sheet.line((x, y), (x + lean * step, y + 2 * step), thick)
            if rng.random() < 0.15:
                sheet.line((x - 3 * step, y + 1.6 * step), (x + step, y + 0.3 * step), thick)


def _doodles(sheet: _Sheet, step: float, thick: float) -> None:  # noqa: ARG001
    rng = sheet.rng
    for _ in range(int(rng.integers(1, 25))):
        x, y = rng.uniform(-0.5, 0.5, 2) * SIDE
        sheet.stamp(sheet.hand.doodle(rng, step * rng.uniform(0.6, 3)), x, y)


def _stranges(sheet: _Sheet, step: float, thick: float) -> None:  # noqa: ARG001
    rng = sheet.rng
    for _ in range(int(rng.integers(3, 80))):
        x, y = rng.uniform(-0.5, 0.5, 2) * SIDE
        _strange(sheet, x, y, step)


def _scrawl(sheet: _Sheet, step: float, thick: float) -> None:
    rng = sheet.rng
    path = np.cumsum(rng.normal(0, step, (int(rng.integers(8, 80)), 2)), axis=0) + SIDE / 2
    points = (cv2.blur(path.astype(np.float32), (1, 5)) * 16).astype(np.int32)
    cv2.polylines(
        sheet.ink, [points], isClosed=False, color=(1.0,), thickness=max(1, int(thick)), lineType=cv2.LINE_AA, shift=4
    )


NOTHINGS = (_dots, _squares, _fence, _doodles, _stranges, _scrawl)


Content = Callable[[_Sheet], None]
CONTENTS: dict[str, Content] = {
    "lines": _lines,
    "few": _few,
    "scattered": _scattered,
    "cells": _cells,
    "sums": _sums,
    "text": _text,
    "diagram": _diagram,
    "nothing": _nothing,
}
SHARES = (0.25, 0.12, 0.10, 0.14, 0.14, 0.13, 0.04, 0.08)


def _strange(sheet: _Sheet, x: float, y: float, high: float) -> float:
    """Put a mark that is no digit on the page, its left middle at (x, y); gives its width."""
    rng = sheet.rng
    kind = rng.random()
    unlike = kind < 0.7
    if kind < 0.35:
        glyph = sheet.hand.letter(ALONE[rng.integers(len(ALONE))], rng, high)
    elif kind < 0.7:
        glyph = _sign(sheet, UNLIKE[rng.integers(len(UNLIKE))], high * rng.uniform(0.7, 1.2))
    elif kind < 0.8:
        glyph = sheet.hand.doodle(rng, high)
    elif kind < 0.9:
        glyph = foreign(rng, high)
    else:  # a comma or a dot at the line's foot
        glyph, y = _strokes(rng, ",."[rng.integers(2)], high, sheet.hand.pen), y + 0.5 * high
    wide = float(glyph.shape[1]) if glyph.size else high / 2
    sheet.stamp(glyph, x + wide / 2, y, unlike=unlike)
    return wide


# ---- what else is on it


def _ruled(sheet: _Sheet) -> None:
    """Printed rules, squares or dots over all of the page."""
    rng = sheet.rng
    every = max(5.0, sheet.height * rng.uniform(0.35, 2.5))
    thick = rng.uniform(0.5, 1 + 0.06 * every)
    reach = 0.8 * SIDE
    strength = np.float32(rng.uniform(0.1, 1.0))
    before = sheet.print_.copy()
    kind = rng.random()
    start = rng.uniform(0, every)
    for at in np.arange(-reach + start, reach, every):
        if kind < 0.85:
            sheet.line((-reach, at), (reach, at), thick, printed=True)
        if kind > 0.45:
            sheet.line((at, -reach), (at, reach), thick, printed=True)
    sheet.print_ = np.maximum(before, sheet.print_ * strength)


def _litter(sheet: _Sheet) -> None:
    """Print beside the writing, dust, show-through, strokes that cross out or underline."""
    rng = sheet.rng
    if rng.random() < 0.16:
        _captions(sheet)
    if rng.random() < 0.1:
        _dust(sheet)
    if rng.random() < 0.1 and sheet.labels:  # the page's back shows through
        ghost = cv2.GaussianBlur(np.ascontiguousarray(sheet.ink[:, ::-1]), (0, 0), float(rng.uniform(0.8, 3)))
        sheet.ink = np.maximum(sheet.ink, ghost * np.float32(rng.uniform(0.03, 0.25)))
    if rng.random() < 0.05 and sheet.labels:
        _cross_out(sheet)


def _captions(sheet: _Sheet) -> None:
    """Printed words, where no digit stands."""
    rng = sheet.rng
    prints = fonts(PRINTS)
    free = _free(sheet)
    for _ in range(int(rng.integers(1, 7)) if prints else 0):
        font = prints[rng.integers(len(prints))]
        h = float(np.exp(rng.uniform(np.log(4), np.log(26))))
        x, y = rng.uniform(-0.5, 0.3, 2) * SIDE
        for _ in range(int(rng.integers(3, 30))):
            glyph = set_in(font, LETTERS[rng.integers(len(LETTERS))], h)
            cx, cy = sheet.place(x, y)
            if 0 <= cx < SIDE and 0 <= cy < SIDE and free[int(cy), int(cx)]:
                sheet.stamp(glyph, x, y, printed=True)
            x += (glyph.shape[1] if glyph.size else h / 2) + h * 0.1 + (h * 0.5 if rng.random() < 0.18 else 0)


def _dust(sheet: _Sheet) -> None:
    rng = sheet.rng
    dust = np.zeros((SIDE, SIDE), np.float32)
    largest = int(max(2, sheet.height * 0.12))
    for _ in range(int(rng.integers(4, 120))):
        x, y = (int(v) for v in rng.integers(0, SIDE, 2))
        cv2.circle(dust, (x, y), int(rng.integers(0, largest)), (float(rng.uniform(0.2, 1)),), -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(dust, (0, 0), float(rng.uniform(0.4, 2)))
    sheet.ink = np.maximum(sheet.ink, soft * np.float32(rng.uniform(0.1, 1)))


def _cross_out(sheet: _Sheet) -> None:
    """Strokes through a few digits, which nobody then has to see."""
    rng = sheet.rng
    for place in rng.permutation(len(sheet.labels))[: int(rng.integers(1, 6))]:
        label = sheet.labels[place]
        x, y, w, h = label.box
        heavy = rng.random() < 0.5
        for _ in range(int(rng.integers(3, 8)) if heavy else 1):
            a = (int(x - 0.2 * w), int(y + rng.uniform(0, 1) * h))
            b = (int(x + 1.2 * w), int(y + rng.uniform(0, 1) * h))
            cv2.line(sheet.ink, a, b, (1.0,), max(1, round(sheet.hand.pen * h)), cv2.LINE_AA)
        sheet.labels[place] = label._replace(unsure=True)


def _free(sheet: _Sheet) -> NDArray[np.bool_]:
    """Where no digit stands."""
    free = np.ones((SIDE, SIDE), np.bool_)
    for label in sheet.labels:
        x, y, w, h = (int(n) for n in label.box)
        margin = int(0.35 * h) + 2
        free[max(0, y - margin) : y + h + margin, max(0, x - margin) : x + w + margin] = False
    return free


def _shine(sheet: _Sheet, paper: Float, dark: bool) -> tuple[Float, Float, NDArray[np.uint8] | None]:  # noqa: FBT001
    """Ink on paper in its light; how much the ink changes of it; and what a hand hides."""
    rng = sheet.rng
    ink = sheet.ink
    if rng.random() < 0.25:  # dry pens, chalk, strokes with gaps
        cells = float(np.clip(SIDE / max(sheet.height * rng.uniform(0.05, 0.3), 1.5), 4, SIDE))
        gaps = surfaces.soft(rng, SIDE, cells) * np.float32(rng.uniform(0.8, 2))
        ink = ink * np.clip(np.float32(rng.uniform(0.5, 1.6)) + gaps, 0, 1)
    faint = rng.random() < 0.14
    strength = rng.uniform(0.07, 0.4) if faint else rng.uniform(0.45, 1)
    tone = rng.uniform(0.75, 1) if dark else rng.uniform(0, 0.3)
    if rng.random() < 0.04:  # the other way round: white ink on grey, dark ink on a dark sheet
        tone = 1 - tone
    cover = np.clip(ink, 0, 1) * np.float32(strength)
    pressed = np.clip(sheet.print_, 0, 1) * np.float32(rng.uniform(0.1, 1))
    under = paper * (1 - pressed) + np.float32(rng.uniform(0.6, 1) if dark else rng.uniform(0, 0.55)) * pressed
    if sheet.writable is not None:
        under = np.where(sheet.writable > 0, under, paper)
    scene = np.asarray((under * (1 - cover) + np.float32(tone) * cover), np.float32)
    hidden = surfaces.cover_by_hand(rng, scene) if rng.random() < 0.06 else None
    lit = surfaces.light(rng, SIDE)
    return scene * lit, np.maximum(np.abs(under - np.float32(tone)) * cover, np.abs(under - paper)) * lit, hidden


def _seen(label: Label, contrast: Float) -> Label:
    """A digit whose ink hardly differs from what it stands on."""
    x, y, w, h = (int(n) for n in label.box)
    ink = float(np.percentile(contrast[y : y + max(1, h), x : x + max(1, w)], 90))
    return label._replace(unsure=label.unsure or ink < FAINTEST)


def _hidden(label: Label, hidden: NDArray[np.uint8] | None) -> Label:
    """A digit that a hand lies on in part."""
    if hidden is None:
        return label
    x, y, w, h = (int(n) for n in label.box)
    share = float(hidden[y : y + max(1, h), x : x + max(1, w)].mean())
    if share > 0.5:
        return label._replace(shown=0.0)
    return label._replace(unsure=label.unsure or share > 0.05)


def _turned(glyph: Grey, angle: float, shear: float) -> Grey:
    """A character turned and sheared, cropped to where it lies, with a pixel of paper around."""
    h, w = glyph.shape
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin + shear, 0], [sin, cos, 0]])
    corners = np.array([[0, 0], [w, 0], [0, h], [w, h]]) @ matrix[:, :2].T
    low = corners.min(axis=0)
    matrix[:, 2] = 1 - low
    size = np.ceil(corners.max(axis=0) - low).astype(int) + 2
    return np.asarray(cv2.warpAffine(glyph, matrix, (int(size[0]), int(size[1])), flags=cv2.INTER_LINEAR), np.uint8)


def many(seed: int, first: int, count: int, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Iterator[Drawn]:
    """Scenes number `first` and on; each follows from the seed and its number alone."""
    for number in range(first, first + count):
        yield draw(np.random.default_rng([seed, number]), images, labels)


def contact_sheet(scenes: Sequence[Drawn], columns: int = 6) -> NDArray[np.uint8]:
    """A picture of scenes with their boxes, uint8 (h, w, 3): written green, printed blue, unsure or cut orange."""
    tiles = []
    for image, labels, _ in scenes:
        tile = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        for label in labels:
            x, y, w, h = (int(n) for n in label.box)
            colour = (
                (0, 140, 255) if label.unsure or label.shown < 0.75 else (255, 90, 0) if label.printed else (0, 190, 0)
            )
            cv2.rectangle(tile, (x, y), (x + w, y + h), colour, 1)
        tiles.append(tile)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), np.uint8)
