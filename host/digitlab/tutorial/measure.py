"""What the network makes of pictures: as Keras runs it, and as TensorFlow's own TFLite interpreter runs what it became.

tflite-runtime 2.14 cannot load the dynamic-range form, and cannot run in a process that has imported TensorFlow.
"""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitcam.model.runtime import muted

if TYPE_CHECKING:
    import keras

READ = 500  # pictures read at once


def predict(network: "keras.Model", pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the probabilities of a trained network: float32 (n, 28, 28, 1) -> float32 (n, 10)."""
    return softmax(np.concatenate([network(pixels[i : i + READ]).numpy() for i in range(0, len(pixels), READ)]))


def predict_tflite(model: bytes, pixels: NDArray[np.float32], advance: Callable[[], None]) -> NDArray[np.float32]:
    """Give the same of a .tflite of any form, one picture at a time, as a device reads them.

    Args:
        model: the file's content.
        pixels: float32 (n, 28, 28, 1) in 0..1.
        advance: called after each picture.
    """
    interpreter = _open(model)
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    stored = _stored(pixels, taken)
    answers = np.empty((len(pixels), given["shape"][-1]), np.float32)
    for number, picture in enumerate(stored):
        interpreter.set_tensor(taken["index"], picture[None])
        interpreter.invoke()
        answers[number] = interpreter.get_tensor(given["index"])[0]
        advance()
    scale, zero_point = given["quantization"]
    return softmax((answers - zero_point) * scale if scale else answers)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Make probabilities of a network's logits: float32 (n, classes), rows that add up to 1."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _open(model: bytes) -> Any:  # noqa: ANN401  # TensorFlow ships no types
    import tensorflow as tf

    with muted(), warnings.catch_warnings(action="ignore"):  # that LiteRT will take its place, and that XNNPACK works
        interpreter = tf.lite.Interpreter(model_content=model, num_threads=1)
        interpreter.allocate_tensors()
    return interpreter


def _stored(pixels: NDArray[np.float32], taken: dict[str, Any]) -> NDArray[np.generic]:
    """Bring the pixels to the model's input: as themselves, or as whole numbers."""
    scale, zero_point = taken["quantization"]
    if not scale:
        return pixels
    limits = np.iinfo(taken["dtype"])
    return np.asarray(np.clip(np.rint(pixels / scale) + zero_point, limits.min, limits.max), taken["dtype"])
