"""What goes into a model that reads, and what comes out: which shapes are understood."""

from math import isqrt
from typing import NamedTuple

from digitcam.errors import ModelError
from digitcam.model.card import Tensor
from digitcam.model.network import describe_tensor
from digitcam.model.runtime import Interpreter

SIDES = 8, 256  # pixels of the smallest picture that shows a digit, and of the largest that a Pi is asked to make
GREY, COLOURED = 1, 3  # channels
LEAST_ANSWERS = 2


class Layout(NamedTuple):
    """How a square picture lies in a model's input.

    Attributes:
        side: pixels.
        channels: 1, or 3 that are all alike.
        axis: where the channels stand in a picture, first (0) or last (2).
    """

    side: int
    channels: int = GREY
    axis: int = 2


def describe(interpreter: Interpreter) -> tuple[Tensor, Tensor]:
    """Describe the input and output of a model that reads.

    Raises:
        ModelError: a shape or type is none of such a model; the message says which, and what to do.
    """
    ends = []
    for end, details in (("input", interpreter.get_input_details()), ("output", interpreter.get_output_details())):
        if len(details) != 1:
            raise ModelError(f"the model has {len(details)} {end}s; one that reads has one")
        found = describe_tensor(details[0])
        if found.dtype not in {"int8", "uint8", "float32"}:
            raise ModelError(f"the model's {end} is {found.dtype}; int8, uint8 and float32 are known; convert it again")
        if found.dtype != "float32" and not found.scale:
            raise ModelError(f"the model's {end} is {found.dtype} without a quantization scale; convert it again")
        ends.append(found)
    layout_of(ends[0].shape)
    shape = ends[1].shape
    if not shape or shape[-1] < LEAST_ANSWERS or any(n != 1 for n in shape[:-1]):
        raise ModelError(
            f"the model's output has shape {shape}; one that reads gives a number for each class, as (1, 11)"
        )
    return ends[0], ends[1]


def layout_of(shape: tuple[int, ...]) -> Layout:
    """Tell how a picture lies in an input of such a shape.

    Raises:
        ModelError: it is no square picture's.
    """
    match shape:
        case (1, pixels) if isqrt(pixels) ** 2 == pixels:
            found = Layout(isqrt(pixels))
        case (1, high, wide) | (1, high, wide, 1) | (1, 1, high, wide) if high == wide:
            found = Layout(wide)
        case (1, high, wide, 3) if high == wide:
            found = Layout(wide, COLOURED)
        case (1, 3, high, wide) if high == wide:
            found = Layout(wide, COLOURED, axis=0)
        case _:
            raise ModelError(
                f"the model's input has shape {shape}; one that reads takes a single square picture, grey or of three "
                "colours, as (1, 28, 28, 1) or (1, 32, 32, 3); make it so, with a batch of one, and convert it again"
            )
    if not SIDES[0] <= found.side <= SIDES[1]:
        raise ModelError(
            f"the model's input has shape {shape}; a picture of {SIDES[0]} to {SIDES[1]} pixels a side can be made; "
            "train it on such"
        )
    return found
