"""A network -> the content of a .tflite file: float, with weights in 8 bits (dynamic range), or wholly in 8 bits."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from digitcam.model.runtime import muted

Form = Literal["float", "dynamic", "int8"]
FORMS: tuple[Form, ...] = get_args(Form)
Inputs = Callable[[], Iterable[NDArray[np.float32]]]
"""Gives what the network is shown while int8's ranges are measured, one input at a time."""


def from_keras(network: Any, form: Form, inputs: Inputs) -> bytes:  # noqa: ANN401  # Keras ships no types
    """Convert a Keras network, best one with a batch of 1: a dynamic one leaves operations that work out its shape.

    Args:
        network: the network.
        form: float takes and gives float32, as does dynamic; int8 takes and gives int8.
        inputs: float32 in the network's own shape and range; asked for int8 only.
    """
    import tensorflow as tf  # takes seconds; `digitlab --help` should not

    return convert(tf.lite.TFLiteConverter.from_keras_model(network), form, inputs)


def convert(converter: Any, form: Form, inputs: Inputs) -> bytes:  # noqa: ANN401  # TensorFlow ships no types
    """Let a new converter, of a network of any kind, convert; see `from_keras`."""
    import tensorflow as tf

    if form != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "int8":
        converter.representative_dataset = lambda: ([one] for one in inputs())
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        # the only way that every runtime, tflite-runtime 2.14 too, and the Edge TPU compiler know for dense layers
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True  # noqa: SLF001  # no public way
    with muted():  # it narrates what it does; errors come as exceptions
        return bytes(converter.convert())
