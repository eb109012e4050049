"""What was read in a picture, compared with what it says: digit by digit where boxes are labelled, else as text.

A reading belongs to the labelled box that it overlaps, or whose box holds its centre; each has one at most, the best
overlaps first. The same rules for every reader, so that figures of different readers can be compared.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple, Self

from digitcam.labels import DIGITS, Labels
from digitcam.reading import Box, Digit, Reading

LEAST_IOU = 0.3  # intersection over union from which two boxes are the same place
SLACK = 0.15  # of the labelled box's longer side: how far outside the centre may lie, since a 1 is a few pixels wide
SMALLEST, LARGEST = 0.2, 6.0  # area of the reading's box, in that of the label: beyond, a centre inside says nothing
CENTRED = 0.01  # what a centre inside counts, so that any overlap comes before none


class Target(NamedTuple):
    """One labelled digit, as text, and where it stands, in pixels of the upright picture."""

    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Truth:
    """What a picture says.

    Attributes:
        lines: the digits of each line of text, from the top; of a page lying on its side, as it reads upright.
        targets: every digit with its box, or None where only the text is known.
        ordered: whether the lines have an order; scattered digits have none.
        clutter: boxes of marks that are no digits, where they are known.
        labels: what can stand there.
    """

    lines: tuple[str, ...]
    targets: Sequence[Target] | None = None
    ordered: bool = True
    clutter: Sequence[Box] = ()
    labels: Labels = DIGITS

    @property
    def signs(self) -> list[str]:
        """All digits, without line ends."""
        return [sign for line in self.lines for sign in self.labels.split(line)]


class Counts(NamedTuple):
    """How many digits were read how.

    Attributes:
        labelled: what there was to read.
        readings: what was read.
        read: matched, and the right digit.
        wrong: matched, and another digit.
        missed: labelled digits without a reading.
        rejected: those of the missed that were found, and then rejected.
        spurious: readings that match no labelled digit.
    """

    labelled: int
    readings: int
    read: int
    wrong: int
    missed: int
    rejected: int
    spurious: int

    @classmethod
    def total(cls, counts: Iterable[Self]) -> Self:
        """All of them together."""
        rows = list(counts)
        return cls(*(sum(column) for column in zip(*rows, strict=True))) if rows else cls(*[0] * len(cls._fields))

    @property
    def mistakes(self) -> int:
        """How many corrections the reading needs."""
        return self.wrong + self.missed + self.spurious

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 0 to 1; None where there was nothing to read and nothing was."""
        return 2 * self.read / (self.labelled + self.readings) if self.labelled + self.readings else None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One picture's reading and its truth.

    Attributes:
        truth: what it says.
        reading: what was read.
        digits: what it says, digit by digit: its targets', else its text's.
        read_as: index into `digits` -> index into `reading.digits`.
        rejected_as: index into `digits`, of those not read -> index into `reading.rejected`.
    """

    truth: Truth
    reading: Reading
    digits: Sequence[str]
    read_as: Mapping[int, int]
    rejected_as: Mapping[int, int]

    @property
    def signs(self) -> list[str]:
        """What was read, without line ends."""
        return _signs(self.reading)

    @property
    def order(self) -> float:
        """1 - edit distance / length of the digits in reading order, 0 to 1."""
        label = self.truth.signs
        return max(0.0, 1 - edit_distance(label, self.signs) / max(len(label), 1))

    @property
    def exact(self) -> bool:
        """Whether the digits in reading order are all right."""
        return self.signs == self.truth.signs

    @property
    def lines(self) -> list[str]:
        """What was read, line by line."""
        return self.reading.text.splitlines()

    def pairs(self) -> list[tuple[Digit, str | None]]:
        """The digits that were read, in reading order, each with what it is; None where no digit is labelled."""
        shown = {j: self.digits[i] for i, j in self.read_as.items()}
        return [(digit, shown.get(j)) for j, digit in enumerate(self.reading.digits)]

    @property
    def counts(self) -> Counts:
        """How many digits were read how."""
        labelled, readings, matched = len(self.digits), len(self.reading.digits), len(self.read_as)
        read = sum(self.digits[i] == self.reading.digits[j].label for i, j in self.read_as.items())
        return Counts(
            labelled=labelled,
            readings=readings,
            read=read,
            wrong=matched - read,
            missed=labelled - matched,
            rejected=len(self.rejected_as),
            spurious=readings - matched,
        )

    def clutter_confidences(self) -> list[float]:
        """For each mark that is no digit: the highest confidence with which a digit was read in it, 0 where none was.

        Being read in it means that the reading matches no labelled digit and has its centre in the mark's box.
        """
        spurious = [digit for digit, shown in self.pairs() if shown is None]
        return [
            max((digit.confidence for digit in spurious if _centre_in(digit.box, box)), default=0.0)
            for box in self.truth.clutter
        ]


def compare(truth: Truth, reading: Reading) -> Comparison:
    """Match what was read with what a picture says: by boxes where they are labelled, else by the edit distance."""
    if truth.targets is None:
        label, text = truth.signs, _signs(reading)
        # scattered digits are compared as a set
        places = [range(len(t)) if truth.ordered else sorted(range(len(t)), key=t.__getitem__) for t in (label, text)]
        steps = align(*([t[i] for i in at] for t, at in zip((label, text), places, strict=True)))
        read_as = {places[0][i]: places[1][j] for i, j in steps if i is not None and j is not None}
        return Comparison(truth, reading, label, read_as, {})
    boxes, digits = [target.box for target in truth.targets], [target.label for target in truth.targets]
    read_as = match([digit.box for digit in reading.digits], boxes)
    left = [i for i in range(len(boxes)) if i not in read_as]
    rejected = match([reject.box for reject in reading.rejected], [boxes[i] for i in left])
    return Comparison(truth, reading, digits, read_as, {left[i]: j for i, j in rejected.items()})


def _signs(reading: Reading) -> list[str]:
    return [digit.label for digit in reading.digits]


def match(found: Sequence[Box], labelled: Sequence[Box]) -> dict[int, int]:
    """Match boxes to labelled boxes, the best overlaps first; of equal ones, the later in both lists.

    Returns:
        Index into `labelled` -> index into `found`; each stands there once at most.
    """
    pairs = sorted(
        ((overlap(box, label), i, j) for i, label in enumerate(labelled) for j, box in enumerate(found)), reverse=True
    )
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for value, i, j in pairs:
        if value > 0 and i not in matched and j not in taken:
            matched[i] = j
            taken.add(j)
    return matched


def overlap(found: Box, label: Box) -> float:
    """How well a box fits a labelled one: their intersection over union, or 0 where they are not the same place."""
    width = min(found.x + found.w, label.x + label.w) - max(found.x, label.x)
    height = min(found.y + found.h, label.y + label.h) - max(found.y, label.y)
    shared = max(width, 0) * max(height, 0)
    area, wanted = found.w * found.h, label.w * label.h
    iou = shared / max(area + wanted - shared, 1e-9)
    if iou > LEAST_IOU:
        return iou
    inside = _centre_in(found, label, SLACK * max(label.w, label.h))
    return CENTRED + iou if inside and SMALLEST < area / max(wanted, 1) < LARGEST else 0.0


def _centre_in(found: Box, place: Box, slack: float = 0.0) -> bool:
    x, y = found.x + found.w / 2, found.y + found.h / 2
    return place.x - slack <= x <= place.x + place.w + slack and place.y - slack <= y <= place.y + place.h + slack


def align(label: Sequence[str], text: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Put two texts side by side with as few corrections as can be.

    R. A. Wagner and M. J. Fischer, "The string-to-string correction problem", Journal of the ACM 21 (1974), 168-173.

    Returns:
        In order, pairs of an index into `label` and one into `text`; None where the other has a character too many.
    """
    costs = [list(range(len(text) + 1))]
    for i, wanted in enumerate(label, 1):
        row, above = [i], costs[-1]
        for j, char in enumerate(text, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (wanted != char)))
        costs.append(row)
    steps: list[tuple[int | None, int | None]] = []
    i, j = len(label), len(text)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (label[i - 1] != text[j - 1]):
            i, j = i - 1, j - 1
            steps.append((i, j))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            steps.append((i, None))
        else:
            j -= 1
            steps.append((None, j))
    return steps[::-1]


def edit_distance(label: Sequence[str], text: Sequence[str]) -> int:
    """How many characters must be put in, taken out or replaced to make one text the other (Levenshtein)."""
    return sum(i is None or j is None or label[i] != text[j] for i, j in align(label, text))


class Figures(NamedTuple):
    """Shares of labelled digits, 0 to 1, as the mean over pictures; None where no picture has what it takes.

    Attributes:
        pictures: how many.
        digits: how many they say.
        read: of the pictures with labelled boxes, as are the next five.
        wrong: read as another digit.
        missed: not read.
        rejected: the part of `missed` that was found and rejected.
        spurious: readings where no digit is.
        f1: 2 * read / (labelled + readings).
        order: of the pictures whose lines have an order, as is `exact`: see `Comparison`.
        exact: share of pictures whose digits in reading order are all right.
    """

    pictures: int
    digits: int
    read: float | None
    wrong: float | None
    missed: float | None
    rejected: float | None
    spurious: float | None
    f1: float | None
    order: float | None
    exact: float | None


def figures(comparisons: Sequence[Comparison]) -> Figures:
    """The figures of a group of pictures."""
    boxed = [one.counts for one in comparisons if one.truth.targets]
    ordered = [one for one in comparisons if one.truth.ordered]
    return Figures(
        pictures=len(comparisons),
        digits=sum(len(one.truth.signs) for one in comparisons),
        **{name: _mean(getattr(counts, name) / counts.labelled for counts in boxed) for name in SHARES},
        f1=_mean(counts.f1 or 0.0 for counts in boxed),
        order=_mean(one.order for one in ordered),
        exact=_mean(float(one.exact) for one in ordered),
    )


SHARES = ("read", "wrong", "missed", "rejected", "spurious")


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return fmean(values) if values else None
