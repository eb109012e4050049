"""What came of the tutorial."""

from dataclasses import dataclass
from pathlib import Path

from digitlab.accuracy import Score
from digitlab.evaluation.variants import Variant
from digitlab.training.tutorial_network import Epoch, Labelled
from digitlab.tutorial.read import Reading


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """All that the page shows.

    Attributes:
        samples: the first training pictures.
        learned: how many pictures it learned from.
        summary: the network's layers, as Keras tells them.
        history: an entry an epoch.
        score: of the trained network on the test set.
        test: the test set.
        variants: what it became, measured.
        picture: what was read, and ...
        reading: ... what came of it.
        seconds: that each step took, by its title.
    """

    samples: Labelled
    learned: int
    summary: str
    history: list[Epoch]
    score: Score
    test: Labelled
    variants: list[Variant]
    picture: Path
    reading: Reading
    seconds: dict[str, float]
