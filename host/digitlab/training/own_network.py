"""A network of one's own, a .keras file or a SavedModel, -> TFLite; for a process that loads TensorFlow."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.model.runtime import muted
from digitlab.training.framework import load_tensorflow
from digitlab.training.tflite import Form, convert

SIGNATURE = "serving_default"


def to_tflite(job: tuple[Path, Form, Sequence[NDArray[np.float32]]]) -> bytes:
    """Convert it, with a batch of one.

    Args:
        job: the .keras file or the folder of the SavedModel; the form; and for int8, inputs as the network wants them.

    Returns:
        The content of a .tflite file.

    Raises:
        ModelError: it cannot be loaded or converted, or has not one input and one output.
    """
    source, form, inputs = job
    load_tensorflow()
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    call, shape = _saved_model(source) if source.is_dir() else _keras_model(source)
    serve = tf.function(call, input_signature=[tf.TensorSpec([1, *shape[1:]], tf.float32)])
    try:
        with muted():  # the converter narrates what it does
            # weights become constants: what converts a Keras 3 network with its variables cannot quantize it
            frozen = convert_variables_to_constants_v2(serve.get_concrete_function())
            return convert(tf.lite.TFLiteConverter.from_concrete_functions([frozen]), form, lambda: inputs)
    except Exception as error:
        # the converter raises whatever its parts meet
        raise ModelError(f"{source}: cannot be converted to {form}: {_brief(error)}") from error


def _keras_model(source: Path) -> tuple[Callable[[Any], Any], tuple[int, ...]]:
    """How it is called, and its input's shape."""
    import keras

    try:
        with muted():
            model = keras.models.load_model(source, compile=False)
    except Exception as error:
        # a damaged file raises whatever its parsers meet
        raise ModelError(f"{source}: no Keras model: {_brief(error)}") from error
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        ends = f"{len(model.inputs)} inputs and {len(model.outputs)} outputs"
        raise ModelError(f"{source}: has {ends}; one of each is read")
    return lambda pixels: model(pixels, training=False), tuple(model.inputs[0].shape)


def _saved_model(source: Path) -> tuple[Callable[[Any], Any], tuple[int, ...]]:
    import tensorflow as tf

    try:
        with muted():
            loaded = tf.saved_model.load(str(source))
        serve = loaded.signatures[SIGNATURE]
        [(name, taken)] = serve.structured_input_signature[1].items()
        [answer] = serve.structured_outputs
    except Exception as error:
        # a damaged folder raises whatever its parsers meet
        raise ModelError(
            f"{source}: no SavedModel with a signature {SIGNATURE} of one input and one output: {_brief(error)}"
        ) from error

    def call(pixels: Any) -> Any:  # noqa: ANN401  # TensorFlow ships no types
        return loaded.signatures[SIGNATURE](**{name: pixels})[answer]  # which holds the weights

    return call, tuple(taken.shape)


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
