"""The network that ships and the larger one that teaches it.

The first is small, int8-friendly and made of operations that the Edge TPU compiler maps: a first convolution over
blocks of 2x2 pixels, which with LiteRT on a Cortex-A72 makes the whole a quarter cheaper than one over pixels and one
more with a stride; a strided convolution instead of pooling, ReLU throughout, residual blocks (He et al. 2016,
https://arxiv.org/abs/1512.03385), and a learned weighting of the last 7x7 field (a depthwise convolution over all of
it: MobileFaceNets, Chen et al. 2018) instead of a large dense layer.
"""

from typing import TYPE_CHECKING, Any

from digitcam.labels import CLASSES, DIGIT_CLASSES
from digitcam.recognition.normalize import SIDE
from digitlab.training.blocks import from_pixels

if TYPE_CHECKING:
    import keras

BLOCK = 2  # pixels: the side of what the first convolution sees as one place
# filters at 14x14 and 7x7: 79 K parameters and 6.5 M multiply-adds, and 447 K and 33 M; sixteens, which training's
# kernels and runtimes pad to
STUDENT = 32, 48
TEACHER = 64, 128


def build(*, exported: bool = False) -> "keras.Model":
    """Build the network that ships, untrained.

    Args:
        exported: whether it takes one picture and makes the blocks itself; the Edge TPU takes static shapes only.

    Returns:
        float32 (batch, 14, 14, 4) in 0..1, blocks of `BLOCK` x `BLOCK` pixels, bright ink on black, or exported (1, 28,
        28, 1) -> float32 (batch, 11) probabilities: the ten digits and "no digit".
    """
    # no dropout: with so few parameters it forgets more than it spares (validation)
    return _build(STUDENT, CLASSES, dropout=0, exported=exported)


def build_teacher() -> "keras.Model":
    """Build the network that teaches, untrained: the same input -> float32 (batch, 10), digits only."""
    return _build(TEACHER, DIGIT_CLASSES, dropout=0.4)


def _build(filters: tuple[int, int], classes: int, dropout: float, *, exported: bool = False) -> "keras.Model":
    import keras  # importing it takes seconds, and no process that classifies may
    from keras import layers

    if exported:
        inputs, x = from_pixels((SIDE, SIDE), BLOCK)
    else:
        inputs = x = keras.Input((SIDE // BLOCK, SIDE // BLOCK, BLOCK * BLOCK))
    for count, stride in zip(filters, (1, 2), strict=True):
        x = layers.ReLU()(_convolve(x, count, stride))
        inner = layers.ReLU()(_convolve(x, count))
        x = layers.ReLU()(layers.Add()([x, _convolve(inner, count)]))
    x = layers.DepthwiseConv2D(x.shape[1], use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(classes, activation="softmax")(x)
    return keras.Model(inputs, x)


def _convolve(x: Any, filters: int, stride: int = 1) -> Any:  # noqa: ANN401  # Keras ships no types
    from keras import layers

    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9)(x)
