import numpy as np
import pytest
from numpy.typing import NDArray

from digitlab.training.temperature import calibrate


def overconfident(rng: np.random.Generator, by: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Probabilities whose logits are `by` times what the labels were drawn with."""
    logits = rng.normal(0, 2, (20_000, 11))
    right = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (right.cumsum(axis=1) > rng.random((len(right), 1))).argmax(axis=1).astype(np.uint8)
    said = np.exp(by * logits)
    return (said / said.sum(axis=1, keepdims=True)).astype(np.float32), labels


@pytest.mark.parametrize("by", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_how_sure_the_network_was_made(by: float) -> None:
    found = calibrate(*overconfident(np.random.default_rng(2), by))
    assert found.temperature == pytest.approx(by, rel=0.06)
    assert found.n == 20_000
    gap = max(abs(b.confidence - b.right / b.n) for b in found.after if b.n > 500)
    assert gap < 0.04
