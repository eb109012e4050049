"""The network: small, int8-friendly, and made of operations that the Edge TPU compiler maps.

87 K parameters and 6.9 M multiply-adds. Strided convolutions instead of pooling, ReLU throughout, and a learned
weighting of the last 7x7 field (a depthwise convolution over all of it: MobileFaceNets, Chen et al. 2018) instead of
a large dense layer.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

CLASSES = 10
SIDE = 28
# (filters, stride) of each 3x3 convolution
CONVOLUTIONS = ((16, 1), (32, 2), (48, 1), (64, 2), (64, 1))


def build(batch_size: int | None = None) -> "keras.Model":
    """Build the network, untrained.

    Args:
        batch_size: None for training; 1 for export, since the Edge TPU takes static shapes only.

    Returns:
        float32 (batch, 28, 28, 1) in 0..1, bright ink on black -> float32 (batch, 10) probabilities.
    """
    import keras  # importing it takes seconds, and no process that classifies may
    from keras import layers

    x = inputs = keras.Input((SIDE, SIDE, 1), batch_size=batch_size)
    for filters, stride in CONVOLUTIONS:
        x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(7, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(CLASSES, activation="softmax")(x)
    return keras.Model(inputs, x)
