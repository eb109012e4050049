"""The network that finds digits in one look.

Fully convolutional and anchor-free (FCOS, Tian et al. 2019, https://arxiv.org/abs/1904.01355), with three output
strides and a top-down path between them (FPN, Lin et al. 2017, https://arxiv.org/abs/1612.03144); of the size of YuNet
(Wu et al. 2023, https://doi.org/10.1007/s11633-023-1423-y), but of plain convolutions, which both TFLite runtimes run
two to three times as fast for a multiply-add as depthwise ones.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitcam.onelook.finder import BOX, LEVELS, MORE, SCORE
from digitcam.onelook.looking import HEIGHT, WIDTH

if TYPE_CHECKING:
    import keras

FILTERS = 24, 32, 48, 48  # at strides 4, 8, 16 and 32
NECK = 16, 24, 32  # at strides 4, 8 and 16
STEM, STRIDE = 6, 4  # size and stride of the first convolution
RARE = -4.0  # logit at which every place starts: most hold no digit


def build(batch_size: int | None = None, *, in_blocks: bool = False) -> "keras.Model":
    """Build the finder, untrained.

    Args:
        batch_size: None for training; 1 for export, since the Edge TPU takes static shapes only.
        in_blocks: whether the first convolution sees blocks of 4x4 pixels as channels, and fields are enlarged by an
            operation of their own, as `exported` has it.

    Returns:
        float32 (batch, HEIGHT, WIDTH, 1) in 0..1 -> nine tensors, for each level score, box and more, each float32
        (batch, rows, columns, 1 or 4 or 6); logits, and for the box what softplus turns into strides.
    """
    import keras  # importing it takes seconds, and no process that reads may
    from keras import layers

    inputs = keras.Input((HEIGHT, WIDTH, 1), batch_size=batch_size)
    x = _active(_convolve(_blocks(inputs), FILTERS[0], 3) if in_blocks else _convolve(inputs, FILTERS[0], STEM, STRIDE))
    features = [x]
    for count in FILTERS[1:]:
        x = _active(_convolve(x, count, 3, 2))
        inner = _active(_convolve(x, count, 3))
        x = _active(layers.Add()([x, _convolve(inner, count, 3)]))
        features.append(x)
    outputs: list[Any] = []
    above = features[3]
    for place in (2, 1, 0):
        here = _convolve(features[place], NECK[place], 1)
        context = (_doubled if in_blocks else layers.UpSampling2D(2))(_convolve(above, NECK[place], 1))
        above = _active(layers.Add()([here, context]))
        if place:  # a fifth of the whole cost at stride 4, for little
            above = _active(_convolve(above, NECK[place], 3))
        outputs[:0] = [_answer(above, SCORE, RARE), _answer(above, BOX, 0), _answer(above, MORE, 0)]
    return keras.Model(inputs, outputs, name=f"finder_{len(LEVELS)}")


def exported(trained: "keras.Model") -> "keras.Model":
    """The same network for a batch of one, its first convolution rewritten for speed.

    Runtimes multiply channels in eights, and grey pixels are one channel. As blocks of 4x4 pixels they are sixteen, and
    a 3x3 convolution over blocks holds the 6x6 one over pixels: exactly the same sums.
    """
    network = build(batch_size=1, in_blocks=True)
    kernel, *others = trained.get_weights()
    network.set_weights([_in_blocks(kernel), *others])
    return network


def _in_blocks(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """A kernel over pixels, float32 (STEM, STEM, 1, n) -> one over blocks, (3, 3, STRIDE * STRIDE, n)."""
    wide = np.zeros((3 * STRIDE, 3 * STRIDE, kernel.shape[-1]), np.float32)
    first = STRIDE - (STEM - STRIDE) // 2  # "same" padding puts half of what is wider than the stride on either side
    wide[first : first + STEM, first : first + STEM] = kernel[:, :, 0]
    blocks = wide.reshape(3, STRIDE, 3, STRIDE, -1).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(blocks.reshape(3, 3, STRIDE * STRIDE, -1))


def _blocks(pixels: Any) -> Any:  # noqa: ANN401  # Keras ships no types
    """(batch, h, w, 1) -> (batch, h / STRIDE, w / STRIDE, STRIDE * STRIDE)."""
    import tensorflow as tf
    from keras import layers

    return layers.Lambda(lambda x: tf.nn.space_to_depth(x, STRIDE))(pixels)


def _doubled(field: Any) -> Any:  # noqa: ANN401
    """(batch, h, w, n) -> (batch, 2 h, 2 w, n), each value four times, as Keras' own layer does.

    That layer becomes TILE and RESHAPE, of which the Edge TPU compiler knows no TILE; and with `half_pixel_centers`,
    which make no difference here, it becomes a version of the operation that the compiler refuses
    (https://github.com/google-coral/edgetpu/issues/187).
    """
    import tensorflow as tf
    from keras import layers

    size = [2 * side for side in field.shape[1:3]]
    return layers.Lambda(lambda x: tf.raw_ops.ResizeNearestNeighbor(images=x, size=size))(field)


def _convolve(x: Any, filters: int, size: int, stride: int = 1) -> Any:  # noqa: ANN401  # Keras ships no types
    from keras import layers

    x = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.97)(x)


def _active(x: Any) -> Any:  # noqa: ANN401
    from keras import layers

    return layers.ReLU()(x)


def _answer(x: Any, channels: int, start: float) -> Any:  # noqa: ANN401
    import keras
    from keras import layers

    return layers.Conv2D(channels, 1, bias_initializer=keras.initializers.Constant(start))(x)
