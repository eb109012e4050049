"""What the network reads of MNIST's test set: the report's pictures, mistakes and tables of each digit."""

from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from digitcam.labels import DIGIT_CLASSES
from digitlab.accuracy import Score, percent, wilson
from digitlab.data.augment import as_seen
from digitlab.pages.page import Section, crop, render, table
from digitlab.reports.finder import NONE

USUAL, HARDEST = 3, 3  # test pictures shown of each class: spread over the test set, and the least sure


class Readings:
    """The test set and what was read of it; pictures are shown as the network saw them."""

    def __init__(self, score: Score, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        self.images, self.labels = images, labels
        self.predicted, self.confidence = score.predictions(), np.array(score.confidence)
        self.right = self.predicted == labels
        self.mistakes = np.flatnonzero(~self.right)[np.argsort(-self.confidence[~self.right], kind="stable")]

    def hardest(self, digit: int) -> NDArray[np.intp]:
        """Give all pictures of a digit, the misread ones first, then the least sure."""
        own = np.flatnonzero(self.labels == digit)
        order = np.lexsort((self.confidence[own], self.right[own]))
        return np.asarray(own[order], np.intp)

    def shown(self, index: int) -> "_Shown":
        """Tell of one picture what was read, how surely, and what it is."""
        read, is_ = int(self.predicted[index]), int(self.labels[index])
        sure = round(100 * self.confidence[index])
        picture = crop(as_seen([self.images[index]], 1)[0], f"Handwritten {is_}, read as {read}, {sure} % sure")
        return _Shown(int(index), read, is_, sure, picture)


class _Shown(NamedTuple):
    """A picture of the test set: its number, what was read, what it shows, how sure that was in percent, and itself."""

    number: int
    read: int
    shown: int
    sure: int
    crop: Markup


def show_mistakes(readings: Readings) -> Section:
    """Show all test pictures that were misread."""
    shown = [readings.shown(index) for index in readings.mistakes]
    return Section(
        "Every mistake",
        "All test pictures that were misread, the surest first: what was read, what it is, how sure the network was, "
        "and the picture's number in the test set, from 0. Where a person hesitates, so may the label be wrong.",
        render("readings", groups=[shown], numbered=True) if shown else NONE,
    )


def show_predictions(readings: Readings) -> Section:
    """Show some pictures of each digit, and the hardest."""
    groups = []
    for digit in range(DIGIT_CLASSES):
        hardest = readings.hardest(digit)
        rest = np.sort(hardest[HARDEST:])
        usual = rest[np.linspace(0, len(rest) - 1, min(USUAL, len(rest))).astype(np.intp)]
        groups.append([readings.shown(index) for index in (*usual, *hardest[:HARDEST])])
    return Section(
        "Test pictures",
        f"Of each digit, {USUAL} pictures spread over the test set, then the {HARDEST} that it found hardest. Below "
        "each: what was read and how surely. Mistakes are red, with what the picture is.",
        render("readings", groups=groups, numbered=False),
    )


def show_confusion(score: Score) -> Section:
    """Show what was taken for what."""
    worst = max(count for i, row in enumerate(score.confusion) for j, count in enumerate(row) if i != j)

    def cell(shown: int, read: int, count: int) -> dict[str, object]:
        kind, most = ("right", score.classes[shown].n) if shown == read else ("wrong", worst)
        # the root lets a single mistake be seen, the limit keeps the number readable
        return {"count": count, "kind": kind, "heat": round(10 + 50 * (count / most) ** 0.5) if count else 0}

    rows = [[cell(shown, read, count) for read, count in enumerate(row)] for shown, row in enumerate(score.confusion)]
    return Section(
        "Confusion matrix",
        "A row for what the pictures show, a column for what was read. Blue: right. Red: mistaken, the redder the "
        "more often.",
        render("confusion", rows=rows),
    )


def show_classes(score: Score) -> Section:
    """Show how each digit was read."""

    def row(digit: int) -> list[str]:
        own, counts = score.classes[digit], list(score.confusion[digit])
        low, high = wilson(own.right, own.n) if own.n else (0.0, 1.0)
        counts[digit] = 0
        most = max(counts)
        return [
            str(digit),
            f"{own.n:,}",
            f"{own.n - own.right:,}",
            percent(own.recall),
            f"{100 * low:.2f} to {100 * high:.2f} %",
            percent(own.precision),
            f"{counts.index(most)} ({most})" if most else "-",
        ]

    names = ["digit", "pictures", "misread", "recall", "95 % interval", "precision", "most often misread as"]
    return Section(
        "Digit by digit",
        "Recall: how many pictures of the digit were read as it. Precision: how many readings of it were right.",
        table(names, [row(digit) for digit in range(DIGIT_CLASSES)]),
    )
