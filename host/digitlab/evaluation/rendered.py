"""`digitlab score --rendered`: the device's reader on camera-like frames of every condition, made from a seed alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from statistics import fmean

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from digitcam.config import Config
from digitcam.errors import DigitcamError
from digitcam.recognition.reader import open_reader
from digitlab.evaluation.match import Comparison, Counts, Target, Truth, compare
from digitlab.evaluation.operating_curve import Point, at_threshold, least_threshold, operating_curve
from digitlab.parallel import chunked, in_parallel
from digitlab.render.camera import Rendered
from digitlab.render.conditions import CONDITIONS, TOUCHING, TURNED, WITHOUT_DIGITS, render_condition
from digitlab.render.hand import LEAN, Pictures, from_pictures

CHUNK = 5  # frames that a process makes at a time: a second or two of work


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A frame that was rendered and read.

    Attributes:
        number: which frame of the set.
        condition: one of `CONDITIONS`.
        comparison: what was read, with the threshold that is set.
        unsifted: what was read with no threshold.
    """

    number: int
    condition: str
    comparison: Comparison
    unsifted: Comparison


class Row(Struct, frozen=True):
    """What was read of one condition's frames, in whole numbers.

    Attributes:
        condition: its name.
        frames: how many.
        digits: how many were written, each of which was read, wrong or missed.
        read: as what they are.
        wrong: as another digit.
        missed: not read.
        rejected: of the missed, how many were found and rejected.
        spurious: how many digits were read where none is.
        f1: 2 * read / (digits + readings), 0 to 1; None where there were neither.
        order: mean over frames of 1 - edit distance / length of the digits in reading order.
        clutter: how many marks are no digits.
        clutter_rejected: in how many of them no digit was read.
    """

    condition: str
    frames: int
    digits: int
    read: int
    wrong: int
    missed: int
    rejected: int
    spurious: int
    f1: float | None
    order: float
    clutter: int
    clutter_rejected: int


class Benchmark(Struct, frozen=True):
    """All figures of one set of frames.

    Attributes:
        seed: which the set is made from.
        rows: one for each condition, in their order.
        total: all conditions together.
        blank: those together whose pages hold no digit.
        turned: those together whose pages do not lie upright.
        touching: those together whose digits touch each other.
        curve: by the threshold, over all conditions.
        shipped: the curve at the threshold that is set.
        least: the curve at the smallest threshold that keeps wrong readings to 1 %.
    """

    seed: int
    rows: list[Row]
    total: Row
    blank: Row
    turned: Row
    touching: Row
    curve: list[Point]
    shipped: Point
    least: Point


def render_numbered(seed: int, number: int, hands: Pictures) -> tuple[str, Rendered]:
    """Give one frame of the set, the same whoever renders it: its condition and itself.

    All conditions come in turn, once written by `hands`, once drawn by digitlab.
    """
    condition = CONDITIONS[number % len(CONDITIONS)]
    rng = np.random.default_rng([seed, number])
    ink = None if number // len(CONDITIONS) % 2 else from_pictures(hands, rng.normal(*LEAN))
    return condition, render_condition(rng, condition, ink)


def choose(frames: int, conditions: Sequence[str] = ()) -> list[int]:
    """Give the numbers of so many frames: of these conditions in turn, of all where none is named.

    Raises:
        DigitcamError: one is none; the message lists those there are.
    """
    if unknown := [name for name in conditions if name not in CONDITIONS]:
        raise DigitcamError(f"no condition is called {unknown[0]!r}; there are {', '.join(CONDITIONS)}")
    wanted = (number for number in count() if CONDITIONS[number % len(CONDITIONS)] in (conditions or CONDITIONS))
    return list(islice(wanted, frames))


def measure(
    config: Config, numbers: Sequence[int], seed: int, hands: Pictures, processes: int | None = None
) -> list[Measured]:
    """Render and read a set of frames, with progress.

    Args:
        config: what to read with.
        numbers: of which frames.
        seed: decides every frame.
        hands: pictures of digits that nothing was trained on, as MNIST has them.
        processes: how many work at a time, None for one a core; they change nothing but the time it takes.

    Returns:
        In the frames' order.

    Raises:
        DigitcamError: a process was ended, as happens to them where memory runs out.
        ModelError: the model cannot be read.
    """
    chunks = [numbers[part.start : part.stop] for part in chunked(len(numbers), CHUNK)]
    done = in_parallel(partial(_measure_some, config, seed, hands), chunks, "rendered and read", processes)
    return [one for chunk in done for one in chunk]


def _measure_some(config: Config, seed: int, hands: Pictures, numbers: Sequence[int]) -> list[Measured]:
    reader = open_reader(config)
    unsifting = open_reader(replace(config, model=replace(config.model, min_confidence=0.0)))
    measured = []
    for number in numbers:
        condition, rendered = render_numbered(seed, number, hands)
        targets = [Target(str(label.digit), label.box) for label in rendered.labels]
        truth = Truth(rendered.lines, targets, clutter=rendered.clutter)
        both = (compare(truth, one.read(rendered.image)) for one in (reader, unsifting))
        measured.append(Measured(number, condition, *both))
    return measured


def summarize(measured: Sequence[Measured], seed: int, threshold: float) -> Benchmark:
    """Give all figures of a set of frames.

    Args:
        measured: the frames.
        seed: which they were made from.
        threshold: confidence, 0 to 1, below which a digit was rejected.

    Raises:
        DigitcamError: so few frames that there is no digit among them.
    """
    if not any(one.comparison.digits for one in measured):
        raise DigitcamError(f"no digit in {len(measured)} frames; render more, or a condition that has some")
    curve = operating_curve([one.unsifted for one in measured])
    present = [name for name in CONDITIONS if any(one.condition == name for one in measured)]

    def row(name: str, conditions: Sequence[str]) -> Row:
        return _row(name, [one.comparison for one in measured if one.condition in conditions])

    return Benchmark(
        seed=seed,
        rows=[row(name, [name]) for name in present],
        total=row("all", CONDITIONS),
        blank=row("without digits", WITHOUT_DIGITS),
        turned=row("turned pages", TURNED),
        touching=row("touching digits", TOUCHING),
        curve=curve,
        shipped=at_threshold(curve, threshold),
        least=least_threshold(curve),
    )


def _row(name: str, comparisons: Sequence[Comparison]) -> Row:
    counts = Counts.total(one.counts for one in comparisons)
    clutter = [confidence for one in comparisons for confidence in one.clutter_confidences()]
    return Row(
        condition=name,
        frames=len(comparisons),
        digits=counts.labelled,
        read=counts.read,
        wrong=counts.wrong,
        missed=counts.missed,
        rejected=counts.rejected,
        spurious=counts.spurious,
        f1=counts.f1,
        order=fmean(one.order for one in comparisons) if comparisons else 1.0,
        clutter=len(clutter),
        clutter_rejected=clutter.count(0.0),
    )
