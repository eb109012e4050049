"""How sure the network may say it is: a temperature for its logits, chosen on crops that it was not trained on.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, https://arxiv.org/abs/1706.04599. The temperature is
divided into the last layer's weights, so whatever runs the model gets calibrated confidences and need not know of it.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from digitlab.accuracy import Bin, reliability

TEMPERATURES = np.exp(np.linspace(np.log(0.25), np.log(4), 241))


class Calibration(Struct, frozen=True):
    """What was chosen, and its effect.

    Attributes:
        temperature: by which logits are divided.
        n: crops that it was chosen on.
        before: how sure and how right the network was, bin by bin.
        after: likewise, at the temperature.
    """

    temperature: float
    n: int
    before: list[Bin]
    after: list[Bin]


def calibrate(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Calibration:
    """Choose the temperature at which the labels are most likely.

    Args:
        probabilities: float32 (n, classes), a softmax's.
        labels: uint8 (n,).
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))
    losses = [-np.log(_at(logits, t)[np.arange(len(labels)), labels]).mean() for t in TEMPERATURES]
    best = float(TEMPERATURES[int(np.argmin(losses))])
    return Calibration(best, len(labels), _bins(_at(logits, 1), labels), _bins(_at(logits, best), labels))


def _at(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    raised = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(np.maximum(raised / raised.sum(axis=1, keepdims=True), 1e-12), np.float64)


def _bins(probabilities: NDArray[np.float64], labels: NDArray[np.uint8]) -> list[Bin]:
    return reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)
