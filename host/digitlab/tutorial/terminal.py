"""What the tutorial shows while it goes, on a terminal or in a file."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from digitlab.accuracy import Score, percent
from digitlab.evaluation.variants import Variant
from digitlab.pages.page import text_table
from digitlab.training.tutorial_network import Labelled
from digitlab.tutorial.read import Reading

if TYPE_CHECKING:
    import keras

SHADES = " .:-=+*#%@"  # from no ink to all of it
CELL = (14, 7)  # columns and rows of a picture: a character is about twice as high as wide
ACROSS = 5
VARIANTS = ("form", "bytes", "of float", "accuracy", "mistakes", "points lost", "agrees")


def title(number: int, text: str) -> None:
    """Begin a step."""
    _console().print(Text(f"\n{number}. {text}", "bold"))


def show_samples(samples: Labelled) -> None:
    """Draw pictures with characters, `ACROSS` in a row, each above its label."""
    for start in range(0, len(samples.labels), ACROSS):
        drawn = [_drawn(image) for image in samples.images[start : start + ACROSS]]
        _say("  ".join(row) for row in zip(*drawn, strict=True))
        _say(["  ".join(str(label).center(CELL[0]) for label in samples.labels[start : start + ACROSS])])


def show_summary(network: "keras.Model") -> str:
    """Print the network's layers and numbers of parameters, as Keras has them, and return that."""
    lines: list[str] = []
    network.summary(line_length=76, print_fn=lambda text, **_: lines.append(text))
    text = "\n".join(lines).strip("\n")
    _say([text])
    return text


def show_predictions(found: Score, test: Labelled, count: int) -> None:
    """Show the accuracy, and what was read of the first pictures: mistakes in red, with what each is in brackets."""
    _say([f"accuracy {percent(found.accuracy)}: {len(test.labels) - found.right:,} mistakes in {len(test.labels):,}"])
    _say([f"the first {count}; 4(9) is a 9 that was taken for a 4:"])
    pairs = list(zip(found.predictions()[:count].tolist(), test.labels[:count].tolist(), strict=True))
    for start in range(0, count, 2 * ACROSS):
        row = Text("  ")
        for read, shown in pairs[start : start + 2 * ACROSS]:
            right = read == shown
            row.append((f"{read}" if right else f"{read}({shown})").ljust(6), "" if right else "bold red")
        _console().print(row)


def show_variants(variants: Sequence[Variant]) -> None:
    """Show a table of sizes and accuracies."""
    _say([text_table(VARIANTS, variant_rows(variants))])


def variant_rows(variants: Sequence[Variant]) -> list[list[str]]:
    """Give a row for each of those that were read; see `VARIANTS`."""
    return [
        [
            variant.name,
            f"{variant.size:,}",
            percent(variant.size_ratio),
            percent(score.accuracy),
            f"{sum(map(sum, score.confusion)) - score.right:,}",
            f"{variant.drop:.2f}",
            percent(variant.agreement),
        ]
        for variant in variants
        if (score := variant.score)
    ]


def show_reading(reading: Reading) -> None:
    """Show what was read, and the percentage of each class."""
    _say([f"$ {reading.command}", reading.text or "no digits found"])
    for digit in reading.digits:
        _say(f"  Class {value}: {100 * share:6.2f} %" for value, share in enumerate(digit.probabilities))
    for reject in reading.rejected:
        _say([f"  rejected: {reject.reason}"])


def show_end(page: Path, folder: Path, seconds: float) -> None:
    """Tell where everything is."""
    _console().print(Text(f"\nDone in {seconds / 60:.1f} minutes.", "bold"))
    _say([f"models: {folder}", f"all of it on one page: {page}"])


def _drawn(image: NDArray[np.uint8]) -> list[str]:
    small = cv2.resize(image, CELL, interpolation=cv2.INTER_AREA).astype(int)
    return ["".join(SHADES[level * (len(SHADES) - 1) // 255] for level in row) for row in small]


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        _console().print(Text(line), soft_wrap=True)


def _console() -> Console:
    """Open the standard output as it is now; what is no terminal gets no colours."""
    return Console(highlight=False)
