"""The network that finds digits in one look.

Fully convolutional and anchor-free (FCOS, Tian et al. 2019, https://arxiv.org/abs/1904.01355), with three output
strides and a top-down path between them (FPN, Lin et al. 2017, https://arxiv.org/abs/1612.03144); of the size of YuNet
(Wu et al. 2023, https://doi.org/10.1007/s11633-023-1423-y), but of plain convolutions, which both TFLite runtimes run
two to three times as fast for a multiply-add as depthwise ones.
"""

from typing import TYPE_CHECKING, Any

from digitcam.labels import DIGIT_CLASSES
from digitcam.recognition.finder import BOX, LEVELS, MORE, SCORE
from digitcam.recognition.look import HEIGHT, WIDTH
from digitlab.training.blocks import from_pixels

if TYPE_CHECKING:
    import keras

FILTERS = 16, 32, 48, 48  # at strides 4, 8, 16 and 32; sixteens, which the training's kernels are made for
NECK = 16, 32, 32  # at strides 4, 8 and 16
BLOCK = 4  # pixels: the side of what the first convolution sees as one place
RARE = -4.0  # logit at which every place starts: most hold no digit


def build(*, exported: bool = False) -> "keras.Model":
    """Build the finder, untrained.

    Args:
        exported: whether it takes one picture, makes the blocks itself, and enlarges fields by operations that the
            Edge TPU knows. Then it does not tell digits apart: that is only learned, because who knows digits mistakes
            little else for one.

    Returns:
        float32 (batch, HEIGHT / BLOCK, WIDTH / BLOCK, BLOCK * BLOCK) in 0..1, as `digitlab.training.blocks` makes them,
        or exported (1, HEIGHT, WIDTH, 1) -> nine tensors, for each level score, box and more, each float32 (batch,
        rows, columns, 1 or 4 or 6, or 16 with the ten digits); logits, and for the box what softplus turns into
        strides.
    """
    import keras  # importing it takes seconds, and no process that reads may
    from keras import layers

    if exported:
        inputs, blocks = from_pixels((HEIGHT, WIDTH), BLOCK)
    else:
        inputs = blocks = keras.Input((HEIGHT // BLOCK, WIDTH // BLOCK, BLOCK * BLOCK))
    x = _active(_convolve(blocks, FILTERS[0], 3))
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
        context = _convolve(above, NECK[place], 1)
        doubled = layers.Lambda(_doubled)(context) if exported else layers.UpSampling2D(2)(context)
        above = _active(layers.Add()([here, doubled]))
        if place:  # a fifth of the whole cost at stride 4, for little
            above = _active(_convolve(above, NECK[place], 3))
        more = MORE if exported else MORE + DIGIT_CLASSES
        outputs[:0] = [_answer(above, SCORE, RARE), _answer(above, BOX, 0), _answer(above, more, 0)]
    return keras.Model(inputs, outputs, name=f"finder_{len(LEVELS)}")


def export(trained: "keras.Model") -> "keras.Model":
    """Give the same network, as it is exported."""
    network = build(exported=True)
    wanted = [weight.shape for weight in network.get_weights()]
    network.set_weights([weight[..., : shape[-1]] for weight, shape in zip(trained.get_weights(), wanted, strict=True)])
    return network


def _doubled(field: Any) -> Any:  # noqa: ANN401
    """Enlarge (batch, h, w, n) -> (batch, 2 h, 2 w, n), each value four times, as Keras' own layer does.

    That layer becomes TILE and RESHAPE, of which the Edge TPU compiler knows no TILE; and with `half_pixel_centers`,
    which make no difference here, it becomes a version of the operation that the compiler refuses
    (https://github.com/google-coral/edgetpu/issues/187).
    """
    import tensorflow as tf

    size = [2 * side for side in field.shape[1:3]]
    return tf.raw_ops.ResizeNearestNeighbor(images=field, size=size)


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
