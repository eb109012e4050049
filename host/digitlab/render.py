"""Camera-like pictures of handwritten digits, with what they say: ink -> page -> camera.

Three steps, each seeded and each replaceable: an `Ink` draws one digit, `compose` puts lines of them on paper, a
`Camera` takes a picture of the page. What a page says is carried through the camera's geometry, so that every digit's
box is known in frame pixels.
"""

import io
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.frame import Grey
from digitcam.normalize import normalize
from digitcam.reading import Box
from digitlab.strokes import Writer, draw

FINE = 2  # a page is drawn at this many times the frame's pixels
BLEED = 1.5  # and is larger than the frame by this, so that the camera may wander
FRAME = (640, 480)
FPS = 15.0

Float = NDArray[np.float32]
Ink = Callable[[int, np.random.Generator, float, float], Grey]
"""(digit, rng, height, pen) -> uint8 (h, w), ink from 0 to 255, cropped; heights and pens in pixels."""


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
    """

    image: Grey
    lines: tuple[str, ...]
    labels: list[Labelled]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: how bright it is, what is printed on it, how coarse it is; 0 is black, 1 white."""

    tone: float
    rules: float = 0
    """How much darker (or lighter, on a board) printed lines are."""
    columns: bool = False
    """Whether lines run down the page too: a grid."""
    grain: float = 0.012
    cloud: float = 0.015
    """How uneven it is at large: a board's wiped chalk, paper that waves."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What is written with."""

    width: float
    """As a share of the digits' height."""
    strength: float
    """How much of the way from the paper to its own tone the ink goes."""
    tone: float = 0.06
    grain: float = 0.1
    """How much of the paper's grain it leaves bare: chalk and pencil much, ink little."""


PLAIN = Paper(0.9)
RULED = Paper(0.92, rules=0.16)
GRID = Paper(0.9, rules=0.13, columns=True)
BOARD = Paper(0.17, grain=0.01, cloud=0.035)
CARDBOARD = Paper(0.62, grain=0.03)
PAPERS = (PLAIN, RULED, GRID, CARDBOARD, BOARD)
BALLPOINT = Pen(0.06, 0.82)
FINELINER = Pen(0.085, 0.93)
FELT = Pen(0.13, 0.95, grain=0.05)
PENCIL = Pen(0.075, 0.7, tone=0.15, grain=0.3)
CHALK = Pen(0.11, 0.85, tone=0.93, grain=0.4)
PENS = (BALLPOINT, FINELINER, FELT, PENCIL)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page before any camera.

    Attributes:
        image: uint8 (h, w), what it reflects.
        lines: what it says.
        outlines: of each digit in reading order: what it is, its line, float32 (n, 1, 2) the hull of its ink.
    """

    image: Grey
    lines: tuple[str, ...]
    outlines: list[tuple[int, int, Float]]

    def boxes(self, matrix: NDArray[np.float64]) -> list[Box]:
        """Where each digit's ink comes to lie when `matrix`, float64 (3, 3), takes the page to a frame."""
        boxes = []
        for _, _, hull in self.outlines:
            spots = cv2.perspectiveTransform(hull + np.float32(0.5), matrix)[:, 0]
            (left, top), (right, bottom) = np.floor(spots.min(axis=0)), np.ceil(spots.max(axis=0))
            boxes.append(Box(int(left), int(top), int(right - left), int(bottom - top)))
        return boxes


def by_hand(writer: Writer) -> Ink:
    """The ink of one writer's strokes."""
    return lambda digit, rng, height, pen: draw(digit, rng, height, pen, writer)


def compose(
    rng: np.random.Generator,
    lines: Sequence[str],
    *,
    ink: Ink,
    paper: Paper,
    pen: Pen,
    height: float,
    size: tuple[int, int],
) -> Page:
    """Write lines of digits on paper.

    Args:
        rng: decides everything that the other arguments leave open.
        lines: digits only.
        ink: draws each digit.
        paper: what they stand on.
        pen: what they are written with.
        height: of a digit, as a share of the frame's height; less where a line would not fit.
        size: (width, height) of the frame that the middle of the page will fill.
    """
    width, tall = (round(side * FINE * BLEED) for side in size)
    high = FINE * min(size[1] * min(height, 0.62 / len(lines)), 0.85 * size[0] / max(map(len, lines)))
    pitch = high * rng.uniform(1.35, 1.6)
    first = (tall + high - pitch * (len(lines) - 1)) / 2 + rng.normal(0, 0.1) * high
    grain = _grain(rng, (tall, width))
    layer = np.zeros((tall, width), np.uint8)
    outlines = []
    for number, line in enumerate(lines):
        base = first + pitch * number
        inks = [ink(int(c), rng, high * np.exp(rng.normal(0, 0.04)), high * pen.width) for c in line]
        gaps = high * rng.uniform(0.16, 0.34) + high * rng.normal(0, 0.03, len(line))
        left = (width - sum(i.shape[1] for i in inks) - gaps.sum()) / 2 + rng.normal(0, 0.25) * high
        for char, shape, gap in zip(line, inks, gaps, strict=True):
            x, y = round(left), round(base + rng.normal(0, 0.025) * high) - shape.shape[0]
            place = layer[y : y + shape.shape[0], x : x + shape.shape[1]]
            np.maximum(place, shape, out=place)
            inked = cv2.findNonZero((shape > shape.max() // 3).astype(np.uint8))
            hull = np.asarray(cv2.convexHull(np.asarray(inked, np.float32)) + np.array([x, y]), dtype=np.float32)
            outlines.append((int(char), number, hull))
            left += shape.shape[1] + gap
    sheet = _sheet(rng, paper, grain, (first + 0.08 * high, pitch))
    cover = layer * np.float32(pen.strength / 255) * np.clip(1 - pen.grain * (0.4 + 0.6 * grain), 0, 1)
    return Page(_grey(255 * (sheet + cover * (pen.tone - sheet))), tuple(lines), outlines)


def _sheet(rng: np.random.Generator, paper: Paper, grain: Float, ruling: tuple[float, float]) -> Float:
    """Empty paper, 0 to 1, with a rule at `ruling[0]` and every `ruling[1]` pixels up and down from there."""
    sheet = paper.tone + paper.grain * grain + paper.cloud * _cloud(rng, grain.shape)
    start, every = ruling[0], ruling[1] / (2 if paper.columns else 1)
    for across in (sheet, sheet.T) if paper.columns else (sheet,):
        for at in np.arange(start % every, len(across) - FINE, every).round().astype(int):
            across[at : at + FINE] -= paper.rules
    return sheet


def _grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
    """The fine structure of paper: unit variance, float32; one patch over and over, for drawing it is slow."""
    patch = cv2.GaussianBlur(rng.standard_normal((512, 512), dtype=np.float32), (0, 0), 1.2)
    times = [-(-side // 512) for side in shape]
    return np.asarray(np.tile(patch / patch.std(), times)[: shape[0], : shape[1]], dtype=np.float32)


def _cloud(rng: np.random.Generator, shape: tuple[int, ...]) -> Float:
    """Soft patches, wider than high as a hand wipes: unit variance, float32."""
    coarse = cv2.GaussianBlur(
        rng.standard_normal((shape[0] // 16, shape[1] // 16), dtype=np.float32), (0, 0), 7, None, 3
    )
    return np.asarray(cv2.resize(coarse / coarse.std(), shape[1::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _grey(values: Float) -> Grey:
    return np.asarray(cv2.convertScaleAbs(np.clip(values, 0, 255)), dtype=np.uint8)


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
        """As someone would hold a camera who means to take a good picture."""
        return cls(*rng.normal(0, [0.015, 0.015, 0.035, 0.05, 0.05, 0.06]).tolist())

    def holding(self, page: Page, size: tuple[int, int]) -> "View":
        """The same from as far off as shows every digit whole, with some room around it."""
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
        """What takes a page's pixels to those of a frame `size` (width, height) large: float64 (3, 3)."""
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
        """No shadow, no blur, no noise."""
        return cls(np.ones(size[::-1], np.float32))

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[int, int]) -> Self:
        """Any light that people read in, any camera that they would not send back."""
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
        labels = [
            Labelled(digit, box, line) for (digit, line, _), box in zip(page.outlines, page.boxes(matrix), strict=True)
        ]
        return Rendered(image, page.lines, labels)

    def _expose(self, seen: Grey, rng: np.random.Generator) -> Grey:
        lit = seen.astype(np.float32) * self.light
        if self.defocus > 0:
            lit = np.asarray(cv2.GaussianBlur(lit, (0, 0), self.defocus), np.float32)
        if max(map(abs, self.motion)) > 0.2:  # noqa: PLR2004 (less cannot be seen)
            lit = np.asarray(cv2.filter2D(lit, -1, _streak(self.motion), borderType=cv2.BORDER_REPLICATE), np.float32)
        if self.noise > 0:
            grain = rng.standard_normal(lit.shape, dtype=np.float32)
            lit += self.noise * grain * np.sqrt(0.3 + 0.7 * np.maximum(lit, 0) / 128)
        image = _grey(lit)
        if self.jpeg is not None:
            _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg])
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        return image


def _streak(motion: tuple[float, float]) -> Float:
    """The kernel of a blur along `motion`, anti-aliased; adds up to 1."""
    reach = int(np.ceil(max(map(abs, motion)) / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for share in np.linspace(-0.5, 0.5, 8 * reach):
        x, y = (reach + share * way for way in motion)
        column, row = int(x), int(y)
        for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
            kernel[row + dy, column + dx] += (1 - abs(x - column - dx)) * (1 - abs(y - row - dy))
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def shine(rng: np.random.Generator, size: tuple[int, int], *, shadow: float | None = None) -> Float:
    """Uneven light: a lamp to one side, a vignette, perhaps the shadow of a hand or a shelf.

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


def random_lines(rng: np.random.Generator, digits: int, lines: int) -> tuple[str, ...]:
    """That many digits spread over that many lines, none of them empty; all ten classes come before any again."""
    order = np.concatenate([rng.permutation(10) for _ in range(digits // 10 + 1)])[:digits]
    cuts = np.linspace(0, digits, lines + 1).round().astype(int)[1:-1]
    return tuple("".join(map(str, part)) for part in np.split(order, cuts))


def render_frame(
    rng: np.random.Generator,
    *,
    size: tuple[int, int] = FRAME,
    lines: Sequence[str] | None = None,
    ink: Ink | None = None,
    paper: Paper | None = None,
    pen: Pen | None = None,
    height: float | None = None,
    view: View | None = None,
    camera: Camera | None = None,
) -> Rendered:
    """Render one picture of handwritten digits; what is not given is chosen at random.

    Args:
        rng: decides everything; the same state gives the same bytes.
        size: (width, height) of the frame in pixels.
        lines: what is written, digits only.
        ink: draws each digit.
        paper: what they stand on.
        pen: what they are written with.
        height: of a digit, as a share of the frame's height; less where a line would not fit.
        view: how the page lies before the camera.
        camera: light, lens and sensor.
    """
    lines = lines or random_lines(rng, int(rng.integers(4, 13)), int(rng.integers(1, 4)))
    paper = paper or PAPERS[rng.integers(len(PAPERS))]
    pen = pen or (CHALK if paper.tone < CHALK.tone / 2 else PENS[rng.integers(len(PENS))])
    ink = ink or by_hand(Writer.random(rng))
    height = height or float(rng.uniform(0.1, 0.3))
    page = compose(rng, lines, ink=ink, paper=paper, pen=pen, height=height, size=size)
    view = view or View.random(rng).holding(page, size)
    return (camera or Camera.random(rng, size)).shoot(page, view, rng)


@dataclass(frozen=True, slots=True)
class Take:
    """One page of a picture series: what is written on what, with what, and how large (share of the frame's height)."""

    lines: tuple[str, ...]
    paper: Paper
    pen: Pen
    height: float


CLIP = (
    Take(("31415", "92653"), PLAIN, FINELINER, 0.2),
    Take(("1969", "0720"), RULED, BALLPOINT, 0.17),
    Take(("1729", "4104"), BOARD, CHALK, 0.22),
    Take(("28", "496", "8128"), GRID, FELT, 0.16),
)
TURN_S = 0.2  # seconds to move off a page, and again to come onto the next
WHIP = 0.5  # how far that moves, as a share of the frame's width
SWAY = (0.012, 0.012, 0.012, 0.025, 0.02, 0.02)  # how far an unsteady hand moves the `View`, field by field
SHUTTER = 0.5  # share of a frame's time that light falls on the sensor


def render_clip(path: Path, seed: int, *, seconds: float = 11, fps: float = FPS) -> None:
    """Render a hand-held-looking video of `CLIP`, and its ground truth beside it as JSON.

    Args:
        path: of the .mp4; the JSON takes its name, ending in .json, and is
            `{"fps", "seed", "pages": [{"text", "from", "to"}]}`: `from` the first frame in which the page holds still,
            `to` the one after the last.
        seed: the same seed gives the same frames.
        seconds: how long it is.
        fps: frames a second.

    Raises:
        OutputError: it cannot be written, or this OpenCV has no MPEG-4 encoder.
    """
    total = round(seconds * fps)
    stops = [round(total * k / len(CLIP)) for k in range(len(CLIP) + 1)]
    turn = max(1, round(TURN_S * fps))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path.name
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), fps, FRAME, isColor=False)
        if not writer.isOpened():
            raise OutputError(
                f"{path}: cannot write: this OpenCV has no MPEG-4 encoder; install opencv-python-headless"
            )
        for frame in _film(np.random.default_rng(seed), stops, turn, fps):
            writer.write(frame)
        writer.release()
        write_atomically(path, file.read_bytes())
    pages = [
        {"text": "\n".join(take.lines), "from": first + (turn + 1) * (k > 0), "to": end - turn * (k < len(CLIP) - 1)}
        for k, (take, first, end) in enumerate(zip(CLIP, stops, stops[1:], strict=False))
    ]
    _write_json(path.with_suffix(".json"), {"fps": fps, "seed": seed, "pages": pages})


def _film(rng: np.random.Generator, stops: Sequence[int], turn: int, fps: float) -> Iterator[Grey]:
    """The frames of a clip: each page held by an unsteady hand, a whip of the camera between them."""
    speed, phase = rng.uniform(0.1, 0.35, 6), rng.uniform(0, 2 * np.pi, 6)
    for take, (first, end) in zip(CLIP, pairwise(stops), strict=True):
        ink = by_hand(Writer.random(rng))
        page = compose(rng, take.lines, ink=ink, paper=take.paper, pen=take.pen, height=take.height, size=FRAME)
        middle = astuple(View.random(rng))
        light = shine(rng, FRAME)

        def hold(i: int, middle: tuple[float, ...] = middle, first: int = first, end: int = end) -> View:
            """How the page lies in frame `i`."""
            sway = np.array(SWAY) * np.sin(2 * np.pi * speed * i / fps + phase)
            late = max(0, first + turn - i) / turn if first > stops[0] else 0
            early = max(0, i + 1 - end + turn) / turn if end < stops[-1] else 0
            sway[0] += WHIP * (late**2 - early**2)
            return View(*(middle + sway).tolist())

        for i in range(first, end):
            before, now = hold(i - 1), hold(i)
            motion = SHUTTER * FRAME[0] * (now.x - before.x), SHUTTER * FRAME[1] * (now.y - before.y)
            # the lens hunts for a moment when the scene changes
            defocus = 0.6 + 1.5 * float(np.exp((first - i) / (TURN_S * fps)))
            yield Camera(light, defocus=defocus, motion=motion, noise=1.2).shoot(page, now, rng).image


FRAMES = (
    Take(("46273", "59081"), PLAIN, FELT, 0.18),
    Take(("84071", "25963"), RULED, BALLPOINT, 0.16),
    Take(("20769", "53481"), GRID, FINELINER, 0.2),
    Take(("96021", "47538"), BOARD, CHALK, 0.2),
    Take(("10729", "86435"), PLAIN, PENCIL, 0.17),
    Take(("76132", "40958"), RULED, FELT, 0.14),
    Take(("139", "5470", "682"), GRID, BALLPOINT, 0.12),
    Take(("80713", "62459"), CARDBOARD, FINELINER, 0.1),
)
CROPS = 500


def render_samples(folder: Path, seed: int) -> None:
    """Make what the device ships to try itself on: demo.mp4 and .json, frame-0.png to -7 and frames.json, digits.npz.

    frames.json is `{"seed", "frames": [{"image", "lines": [...], "digits": [{"digit", "box", "line"}, ...]}]}`;
    digits.npz holds `images`, uint8 (500, 28, 28) as the device normalizes them, and `labels`, uint8 (500,).

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make the folder: {error.strerror}") from error
    render_clip(folder / "demo.mp4", seed)
    frames = []
    for number, (take, rng) in enumerate(zip(FRAMES, np.random.default_rng(seed).spawn(len(FRAMES)), strict=True)):
        camera = replace(Camera.random(rng, FRAME), noise=float(rng.uniform(0.7, 1.7)), jpeg=None)
        rendered = render_frame(
            rng, lines=take.lines, paper=take.paper, pen=take.pen, height=take.height, camera=camera
        )
        name = f"frame-{number}.png"
        _write_png(folder / name, rendered.image)
        frames.append({"image": name, **_truth(rendered)})
    _write_json(folder / "frames.json", {"seed": seed, "frames": frames})
    write_atomically(folder / "digits.npz", _crops(np.random.default_rng(seed)))


def _crops(rng: np.random.Generator) -> bytes:
    """digits.npz: as many of each class, each by another hand."""
    labels = np.tile(np.arange(10, dtype=np.uint8), CROPS // 10)
    images = []
    for label in labels:
        height = rng.uniform(24, 96)
        images.append(normalize(draw(int(label), rng, height, height * rng.uniform(0.05, 0.13))))
    data = io.BytesIO()
    np.savez_compressed(data, images=np.stack(images), labels=labels)
    return data.getvalue()


def run(output: Path, *, seed: int = 1, seconds: float = 11, fps: float = FPS) -> int:
    """`digitlab render`: a video, one picture, or a folder of samples, by the name of what is asked for.

    Args:
        output: a .mp4, a .png, or a folder (any name without a suffix).
        seed: the same seed gives the same pictures.
        seconds: length of a video; samples have their own.
        fps: its frames a second.

    Returns:
        The exit status, 0.

    Raises:
        OutputError: it cannot be written, or its kind is unknown.
    """
    match output.suffix.lower():
        case "":
            render_samples(output, seed)
        case ".mp4":
            render_clip(output, seed, seconds=seconds, fps=fps)
        case ".png":
            rendered = render_frame(np.random.default_rng(seed))
            _write_png(output, rendered.image)
            _write_json(output.with_suffix(".json"), {"seed": seed, **_truth(rendered)})
        case suffix:
            raise OutputError(
                f"{output}: cannot render a {suffix} file; give a .png, a .mp4, or a folder without a suffix"
            )
    print(f"rendered {output} (seed {seed})")
    return 0


def _truth(rendered: Rendered) -> dict[str, Any]:
    digits = [{"digit": label.digit, "box": list(label.box), "line": label.line} for label in rendered.labels]
    return {"lines": list(rendered.lines), "digits": digits}


def _write_png(path: Path, image: Grey) -> None:
    _, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    write_atomically(path, data.tobytes())


def _write_json(path: Path, value: Any) -> None:  # noqa: ANN401 (whatever JSON holds)
    write_atomically(path, (json.dumps(value) + "\n").encode())
