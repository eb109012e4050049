"""What a digit model makes of the shipped digits: whether it sees and answers as its card says."""

from dataclasses import dataclass

import numpy as np

from digitcam import shipped
from digitcam.classify import DIGITS, Classifier
from digitcam.config import ModelConfig

# Of the shipped digits. Of three models that were trained on MNIST alone and are shown what they expect the worst
# reads 0.78; shown anything else, the best of them reads 0.4.
READS = 0.5
WELL = 0.9
SURE = ModelConfig().min_confidence


@dataclass(frozen=True, slots=True)
class Exam:
    """How many of the shipped digits a model reads.

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
        """One line."""
        of = self.right + self.wrong + self.unread
        return f"reads {self.right} of {of} shipped digits, {self.wrong} as others and {self.unread} not"


def examine(classifier: Classifier) -> Exam:
    """Have a model read the shipped digits.

    Raises:
        DigitcamError: they are missing.
    """
    crops, labels = shipped.digits()
    shares = classifier.classify(crops)
    best = shares.argmax(axis=1)
    read = (best < DIGITS) & (shares.max(axis=1) >= SURE)
    right = int(np.count_nonzero(read & (best == labels)))
    return Exam(right, int(np.count_nonzero(read)) - right, int(np.count_nonzero(~read)))
