"""`digitlab sensitivity`: what each tuned number of reading changes when it is a fifth less, and a fifth more."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digitcam.config import Config
from digitcam.errors import DigitcamError
from digitcam.frame import Grey
from digitcam.labels import NONE
from digitcam.model.card import read_model
from digitcam.model.runtime import installed, open_interpreter
from digitcam.pictures.grey import to_grey
from digitcam.reading import Box, Reading
from digitcam.recognition import params
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.finder import Finder
from digitcam.recognition.layout import order
from digitcam.recognition.reader import open_reader
from digitlab.evaluation.cached_interpreter import CachedInterpreter
from digitlab.evaluation.harder import (
    coloured,
    cut_out,
    misread,
    on_any_side,
    random_layout,
    roughened,
    zoomed,
)
from digitlab.evaluation.live_clips import Clip, follow
from digitlab.evaluation.match import Target, Truth, compare
from digitlab.evaluation.rendered import render_numbered
from digitlab.evaluation.ways import AS_IT_IS, CUT_OUTS, IN_CLIPS, IN_COLOUR, ON_SIDES, WAYS, Way
from digitlab.pages.page import text_table
from digitlab.parallel import chunked, in_parallel
from digitlab.render.camera import Rendered
from digitlab.render.hand import Pictures

CHUNK = 2  # frames that a process makes and reads at a time, each some hundred times
FIFTH = 0.2
CUT_OUTS_A_FRAME, LAYOUTS_A_FRAME = 3, 8
FRAMES_A_CLIP = 10  # so many frames are rendered for each clip ...
SPOILT = 8  # ... which is followed so often, misread differently
FPS = 15.0
LETTERS = "ABCDEFGHIJ"  # what digits are called, so that they are found as any marks are
AS_LETTERS = str.maketrans("0123456789", LETTERS)

Counts = tuple[int, ...]


class Variation(NamedTuple):
    """A number of `digitcam.recognition.params` as it is, and less, and more."""

    name: str
    usual: float
    less: float
    more: float


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


def run(config: Config, frames: int, seed: int, hands: Pictures, processes: int | None = None) -> int:
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
    totals = [[_total(column) for column in zip(*parts, strict=True)] for parts in (*zip(*read, strict=True), clips)]
    if not totals[0][0][0]:
        raise DigitcamError(f"no digit was read in {frames} frames; render more: --frames 118")
    print("\n\n".join(table(way, usual, others) for way, (usual, *others) in zip(WAYS, totals, strict=True)))
    return 0


def measure(config: Config, seed: int, hands: Pictures, numbers: Sequence[int]) -> list[list[Counts]]:
    """Read some frames in each of `WAYS` but the last: as usual, and then with each variation, less and more."""
    scenes = [render_numbered(seed, number, hands)[1] for number in numbers]
    rng = np.random.default_rng([seed, *numbers])
    read, read_by_marks = _open_readers(config)
    cut_outs = [cut_out(scene, rng) for scene in scenes for _ in range(CUT_OUTS_A_FRAME)]
    turned = [on_any_side(scene, rng) for scene in scenes for _ in range(CUT_OUTS_A_FRAME)]
    parts = [zoomed(scene, rng) for scene in scenes for _ in range(CUT_OUTS_A_FRAME)]
    in_colour = [(coloured(part, rng), part) for part in parts]
    rough = [roughened(scene, rng) for scene in scenes]
    layouts = [random_layout(rng) for _ in range(LAYOUTS_A_FRAME * len(scenes))]

    def read_all(way: Way, shown: Sequence[Rendered]) -> Counts:
        return _total([read(scene.image, scene)[: len(way.figures)] for scene in shown])

    counts: list[Callable[[], Counts]] = [
        partial(read_all, AS_IT_IS, scenes),
        partial(read_all, CUT_OUTS, cut_outs),
        partial(read_all, ON_SIDES, turned),
        lambda: _total([read(to_grey(picture), part)[: len(IN_COLOUR.figures)] for picture, part in in_colour]),
        lambda: _total([read_by_marks(scene) for scene in rough]),
        lambda: _total([_count_lines(*layout) for layout in layouts]),
    ]
    return [_vary(way, count) for way, count in zip(WAYS[:-1], counts, strict=True)]


def measure_clip(config: Config, seed: int, number: int) -> list[Counts]:
    """Follow the readings of a clip: as usual, and then with each variation, less and more."""
    rng = np.random.default_rng([seed, number])
    clip = Clip.random(rng)
    readings = clip.read(open_reader(config), FPS)
    takes = [[misread(reading, rng) for reading in readings] for _ in range(SPOILT)]

    def judge() -> Counts:
        judged = [clip.judge(follow(take, config.track, FPS), FPS) for take in takes]
        late = (round(FPS * sum((*one.delays, *one.empty_delays))) for one in judged)
        return _total([(one.right, one.flickers, one.moving, frames) for one, frames in zip(judged, late, strict=True)])

    return _vary(IN_CLIPS, judge)


def _vary(way: Way, count: Callable[[], Counts]) -> list[Counts]:
    counts = [count()]
    for name, _, *values in variations(way):
        for value in values:
            with varied(name, value):
                counts.append(count())
    return counts


def _open_readers(config: Config) -> tuple[Callable[[Grey, Rendered], Counts], Callable[[Rendered], Counts]]:
    """Open readers whose networks work out every picture once: most numbers change what is made of their answers."""
    finds, _ = read_model(Path(config.model.finder))
    reads, card = read_model(Path(config.model.path))
    finder = Finder(CachedInterpreter(open_interpreter(finds)), installed())
    network = CachedInterpreter(open_interpreter(reads))
    reader = open_reader(config, finder, Classifier(network, installed(), card.contract, card.labels))
    letters = open_reader(config, finder, Classifier(network, installed(), card.contract, (*LETTERS, NONE)))

    def read(image: Grey, scene: Rendered) -> Counts:
        targets = [Target(str(label.digit), label.box) for label in scene.labels]
        return _count(Truth(scene.lines, targets), reader.read(image))

    def read_by_marks(scene: Rendered) -> Counts:
        lines = tuple(line.translate(AS_LETTERS) for line in scene.lines)
        targets = [Target(LETTERS[label.digit], label.box) for label in scene.labels]
        return _count(Truth(lines, targets, labels=letters.classifier.labels), letters.read(scene.image))

    return read, read_by_marks


def _count(truth: Truth, reading: Reading) -> Counts:
    comparison = compare(truth, reading)
    counts = comparison.counts
    is_whole = comparison.lines == [line for line in truth.lines if line]
    return counts.read, counts.wrong, counts.spurious, int(is_whole)


def _count_lines(boxes: Sequence[Box], lines: Sequence[Sequence[int]]) -> Counts:
    """Count pages whose lines are right, and digits followed by the one that belongs there."""
    found = order(boxes)
    belong = {pair for line in lines for pair in pairwise(line)}
    return int(found == lines), len(belong & {pair for line in found for pair in pairwise(line)})


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
    return f"{way.title}\n\n{text_table(names, rows)}\n\nnumbers: {len(others) // 2}; {said}"
