"""How a digit model of one's own wants its crops: the usual ways are tried, and what it reads decides."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from msgspec.structs import replace

from digitcam.diagnostics import shipped
from digitcam.model.card import Contract
from digitcam.model.runtime import Interpreter, installed
from digitcam.recognition.classifier import Classifier, kind_of, probabilities

# (scale, offset), the more usual first
RANGES = (
    (1.0, 0.0),
    (255.0, 0.0),
    (2.0, -1.0),
    (1 / 0.3081, -0.1307 / 0.3081),  # less MNIST's mean, by its deviation, as PyTorch's examples have it
    (1.0, -0.5),
    (255.0, -128.0),
)
CROPS = 100  # ten of each digit suffice to tell one way from another
LEAST = 1e-4  # probability that counts
AS_GOOD = 0.1  # nats a digit: of ways that differ by no more the most usual is taken


def best_contract(interpreter: Interpreter) -> Contract:
    """Give the way in which a digit model finds what stands in the shipped digits the likeliest.

    Not the way in which it is the surest of it: the more contrast, the surer most models are, right or wrong.

    Raises:
        DigitcamError: the shipped digits are missing.
    """
    crops, labels = (part[:CROPS] for part in shipped.digits())
    likely: dict[Contract, float] = {}
    for contract in _usual():
        said = Classifier(interpreter, installed(), contract).answers(crops)
        kind = kind_of(said)
        given = probabilities(said, kind)[np.arange(len(labels)), labels]
        # a model of nonsense may say what is no number
        likely[replace(contract, answers=kind)] = float(np.log(np.fmax(given, LEAST)).mean())
    enough = max(likely.values()) - AS_GOOD
    return next(contract for contract, nats in likely.items() if nats >= enough)


def _usual() -> Iterator[Contract]:
    for inverted, transposed, (scale, offset) in product((False, True), (False, True), RANGES):
        yield Contract(scale, offset, inverted, transposed)
