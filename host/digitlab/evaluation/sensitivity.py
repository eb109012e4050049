"""`digitlab sensitivity`: what each tuned number of reading changes when it is a fifth less, and a fifth more."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from digitcam.config import Config
from digitcam.errors import DigitcamError
from digitcam.labels import NONE
from digitcam.model.card import read_model
from digitcam.model.runtime import installed, open_interpreter
from digitcam.pictures.grey import to_grey
from digitcam.reading import Reading
from digitcam.recognition import params
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.finder import Finder
from digitcam.recognition.reader import open_reader
from digitlab.crops.batch import Crops
from digitlab.evaluation.cached_interpreter import CachedInterpreter
from digitlab.evaluation.live_clips import Clip, follow
from digitlab.evaluation.match import Target, Truth, compare
from digitlab.evaluation.rendered import render_numbered
from digitlab.pages.page import text_table
from digitlab.parallel import chunked, in_parallel
from digitlab.render.camera import Rendered

CHUNK = 2  # frames that a process makes and reads at a time, each some hundred times
FIFTH = 0.2
FRAMES_A_CLIP = 10  # so many frames are rendered for each clip
FPS = 15.0
INK, PAPER = np.array([214, 40, 40]), np.array([60, 88, 198])  # red and blue, as bright as each other
LETTERS = "ABCDEFGHIJ"  # what digits are called, so that they are found as any marks are
AS_LETTERS = str.maketrans("0123456789", LETTERS)
# digits read as what they are, as another, and where none stands; frames that were read whole, and nothing else
READ = ("read", "wrong", "false", "whole")
# pages that were read whole at last; readings let through over a still page, and between pages, that are neither's;
# frames from a page's first one until it was read whole
FOLLOWED = ("right", "flickers", "moving", "late")

Counts = tuple[int, ...]


class Way(NamedTuple):
    """A way of reading in which some of the numbers show what they do.

    Attributes:
        title: what is read.
        figures: what is counted.
        names: those numbers.
    """

    title: str
    figures: tuple[str, ...]
    names: tuple[str, ...]


class Variation(NamedTuple):
    """A number of `digitcam.recognition.params` as it is, and less, and more."""

    name: str
    usual: float
    less: float
    more: float


IN_COLOUR = Way(
    "pages whose ink is as bright as their paper, or their paper transparent",
    READ,
    (
        "COLOUR_SIDE",
        "COLOUR_STROKE",
        "COLOUR_NOISE",
        "COLOUR_INK",
        "CLEARER",
        "COLOUR_SHOWN",
        "FAINT_INK",
        "GROUND_APART",
    ),
)
BY_MARKS = Way(
    "pages whose digits are found as marks of any kind",
    READ,
    (
        *("MARKS_SIDE", "PAPER_STEP", "PAPER_WINDOW", "MOST_INK", "FAINTEST", "OVER_NOISE", "STROKE", "RULE"),
        *("LEAST_MARK", "DUST", "PART", "GAP", "SPANNED", "FRAMED"),
    ),
)
IN_CLIPS = Way("clips", FOLLOWED, ("NEAR", "LIKE", "STILL", "CLEAR", "MOST"))
ELSEWHERE = {*IN_COLOUR.names, *BY_MARKS.names, *IN_CLIPS.names}
AS_IT_IS = Way("pages", READ, tuple(name for name in vars(params) if name.isupper() and name not in ELSEWHERE))
ON_FRAMES = (AS_IT_IS, IN_COLOUR, BY_MARKS)


def variations(way: Way) -> list[Variation]:
    """List a way's numbers, a fifth less and more of each, of a whole one 1 at least."""
    usual = ((name, getattr(params, name)) for name in way.names)
    return [Variation(name, value, value - _step(value), value + _step(value)) for name, value in usual]


def _step(value: float) -> float:
    return max(1, round(FIFTH * value)) if isinstance(value, int) else FIFTH * value


@contextmanager
def varied(name: str, value: float) -> Iterator[None]:
    """Read with another value of a number, in this process, as long as the context lasts."""
    usual = getattr(params, name)
    setattr(params, name, value)
    try:
        yield
    finally:
        setattr(params, name, usual)


def run(config: Config, frames: int, seed: int, hands: Crops, processes: int | None = None) -> int:
    """Render frames and clips, read each with every variation, with progress, and print a table for each way.

    Args:
        config: what to read with.
        frames: how many; the conditions come in turn.
        seed: decides every frame.
        hands: pictures of digits that nothing was trained on, as MNIST has them.
        processes: how many work at a time, None for one a core; they change nothing but the time it takes.

    Returns:
        The exit status, 0.

    Raises:
        DigitcamError: a process was ended, or there is no digit in so few frames.
        ModelError: a model cannot be read.
    """
    chunks = chunked(frames, CHUNK)
    read = list(in_parallel(partial(measure, config, seed, hands), chunks, "rendered and read", processes))
    numbers = range(-(-frames // FRAMES_A_CLIP))
    clips = list(in_parallel(partial(measure_clip, config, seed), numbers, "clips rendered and followed", processes))
    found = [*zip(ON_FRAMES, zip(*read, strict=True), strict=True), (IN_CLIPS, clips)]
    totals = [(way, [_total(column) for column in zip(*parts, strict=True)]) for way, parts in found]
    if not totals[0][1][0][0]:
        raise DigitcamError(f"no digit was read in {frames} frames; render more: --frames 118")
    print("\n\n".join(table(way, usual, others) for way, (usual, *others) in totals))
    return 0


def measure(config: Config, seed: int, hands: Crops, numbers: Sequence[int]) -> list[list[Counts]]:
    """Read some frames of the set in each way of `ON_FRAMES`: as usual, and then with each variation, less and more."""
    scenes = [render_numbered(seed, number, hands)[1] for number in numbers]
    reads = _open_ways(config)
    return [_vary(way, partial(_read_all, read, scenes)) for way, read in zip(ON_FRAMES, reads, strict=True)]


def _read_all(read: Callable[[Rendered], Counts], scenes: Sequence[Rendered]) -> Counts:
    return _total([read(scene) for scene in scenes])


def measure_clip(config: Config, seed: int, number: int) -> list[Counts]:
    """Follow the readings of a clip: as usual, and then with each variation, less and more."""
    clip = Clip.random(np.random.default_rng([seed, number]))
    readings = clip.read(open_reader(config), FPS)

    def judge() -> Counts:
        judged = clip.judge(follow(readings, config.track, FPS), FPS)
        late = round(FPS * sum((*judged.delays, *judged.empty_delays)))
        return judged.right, judged.flickers, judged.moving, late

    return _vary(IN_CLIPS, judge)


def _vary(way: Way, count: Callable[[], Counts]) -> list[Counts]:
    counts = [count()]
    for name, _, *values in variations(way):
        for value in values:
            with varied(name, value):
                counts.append(count())
    return counts


def _open_ways(config: Config) -> list[Callable[[Rendered], Counts]]:
    """Open readers whose networks work out every picture once: most numbers change what is made of their answers."""
    finds, _ = read_model(Path(config.model.finder))
    reads, card = read_model(Path(config.model.path))
    finder = Finder(CachedInterpreter(open_interpreter(finds)), installed())
    network = CachedInterpreter(open_interpreter(reads))
    reader = open_reader(config, finder, Classifier(network, installed(), card.contract, card.labels))
    letters = open_reader(config, finder, Classifier(network, installed(), card.contract, (*LETTERS, NONE)))

    def read_by_marks(scene: Rendered) -> Counts:
        lines = tuple(line.translate(AS_LETTERS) for line in scene.lines)
        targets = [Target(LETTERS[label.digit], label.box) for label in scene.labels]
        return _count(Truth(lines, targets, labels=letters.classifier.labels), letters.read(scene.image))

    return [
        lambda scene: _count(_truth(scene), reader.read(scene.image)),
        lambda scene: _count(_truth(scene), reader.read(to_grey(_colour(scene)))),
        read_by_marks,
    ]


def _truth(scene: Rendered) -> Truth:
    return Truth(scene.lines, [Target(str(label.digit), label.box) for label in scene.labels])


def _colour(scene: Rendered) -> Image.Image:
    """Print a frame's shades in red on blue, or, every other one, as ink of some shade on nothing."""
    share = 1 - scene.image[..., None] / 255
    if len(scene.labels) % 2:
        return Image.fromarray(np.rint(PAPER * (1 - share) + INK * share).astype(np.uint8), "RGB")
    shade = np.full((*scene.image.shape, 3), 20 * (len(scene.labels) % 12), np.uint8)
    return Image.fromarray(np.dstack([shade, np.rint(255 * share).astype(np.uint8)]), "RGBA")


def _count(truth: Truth, reading: Reading) -> Counts:
    comparison = compare(truth, reading)
    counts = comparison.counts
    is_whole = comparison.lines == [line for line in truth.lines if line]
    return counts.read, counts.wrong, counts.spurious, int(is_whole)


def _total(counts: Sequence[Counts]) -> Counts:
    return tuple(sum(column) for column in zip(*counts, strict=True))


def table(way: Way, usual: Counts, others: Sequence[Counts]) -> str:
    """Tell what each of a way's numbers changes, in Markdown, and which of them change nothing.

    Args:
        way: what was read, and which numbers were varied.
        usual: what is counted with all numbers as they are.
        others: what is counted with each of them less, and more.
    """
    names = ["number", *(f"{how} {figure}" for how in ("less:", "more:") for figure in way.figures)]
    rows, idle = [["as it is", *(f"{n:,}" for n in usual), *[""] * len(usual)]], []
    for number, less, more in zip(variations(way), others[::2], others[1::2], strict=True):
        changes = [n - before for other in (less, more) for n, before in zip(other, usual, strict=True)]
        rows.append([f"{number.name} = {number.usual:g}", *(f"{n:+d}" if n else "" for n in changes)])
        if not any(changes):
            idle.append(number.name)
    said = f"without any effect on these: {', '.join(idle)}" if idle else "every number has an effect"
    return f"{way.title}\n\n{text_table(names, rows)}\n\n{len(others) // 2} numbers; {said}"
