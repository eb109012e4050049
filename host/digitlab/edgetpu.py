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
from digitcam.runtime import open_interpreter

# The page's table, in the names that the TFLite schema has for them. The table also limits some of them, a softmax to
# 16,000 values for example; only the compiler checks those.
SUPPORTED = frozenset(
    """
    ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D EXPAND_DIMS FULLY_CONNECTED L2_NORMALIZATION LOGISTIC
    MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL PACK PAD PRELU QUANTIZE REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_N1_TO_1 RESHAPE
    RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQUARED_DIFFERENCE SQUEEZE
    STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM
    """.split()  # noqa: SIM905  # a list literal has a line for each
)
DIMENSIONS = 3  # "only the 3 innermost dimensions may have a size greater than 1"


class Verdict(NamedTuple):
    """What the compiler would meet in a model.

    Attributes:
        operations: how many there are of each.
        parameters: how many values the model carries: weights and biases.
        problems: why it would not map the whole model, one line each; empty where it would.
    """

    operations: Counter[str]
    parameters: int
    problems: list[str]


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
    return Verdict(counted, sum(prod(map(int, tensors[i]["shape"])) for i in constant), problems)


def _indices(operations: list[dict[str, Any]], end: str) -> set[int]:
    """The tensors at one end of the operations; -1 stands for an optional one that is left out."""
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
