"""The network that ships and the larger one that teaches it.

The first is small, int8-friendly and made of operations that the Edge TPU compiler maps: strided convolutions instead
of pooling, ReLU throughout, residual blocks (He et al. 2016, https://arxiv.org/abs/1512.03385), and a learned
weighting of the last 7x7 field (a depthwise convolution over all of it: MobileFaceNets, Chen et al. 2018) instead of a
large dense layer.
"""

from typing import TYPE_CHECKING, Any

from digitcam.classify import CLASSES, DIGITS
from digitcam.normalize import SIDE

if TYPE_CHECKING:
    import keras

# filters at 28x28, 14x14 and 7x7: 84 K parameters and 7.9 M multiply-adds, and 392 K and 33 M; sixteens, which
# runtimes pad to: 36 and 50 cost a third more in tflite-runtime on x86 and read MNIST's validation split no better
STUDENT = 24, 32, 48
TEACHER = 32, 64, 112


def build(batch_size: int | None = None) -> "keras.Model":
    """Build the network that ships, untrained.

    Args:
        batch_size: None for training; 1 for export, since the Edge TPU takes static shapes only.

    Returns:
        float32 (batch, 28, 28, 1) in 0..1, bright ink on black -> float32 (batch, 11) probabilities: the ten digits and
        "no digit".
    """
    # no dropout: with so few parameters it forgets more than it spares (validation)
    return _build(STUDENT, CLASSES, dropout=0, batch_size=batch_size)


def build_teacher() -> "keras.Model":
    """Build the network that teaches, untrained: the same input -> float32 (batch, 10), digits only."""
    return _build(TEACHER, DIGITS, dropout=0.4)


def _build(filters: tuple[int, int, int], classes: int, dropout: float, batch_size: int | None = None) -> "keras.Model":
    import keras  # importing it takes seconds, and no process that classifies may
    from keras import layers

    x = inputs = keras.Input((SIDE, SIDE, 1), batch_size=batch_size)
    x = layers.ReLU()(_convolve(x, filters[0]))
    for count in filters[1:]:
        x = layers.ReLU()(_convolve(x, count, stride=2))
        inner = layers.ReLU()(_convolve(x, count))
        x = layers.ReLU()(layers.Add()([x, _convolve(inner, count)]))
    x = layers.DepthwiseConv2D(7, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(classes, activation="softmax")(x)
    return keras.Model(inputs, x)


def _convolve(x: Any, filters: int, stride: int = 1) -> Any:  # noqa: ANN401  # Keras ships no types
    from keras import layers

    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9)(x)
