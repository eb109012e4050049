"""The figures of a finder: recall and precision of each kind of digit, how well boxes fit, and where it is wrong."""

from pathlib import Path

from msgspec import Struct

from digitlab.accuracy import Bin, percent
from digitlab.evaluation import store
from digitlab.pages.page import text_table

CLOSE, CLOSER = 0.7, 0.85  # intersection over union


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
        """Give all figures as text for a terminal."""
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
        """Tell what boxes, turns and scores come to."""
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
    """Give a row of the tables."""
    precision = "-" if group.name in KINDS else percent(group.precision)
    false = "-" if group.name in KINDS else f"{group.false:,}"
    count = "-" if group.scenes is None else f"{group.scenes:,}"
    return [group.name, count, f"{group.digits:,}", f"{group.found:,}", percent(group.recall), false, precision]


KINDS = ("written", "printed", "cut")


def load(path: Path) -> Evaluation:
    """Read what `store.save` wrote.

    Raises:
        ModelError: the file is missing or is no evaluation.
    """
    return store.load(Evaluation, path, f"digitlab finder-evaluate --out {path.parent}")
