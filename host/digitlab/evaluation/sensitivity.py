"""`digitlab sensitivity`: what each tuned number of reading changes when it is a fifth less, and a fifth more."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from digitcam.config import Config
from digitcam.errors import DigitcamError
from digitcam.model.card import read_model
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition import params
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.finder import Finder
from digitcam.recognition.reader import Reader, open_reader
from digitlab.crops.batch import Crops
from digitlab.evaluation.cached_interpreter import CachedInterpreter
from digitlab.evaluation.match import Target, Truth, compare
from digitlab.evaluation.rendered import render_numbered
from digitlab.pages.page import text_table
from digitlab.parallel import chunked, in_parallel
from digitlab.render.camera import Rendered

CHUNK = 2  # frames that a process makes and reads at a time, each some hundred times
FIFTH = 0.2


class Tally(NamedTuple):
    """What was read of some frames, in whole numbers.

    Attributes:
        read: digits read as what they are.
        wrong: digits read as another.
        false: digits read where none stands.
        whole: frames of which every line was read as it stands, and nothing else.
    """

    read: int = 0
    wrong: int = 0
    false: int = 0
    whole: int = 0

    def plus(self, other: "Tally", sign: int = 1) -> "Tally":
        """Both together; with a `sign` of -1 what this has more than that."""
        return Tally(*(a + sign * b for a, b in zip(self, other, strict=True)))


class Variation(NamedTuple):
    """A number of `digitcam.recognition.params` as it is, and less, and more."""

    name: str
    usual: float
    less: float
    more: float


def variations() -> list[Variation]:
    """Every tuned number of reading, a fifth less and more of it, a whole one by 1 at least."""
    numbers = {name: value for name, value in vars(params).items() if name.isupper()}
    return [Variation(name, value, value - _step(value), value + _step(value)) for name, value in numbers.items()]


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
    """Render frames, read each with every variation, with progress, and print the table.

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
    done = list(in_parallel(partial(measure, config, seed, hands), chunks, "rendered and read", processes))
    usual, *others = (_total(column) for column in zip(*done, strict=True))
    if not usual.read:
        raise DigitcamError(f"no digit was read in {frames} frames; render more: --frames 118")
    print(table(usual, others))
    return 0


def measure(config: Config, seed: int, hands: Crops, numbers: Sequence[int]) -> list[Tally]:
    """Read some frames of the set: as usual, and then with each variation, less and more."""
    reader = _open_cached(config)
    scenes = [render_numbered(seed, number, hands)[1] for number in numbers]
    tallies = [_read(reader, scenes)]
    for name, _, *values in variations():
        for value in values:
            with varied(name, value):
                tallies.append(_read(reader, scenes))
    return tallies


def _open_cached(config: Config) -> Reader:
    """A reader whose networks work out every picture once: most numbers change what is made of their answers."""
    finds, _ = read_model(Path(config.model.finder))
    reads, card = read_model(Path(config.model.path))
    return open_reader(
        config,
        Finder(CachedInterpreter(open_interpreter(finds)), installed()),
        Classifier(CachedInterpreter(open_interpreter(reads)), installed(), card.contract, card.labels),
    )


def _read(reader: Reader, scenes: Sequence[Rendered]) -> Tally:
    return _total([_tally(reader, scene) for scene in scenes])


def _tally(reader: Reader, scene: Rendered) -> Tally:
    truth = Truth(scene.lines, [Target(str(label.digit), label.box) for label in scene.labels])
    comparison = compare(truth, reader.read(scene.image))
    counts = comparison.counts
    is_whole = comparison.lines == [line for line in scene.lines if line]
    return Tally(counts.read, counts.wrong, counts.spurious, int(is_whole))


def _total(tallies: Sequence[Tally]) -> Tally:
    return Tally(*(sum(column) for column in zip(*tallies, strict=True)))


def table(usual: Tally, others: Sequence[Tally]) -> str:
    """What each number changes, in Markdown, and which of them change nothing.

    Args:
        usual: what is read with all numbers as they are.
        others: what is read with each number of `variations` less, and more.
    """
    names = ["number", *(f"{how} {figure}" for how in ("less:", "more:") for figure in Tally._fields)]
    rows, idle = [["as it is", *(f"{n:,}" for n in usual), *[""] * len(usual)]], []
    for number, less, more in zip(variations(), others[::2], others[1::2], strict=True):
        changes = [n for other in (less, more) for n in other.plus(usual, -1)]
        rows.append([f"{number.name} = {number.usual:g}", *(f"{n:+d}" if n else "" for n in changes)])
        if not any(changes):
            idle.append(number.name)
    said = f"without any effect on these frames: {', '.join(idle)}" if idle else "every number has an effect"
    return f"{text_table(names, rows)}\n\n{len(others) // 2} numbers; {said}"
