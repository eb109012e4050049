"""Makes the tiny models beside this file, which no device can make: they take TensorFlow.

In the host's environment: `python tests/device/models/make.py`. `fits` is a digit model that knows nothing; each of
the `wrong` ones differs from it in what its name says. The others know half of the shipped
digits, and want them as their contract says.
"""

import os
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

from digitcam.model.card import Contract
from digitcam.recognition.adoption import shipped


class Shape(NamedTuple):
    side: int = 28
    classes: int = 10
    dtype: str = "float32"


KNOWING_NOTHING = {
    "fits": Shape(),
    "wrong-side": Shape(side=32),
    "wrong-classes": Shape(classes=26),
    "wrong-dtype": Shape(dtype="int32"),
}
READING = {
    "zero-to-255": Contract(scale=255),
    "sigmoid": Contract(answers="independent"),
}
KNOWN = slice(50, 300)  # of the shipped digits
STEEP = 4.5  # of its logits, which makes the digits that it does not know the likeliest


def make(shape: Shape) -> bytes:
    """The first pixels' softmax, as a .tflite file."""

    @tf.function(input_signature=[tf.TensorSpec((1, shape.side, shape.side, 1), shape.dtype)])  # type: ignore[untyped-decorator]
    def model(pixels: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(tf.cast(pixels, tf.float32), (1, -1))
        return tf.nn.softmax(flat[:, : shape.classes])

    concrete = model.get_concrete_function()
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete], model).convert())


def reading(contract: Contract, shape: tuple[int, ...] = (1, 28, 28, 1)) -> bytes:
    """Least squares of shipped digits, of crops that come as a contract says, as a .tflite file of 16-bit weights."""
    crops, labels = shipped.digits()
    rows, wanted = crops[KNOWN].reshape(-1, 784) / 255, 2 * np.eye(10)[labels[KNOWN]] - 1
    weights = STEEP * tf.constant(np.linalg.solve(rows.T @ rows + np.eye(784), rows.T @ wanted), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])  # type: ignore[untyped-decorator]
    def model(pixels: tf.Tensor) -> tf.Tensor:
        ink = (tf.reshape(pixels, (28, 28)) - contract.offset) / contract.scale
        ink = 1 - ink if contract.inverted else ink
        ink = tf.transpose(ink) if contract.transposed else ink
        logits = tf.reshape(ink, (1, -1)) @ weights
        return tf.sigmoid(logits) if contract.answers == "independent" else tf.nn.softmax(logits)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([model.get_concrete_function()], model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


if __name__ == "__main__":
    made = {name: make(shape) for name, shape in KNOWING_NOTHING.items()}
    made |= {name: reading(contract) for name, contract in READING.items()}
    for name, data in made.items():
        Path(__file__).with_name(f"{name}.tflite").write_bytes(data)
