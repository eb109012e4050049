"""Makes the tiny models beside this file, which no device can make: they take TensorFlow.

In the host's environment: `python tests/device/models/make.py`. `fits` is a digit model that knows nothing; each of
the others differs from it in what its name says.
"""

import os
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf


class Shape(NamedTuple):
    side: int = 28
    classes: int = 10
    dtype: str = "float32"


MODELS = {
    "fits": Shape(),
    "wrong-side": Shape(side=32),
    "wrong-classes": Shape(classes=26),
    "wrong-dtype": Shape(dtype="int32"),
}


def make(shape: Shape) -> bytes:
    """The first pixels' softmax, as a .tflite file."""

    @tf.function(input_signature=[tf.TensorSpec((1, shape.side, shape.side, 1), shape.dtype)])  # type: ignore[untyped-decorator]
    def model(pixels: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(tf.cast(pixels, tf.float32), (1, -1))
        return tf.nn.softmax(flat[:, : shape.classes])

    concrete = model.get_concrete_function()
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete], model).convert())


if __name__ == "__main__":
    for name, shape in MODELS.items():
        Path(__file__).with_name(f"{name}.tflite").write_bytes(make(shape))
