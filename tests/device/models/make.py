"""Makes the tiny models beside this file, which no device can make: they take TensorFlow.

In the host's environment: `python tests/device/models/make.py`. `fits` is a digit model that knows nothing; each of
the `wrong` ones differs from it in what its name says. The others know half of the shipped
digits, and want them as their contract says; of 32x32 pixels or in colour, where their name says so. `dynamic-range` is
one that tflite-runtime cannot load, `flex` one that neither runtime can.
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
    "wrong-side": Shape(side=300),
    "wrong-classes": Shape(classes=26),
    "wrong-dtype": Shape(dtype="int32"),
}
READING = {
    "zero-to-255": (Contract(scale=255), (1, 28, 28, 1)),
    "sigmoid": (Contract(answers="independent"), (1, 28, 28, 1)),
    "inverted-colour-32": (Contract(inverted=True, box=20 / 32), (1, 32, 32, 3)),
}
MARGIN = 2  # pixels around 28 that make 32
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
    crops, labels = shipped.read_digits()
    rows, wanted = crops[KNOWN].reshape(-1, 784) / 255, 2 * np.eye(10)[labels[KNOWN]] - 1
    weights = STEEP * tf.constant(np.linalg.solve(rows.T @ rows + np.eye(784), rows.T @ wanted), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])  # type: ignore[untyped-decorator]
    def model(pixels: tf.Tensor) -> tf.Tensor:
        if shape == (1, 32, 32, 3):
            pixels = tf.reduce_mean(pixels, axis=-1)[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        ink = (tf.reshape(pixels, (28, 28)) - contract.offset) / contract.scale
        ink = 1 - ink if contract.inverted else ink
        ink = tf.transpose(ink) if contract.transposed else ink
        logits = tf.reshape(ink, (1, -1)) @ weights
        return tf.sigmoid(logits) if contract.answers == "independent" else tf.nn.softmax(logits)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([model.get_concrete_function()], model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def dynamic_range() -> bytes:
    """A dense layer, its weights in eight bits and its sums in float."""
    weights = tf.constant(np.random.default_rng(1).normal(size=(784, 10)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 28, 28, 1), tf.float32)])  # type: ignore[untyped-decorator]
    def model(pixels: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(tf.reshape(pixels, (1, 784)) @ weights)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([model.get_concrete_function()], model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return bytes(converter.convert())


def flex() -> bytes:
    """An operation that only TensorFlow has."""

    @tf.function(input_signature=[tf.TensorSpec((1, 28, 28, 1), tf.float32)])  # type: ignore[untyped-decorator]
    def model(pixels: tf.Tensor) -> tf.Tensor:
        square = tf.eye(10) + tf.reshape(pixels, (1, 784))[:, :10]
        return tf.nn.softmax(tf.linalg.inv(square)[:1])

    converter = tf.lite.TFLiteConverter.from_concrete_functions([model.get_concrete_function()], model)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    return bytes(converter.convert())


if __name__ == "__main__":
    made = {name: make(shape) for name, shape in KNOWING_NOTHING.items()}
    made |= {name: reading(*kind) for name, kind in READING.items()}
    made |= {"dynamic-range": dynamic_range(), "flex": flex()}
    for name, data in made.items():
        Path(__file__).with_name(f"{name}.tflite").write_bytes(data)
