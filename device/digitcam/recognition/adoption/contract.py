"""How a model of one's own wants its crops: the usual ways are tried, and what it reads decides."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from digitcam.labels import DIGITS, Labels
from digitcam.model.card import MNIST_BOX, Contract, Tensor
from digitcam.model.runtime import Interpreter, RuntimeInfo
from digitcam.recognition.adoption import shipped
from digitcam.recognition.classifier import Classifier, kind_of
from digitcam.recognition.normalize import BOX, SIDE

# (scale, offset), the more usual first
RANGES = (
    (1.0, 0.0),
    (255.0, 0.0),
    (2.0, -1.0),
    (1 / 0.3081, -0.1307 / 0.3081),  # less MNIST's mean, by its deviation, as PyTorch's examples have it
    (1.0, -0.5),
    (255.0, -128.0),
)
# Letters that a handwritten digit may be taken for, which stand in for it where a model knows letters only.
LOOKALIKES = {"0": "Oo", "1": "Il", "2": "Zz", "5": "Ss", "8": "B"}
LOOKING_ALIKE = 3  # such letters at least ...
TAKEN_FOR = 0.2  # ... and so likely must they be: a model that tells digits from letters says nothing by them
CROPS = 10  # of each digit suffice to tell one way from another
LEAST = 1e-4  # probability that counts
AS_GOOD = 0.1  # nats a digit: of ways that differ by no more the most usual is taken


def known(labels: Labels, *, lookalikes: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Choose those of the shipped digits that a model can read, and as which of its labels.

    Args:
        labels: what it reads.
        lookalikes: whether letters stand in for digits.

    Returns:
        uint8 (n, 28, 28) and int (n,), indices into its labels; n is 0 where it knows none.

    Raises:
        DigitcamError: the shipped digits are missing.
    """
    crops, digits = shipped.read_digits()
    standing_in = {
        digit: labels.texts.index(text)
        for digit, name in enumerate(DIGITS.texts)
        for text in reversed(name + LOOKALIKES.get(name, "") * lookalikes)
        if text in labels.texts
    }
    knows = np.isin(digits, list(standing_in))
    return crops[knows], np.array([standing_in[digit] for digit in digits[knows].tolist()], np.intp)


def find_contract(
    interpreter: Interpreter,
    runtime: RuntimeInfo,
    labels: tuple[str, ...],
    examples: tuple[NDArray[np.uint8], NDArray[np.intp]] | None = None,
) -> Contract | None:
    """Find the way in which a model takes examples for what they are the likeliest; None where that tells nothing.

    Not the way in which it is the surest of it: the more contrast, the surer most models are, right or wrong.

    Args:
        interpreter: with the model.
        runtime: what it is.
        labels: what each of its answers stands for.
        examples: uint8 (n, 28, 28) crops and int (n,), which label each is; None for the shipped digits.

    Raises:
        ModelError: it is no model that reads, or gives not as many answers as there are labels.
        DigitcamError: the shipped digits are missing.
    """
    model = Classifier(interpreter, runtime, labels=labels)
    crops, classes = known(model.labels)
    lookalikes = not examples and not len(classes)
    if examples:
        crops, classes = examples
    elif lookalikes:
        crops, classes = known(model.labels, lookalikes=True)
        if len(np.unique(classes)) < LOOKING_ALIKE:
            return None
    chosen = np.concatenate([np.flatnonzero(classes == one)[:CROPS] for one in np.unique(classes)])
    crops, classes = crops[chosen], classes[chosen]
    likely: dict[Contract, float] = {}
    for contract in _usual(model.side):
        tried = Classifier(interpreter, runtime, contract, labels)
        said = tried.answers(tried.fitted(crops))
        kind = kind_of(said)
        given = tried.shares(said, kind)[np.arange(len(classes)), classes]
        # a model of nonsense may say what is no number
        likely[replace(contract, answers=kind)] = float(np.log(np.fmax(given, LEAST)).mean())
    if lookalikes and max(likely.values()) < np.log(TAKEN_FOR):
        return None
    enough = max(likely.values()) - AS_GOOD
    return next(contract for contract, nats in likely.items() if nats >= enough)


def read_range(taken: Tensor) -> Contract:
    """Take the way that a quantized input itself tells: it was made for what it can hold; for any other the usual."""
    if taken.dtype == "float32":
        return Contract()
    limits = np.iinfo(taken.dtype)
    low, high = (taken.scale * (float(end) - taken.zero_point) for end in (limits.min, limits.max))
    return Contract(scale=float(f"{high - low:.4g}"), offset=float(f"{low:.4g}"))


def _usual(side: int) -> Iterator[Contract]:
    # a larger picture may have been made of MNIST's by enlarging it, or by a margin around it
    boxes = (MNIST_BOX, BOX / side) if side > SIDE else (MNIST_BOX,)
    for box, inverted, transposed, (scale, offset) in product(boxes, (False, True), (False, True), RANGES):
        yield Contract(scale, offset, inverted, transposed, box=box)
