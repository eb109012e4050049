"""How well the finder finds, on scenes that it was not trained on, measured with the device's own code."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from digitcam.errors import ModelError
from digitcam.files import write_atomically
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.finder import Finder
from digitcam.recognition.params import LEAST_SCORE
from digitlab.accuracy import Bin, percent, reliability
from digitlab.evaluation.finder_match import Matched, Stands, match_scenes
from digitlab.pages.page import text_table
from digitlab.scenes import pool
from digitlab.scenes.pool import Pool
from digitlab.training.trained import read

HEIGHTS = 8, 12, 18, 26, 40, 64, 128  # pixels of a look, between two groups
SCORES = tuple(n / 20 for n in range(4, 20))  # of the curve
CLOSE, CLOSER = 0.7, 0.85  # intersection over union
WORST = 24  # scenes that are kept to be shown


class Group(Struct, frozen=True):
    """Some scenes or digits.

    Attributes:
        name: what they have in common.
        digits: that ought to be found.
        found: of these.
        false: finds where no digit stands.
        scenes: how many; None where they are not told apart by scene.
    """

    name: str
    digits: int
    found: int
    false: int
    scenes: int | None = None

    @property
    def recall(self) -> float | None:
        """Share of the digits that were found."""
        return self.found / self.digits if self.digits else None

    @property
    def precision(self) -> float | None:
        """Share of the finds that are digits."""
        return self.found / (self.found + self.false) if self.found + self.false else None


class Point(Struct, frozen=True):
    """What a least score comes to."""

    score: float
    precision: float
    recall: float


class Boxes(Struct, frozen=True):
    """How well the boxes of found digits fit: intersection over union, and shares of those that fit closely."""

    mean: float
    median: float
    close: float
    closer: float


class Box(Struct, frozen=True):
    """One box of a scene that is shown: `found`, `missed` or `false`, left, top, right, bottom, and its score."""

    kind: str
    box: tuple[float, float, float, float]
    score: float


class Worst(Struct, frozen=True):
    """A scene with mistakes."""

    scene: int
    mistakes: int
    boxes: list[Box]


class Evaluation(Struct, frozen=True):
    """All figures of one finder.

    Attributes:
        sha256: of its file.
        runtime: that ran it.
        scenes: folder of the scenes, and `n`: how many.
        least: score from which a find counts.
        all: of everything.
        contents: by what stands in the scene; empty where the fonts that it was drawn with are no longer installed.
        kinds: written, printed and cut digits, of which no false find can be told.
        heights: by the height of a digit in a look.
        curve: precision and recall by the least score.
        boxes: how well they fit.
        turns: 4 rows for how the picture was turned, 4 columns for what was said, in quarters counterclockwise.
        cut, printed: share of the found digits of which the finder rightly says whether they are.
        bins: of all finds from the hints on: how sure, and how often right.
        blank: scenes without any digit, and what was found there.
        worst: scenes with the most mistakes.
    """

    sha256: str
    runtime: str
    scenes: str
    n: int
    least: float
    all: Group
    contents: list[Group]
    kinds: list[Group]
    heights: list[Group]
    curve: list[Point]
    boxes: Boxes
    turns: list[list[int]]
    cut: float
    printed: float
    bins: list[Bin]
    blank: Group
    worst: list[Worst]

    @property
    def turned_rightly(self) -> float | None:
        """Share of the found digits whose quarter turn is told rightly."""
        total = sum(map(sum, self.turns))
        return sum(self.turns[i][i] for i in range(4)) / total if total else None

    @property
    def calibration_error(self) -> float:
        """How far score and share of right finds lie apart (expected calibration error), 0 to 1."""
        total = sum(b.n for b in self.bins)
        return sum(abs(b.n * b.confidence - b.right) for b in self.bins) / total if total else 0.0

    def table(self) -> str:
        """All figures as text for a terminal."""
        title = f"{self.n:,} scenes, finder {self.sha256[:12]}, {self.runtime}, scores from {self.least}"
        groups = text_table(GROUP, [cells(group) for group in (self.all, *self.contents, *self.kinds)])
        heights = text_table(("height, px", *GROUP[1:]), [cells(group) for group in self.heights])
        figures = text_table(("figure", ""), [list(row) for row in self.figures()])
        bins = text_table(
            ("score", "finds", "right %"),
            [[f"{b.confidence:.2f}", f"{b.n:,}", f"{100 * b.right / b.n:.1f}"] for b in self.bins],
        )
        return f"{title}\n\n{groups}\n\n{heights}\n\n{figures}\n\n{bins}"

    def figures(self) -> list[tuple[str, str]]:
        """What boxes, turns and scores come to."""
        per_scene = self.blank.false / self.blank.scenes if self.blank.scenes else None
        return [
            ("overlap of boxes, mean", f"{self.boxes.mean:.3f}"),
            ("overlap of boxes, median", f"{self.boxes.median:.3f}"),
            (f"boxes that overlap by more than {CLOSE}", percent(self.boxes.close)),
            (f"boxes that overlap by more than {CLOSER}", percent(self.boxes.closer)),
            ("quarter turns told rightly", percent(self.turned_rightly)),
            ("cut or whole told rightly", percent(self.cut)),
            ("print or writing told rightly", percent(self.printed)),
            ("calibration error of the score", percent(self.calibration_error)),
            ("scenes without digits", f"{self.blank.scenes or 0:,}"),
            ("false finds in one of those", "-" if per_scene is None else f"{per_scene:.2f}"),
        ]


GROUP = ("scenes", "count", "digits", "found", "recall", "false finds", "precision")


def cells(group: Group) -> list[str]:
    """A row of the tables."""
    precision = "-" if group.name in KINDS else percent(group.precision)
    false = "-" if group.name in KINDS else f"{group.false:,}"
    count = "-" if group.scenes is None else f"{group.scenes:,}"
    return [group.name, count, f"{group.digits:,}", f"{group.found:,}", percent(group.recall), false, precision]


KINDS = ("written", "printed", "cut")


def evaluate(model: Path, scenes: Path, processes: int | None = None) -> Evaluation:
    """Look for digits in every scene of a folder, with progress on standard error.

    Args:
        model: the finder's .tflite file; it needs no card.
        scenes: that it was not trained on.
        processes: how many look at a time; None for one a core.

    Raises:
        ModelError: the model is missing, damaged, or no finder.
        PoolError: there are no scenes.
        RuntimeMissingError: no TFLite runtime works here.
    """
    data = read(model)
    try:
        Finder(open_interpreter(data), installed())
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error
    held = Pool(scenes)
    return summarize(
        match_scenes(model, scenes, len(held), processes),
        pool.contents(held),
        sha256=hashlib.sha256(data).hexdigest(),
        runtime=f"{installed().name} {installed().version}",
        scenes=str(scenes),
    )


def summarize(
    matched: Sequence[Matched], contents: Sequence[str] | None, *, sha256: str, runtime: str, scenes: str
) -> Evaluation:
    """Count what was found.

    Args:
        matched: every scene, in order.
        contents: what stands in each; None where that is not known.
        sha256: of the model.
        runtime: that ran it.
        scenes: where they lie.
    """
    stands = [one for scene in matched for one in scene.stands]
    mistaken = [one for scene in matched for one in scene.mistaken]
    found = [one for one in stands if one.score >= LEAST_SCORE]
    overlaps = np.array([one.overlap for one in found] or [0.0])
    scores = np.array([one.score for one in stands if one.score > 0] + [one.score for one in mistaken], np.float64)
    right = np.arange(len(scores)) < sum(one.score > 0 for one in stands)
    turns = np.zeros((4, 4), np.int64)
    np.add.at(turns, tuple(np.array([pair for scene in matched for pair in scene.turns], int).reshape(-1, 2).T), 1)
    blank = [scene for scene in matched if not scene.stands]
    return Evaluation(
        sha256=sha256,
        runtime=runtime,
        scenes=scenes,
        n=len(matched),
        least=LEAST_SCORE,
        all=_group("all", matched),
        contents=[
            _group(name, [scene for scene, of in zip(matched, contents, strict=True) if of == name])
            for name in sorted(set(contents))
        ]
        if contents
        else [],
        kinds=[
            Group(name, len(own), sum(one.score >= LEAST_SCORE for one in own), 0)
            for name, own in (
                ("written", [one for one in stands if not one.printed]),
                ("printed", [one for one in stands if one.printed]),
                ("cut", [one for one in stands if one.cut]),
            )
        ],
        heights=_heights(matched),
        curve=[_point(least, stands_scores(matched), [one.score for one in mistaken]) for least in SCORES],
        boxes=Boxes(
            *map(float, (overlaps.mean(), np.median(overlaps), (overlaps > CLOSE).mean(), (overlaps > CLOSER).mean()))
        ),
        turns=turns.tolist(),
        cut=_share(found, lambda one: (one.said_cut > 0.5) == one.cut),  # noqa: PLR2004  # likelier than not
        printed=_share(found, lambda one: (one.said_printed > 0.5) == one.printed),  # noqa: PLR2004
        bins=reliability(scores, right) if len(scores) else [],
        blank=_group("blank", blank),
        worst=sorted(filter(None, map(_worst, matched)), key=lambda one: -one.mistakes)[:WORST],
    )


def save(evaluation: Evaluation, path: Path) -> None:
    """Write the evaluation as JSON.

    Raises:
        OutputError: the file cannot be written.
    """
    write_atomically(path, msgspec.json.encode(evaluation))


def load(path: Path) -> Evaluation:
    """Read what `save` wrote.

    Raises:
        ModelError: the file is missing or is no evaluation.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}: run `digitlab finder-evaluate` first") from error
    except msgspec.DecodeError as error:
        raise ModelError(f"{path}: not an evaluation ({error}): run `digitlab finder-evaluate` again") from error


def stands_scores(matched: Sequence[Matched]) -> list[float]:
    """The scores of all digits, 0 for those that were missed."""
    return [one.score for scene in matched for one in scene.stands]


def _group(name: str, matched: Sequence[Matched]) -> Group:
    scores = stands_scores(matched)
    false = sum(one.score >= LEAST_SCORE for scene in matched for one in scene.mistaken)
    return Group(name, len(scores), sum(score >= LEAST_SCORE for score in scores), false, len(matched))


def _heights(matched: Sequence[Matched]) -> list[Group]:
    edges = (0, *HEIGHTS, 10_000)
    groups = []
    for low, high in pairwise(edges):
        own = [one.score for scene in matched for one in scene.stands if low <= one.height < high]
        false = [one.score for scene in matched for one in scene.mistaken if low <= one.height < high]
        name = f"from {low}" if high == edges[-1] else f"below {high}"
        found, wrong = (sum(score >= LEAST_SCORE for score in scores) for scores in (own, false))
        groups.append(Group(name, len(own), found, wrong))
    return groups


def _point(least: float, stands: Sequence[float], mistaken: Sequence[float]) -> Point:
    found, false = (sum(score >= least for score in scores) for scores in (stands, mistaken))
    return Point(least, found / max(found + false, 1), found / max(len(stands), 1))


def _share(items: Sequence[Stands], holds: Callable[[Stands], bool]) -> float:
    return sum(map(holds, items)) / max(len(items), 1)


def _worst(matched: Matched) -> Worst | None:
    """A scene as it is shown, if anything is wrong with it."""
    boxes = [Box("found" if one.score >= LEAST_SCORE else "missed", one.box, one.score) for one in matched.stands] + [
        Box("false", one.box, one.score) for one in matched.mistaken if one.score >= LEAST_SCORE
    ]
    mistakes = sum(box.kind != "found" for box in boxes)
    return Worst(matched.scene, mistakes, boxes) if mistakes else None
