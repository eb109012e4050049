"""Whether a model is one that the Edge TPU compiler maps, told without the compiler.

The compiler runs on x86-64 Linux only and is on no package registry, so what it would refuse is looked up in what its
makers publish: https://coral.ai/docs/edgetpu/models-intro/, "Model requirements" and "Supported operations".
"""

from collections import Counter
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from digitcam.errors import ModelError
from digitcam.model.runtime import open_interpreter
from digitlab.edgetpu.tflite_file import ModelFile

# The page's table, in the names that the TFLite schema has for them. The table also limits some of them, a softmax to
# 16,000 values for example; of these limits, those of the operations that our models have are looked at.
SUPPORTED = frozenset(
    """
    ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D EXPAND_DIMS FULLY_CONNECTED L2_NORMALIZATION LOGISTIC
    MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL PACK PAD PRELU QUANTIZE REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_N1_TO_1 RESHAPE
    RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQUARED_DIFFERENCE SQUEEZE
    STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM
    """.split()  # noqa: SIM905  # a list literal has a line for each
)
CONV_2D, RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR = 3, 23, 97  # numbers in the TFLite schema
DILATIONS = 4, 5  # across and down, fields of a convolution's options
# "Operation version not supported": the compiler takes resizing without half_pixel_centers and align_corners, which
# make a version 3 of it. https://github.com/google-coral/edgetpu/issues/187 and /420
RESIZING = 2
RESIZED = (
    'whether its sizes allow {count} resize operations only the compiler tells ("depending on input/output size, this '
    'operation might not be mapped")'
)
DIMENSIONS = 3  # "only the 3 innermost dimensions may have a size greater than 1"


class Verdict(NamedTuple):
    """What the compiler would meet in a model.

    Attributes:
        operations: how many there are of each.
        parameters: how many values the model carries: weights and biases.
        problems: why it would not map the whole model, one line each; empty where it would.
        notes: what only the compiler can tell.
    """

    operations: Counter[str]
    parameters: int
    problems: list[str]
    notes: list[str]


def check(model: Path) -> Verdict:
    """Look through a model that is not compiled yet.

    Raises:
        ModelError: it cannot be read or loaded.
    """
    try:
        data = model.read_bytes()
    except OSError as error:
        raise ModelError(f"{model}: cannot read the model: {error.strerror}") from error
    try:
        # neither runtime tells the operations in a public way
        interpreter: Any = open_interpreter(data)
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from error
    # what a runtime runs instead of the model's own operations is no part of the model
    operations = [op for op in interpreter._get_ops_details() if op["op_name"] != "DELEGATE"]  # noqa: SLF001
    tensors = {int(tensor["index"]): tensor for tensor in interpreter.get_tensor_details()}
    made = {int(end["index"]) for end in interpreter.get_input_details()} | _indices(operations, "outputs")
    constant = _indices(operations, "inputs") - made
    counted = Counter(str(op["op_name"]) for op in operations)
    problems = [f"{name} is no operation that the compiler knows" for name in sorted(counted.keys() - SUPPORTED)]
    found = Counter(text for i in made | constant for text in _problems(tensors[i], constant=i in constant))
    problems += [f"{count} of {len(made | constant)} tensors: {text}" for text, count in sorted(found.items())]
    limits, notes = _limits(ModelFile(data))
    problems += limits
    return Verdict(counted, sum(prod(map(int, tensors[i]["shape"])) for i in constant), problems, notes)


def _limits(model: ModelFile) -> tuple[list[str], list[str]]:
    """Tell what the table says of convolutions and resizing: problems, and notes."""
    dilated, newer, resized = 0, 0, 0
    for operation in model.operations():
        if operation.code == CONV_2D:
            across, down = (model.number(operation.options, field, "i", 1) for field in DILATIONS)
            dilated += across != down
        if operation.code in {RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR}:
            resized += 1
            newer += operation.version > RESIZING
    problems = []
    if dilated:
        problems.append(f"{dilated} CONV_2D: another dilation across than down")
    if newer:
        problems.append(f"{newer} resize operations of a newer version (resize without half_pixel_centers)")
    return problems, [RESIZED.format(count=resized)] if resized and not newer else []


def _indices(operations: list[dict[str, Any]], end: str) -> set[int]:
    """Give the tensors at one end of the operations; -1 stands for an optional one that is left out."""
    return {int(index) for op in operations for index in op[end] if index >= 0}


def _problems(tensor: dict[str, Any], *, constant: bool) -> list[str]:
    dtype = np.dtype(tensor["dtype"]).name
    problems = []
    if -1 in tensor["shape_signature"]:
        problems.append("shape known at run time only (export with a batch size of 1)")
    if not constant and prod(map(int, tensor["shape"][:-DIMENSIONS])) > 1:
        problems.append(f"more than {DIMENSIONS} dimensions larger than 1")
    # biases and shapes are int32
    if dtype not in {"int8", "uint8"} and not (constant and dtype == "int32"):
        problems.append(f"{dtype}, not int8 or uint8 (quantize the model fully)")
    return problems
