"""Pixels in blocks, as both networks see them.

Runtimes multiply channels in eights or sixteens, and grey pixels are one channel: a convolution over blocks of pixels,
whose pixels are its channels, costs less than one over pixels and sees more (measured: `make bench-pi`).
"""

from typing import Any


def in_blocks(pixels: Any, side: int) -> Any:  # noqa: ANN401  # Keras ships no types
    """Regroup (batch, h, w, 1) -> (batch, h / side, w / side, side * side)."""
    from keras import ops  # takes seconds; `digitlab --help` should not

    return ops.space_to_depth(pixels, side)


def from_pixels(shape: tuple[int, int], side: int) -> tuple[Any, Any]:
    """Give the input of a network that makes the blocks itself, for one picture, (1, *shape, 1), and its blocks."""
    import keras
    from keras import layers

    inputs = keras.Input((*shape, 1), batch_size=1)
    return inputs, layers.Lambda(in_blocks, arguments={"side": side})(inputs)
