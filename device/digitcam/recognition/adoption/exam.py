"""What a digit model makes of the shipped digits: whether it sees and answers as its card says."""

from dataclasses import dataclass

import numpy as np

from digitcam.recognition.adoption.contract import known
from digitcam.recognition.classifier import Classifier

# Shares of the shipped digits. Models that know MNIST alone read 0.79 and 0.80 of them; shown in another range,
# inverted or transposed, 0.65 at most, and mostly less than 0.2.
READS = 0.5
WELL = 0.9
SURE = 0.6  # probability: what is as likely counts as read in these shares


@dataclass(frozen=True, slots=True)
class Exam:
    """How many of the shipped digits that it knows a model reads.

    Attributes:
        right: surely enough, and rightly.
        wrong: surely enough, as another.
        unread: the rest: not surely enough, or taken for none.
    """

    right: int
    wrong: int
    unread: int

    @property
    def share(self) -> float:
        """Of all of them, that are read rightly."""
        return self.right / (self.right + self.wrong + self.unread)

    def __str__(self) -> str:
        """Say it in one line."""
        of = self.right + self.wrong + self.unread
        return f"reads {self.right} of {of} shipped digits, {self.wrong} as others and {self.unread} not"


def examine(classifier: Classifier) -> Exam:
    """Have a model read the shipped digits.

    Raises:
        DigitcamError: they are missing.
    """
    crops, classes = known(classifier.labels)
    shares = classifier.classify(classifier.fitted(crops))
    best = shares.argmax(axis=1)
    read = (best < len(classifier.labels.texts)) & (shares.max(axis=1) >= SURE)
    right = int(np.count_nonzero(read & (best == classes)))
    return Exam(right, int(np.count_nonzero(read)) - right, int(np.count_nonzero(~read)))
