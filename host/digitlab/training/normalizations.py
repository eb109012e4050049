"""What batch normalizations expect of their inputs, measured where weights came otherwise than by training."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


def measure(network: "keras.Model", inputs: NDArray[np.float32]) -> Iterator["keras.layers.BatchNormalization"]:
    """Set each normalization's mean and variance to what it is given, and give it before the next one is measured.

    Args:
        network: whose normalizations stand in the order in which they run.
        inputs: float32 (n, ...), what the network is shown.
    """
    import keras

    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            given = keras.Model(network.input, layer.input).predict(inputs, verbose=0)
            layer.moving_mean.assign(given.mean(axis=(0, 1, 2)))
            layer.moving_variance.assign(given.var(axis=(0, 1, 2)))
            yield layer
