"""A published finder -> the network it was converted from, to be trained on.

What int8 has rounded is lost, and so are batch normalizations, which conversion folds into the convolutions before
them: each is given back as the one that changes nothing, around what its convolution answers to views.
"""

import hashlib
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitlab.scenes.pool import Pool
from digitlab.training import finder_network
from digitlab.training.blocks import in_blocks
from digitlab.training.finder_quantize import representative
from digitlab.training.loop import save
from digitlab.training.normalizations import measure
from digitlab.training.tflite import from_keras
from digitlab.training.trained import read

if TYPE_CHECKING:
    import keras

CONV_2D = 3  # the schema's number of the operation
STORED = {2: "<i4", 9: "i1"}  # NumPy's names of its types of tensors
STEP = 1e-3  # by which the marked kernels differ: small enough for answers to stay finite


def restore(published: Path, scenes: Pool, path: Path, seed: int) -> None:
    """Make the network again that a finder was converted from, but for its answers about which digit it is.

    Args:
        published: a finder's .tflite file.
        scenes: whose views normalizations are measured on.
        path: of the .keras file to write.
        seed: draws these views.

    Raises:
        ModelError: the file is missing, damaged or of another network.
        OutputError: `path` cannot be written.
    """
    data = read(published)
    network = finder_network.build()
    convolutions = _layers(network)
    try:
        numbers = _numbers(finder_network.build(exported=True))
        for place, (kernel, bias) in _convolutions(data, numbers.keys()).items():
            _give(network, convolutions[numbers[place]], kernel, bias)
    except Exception as error:
        # a damaged flatbuffer raises whatever its parser meets
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(f"{published}: not a published finder of this network ({reason})") from error
    shown = np.stack(representative(scenes, seed))
    _normalize(network, in_blocks(shown[..., None] / np.float32(255), finder_network.BLOCK))
    save(network, path)


def _numbers(exported: "keras.Model") -> dict[str, int]:
    """Tell which of its convolutions stands where in the converted network: its kernel is filled with its number."""
    shape = exported.input.shape
    for number, layer in enumerate(_layers(exported)):
        layer.kernel.assign(np.full(layer.kernel.shape, (number + 1) * STEP, np.float32))
    converted = from_keras(exported, "int8", lambda: [np.eye(shape[1], shape[2], dtype=np.float32).reshape(shape)])
    return {place: round(float(kernel.mean()) / STEP) - 1 for place, (kernel, _) in _convolutions(converted).items()}


def _layers(network: "keras.Model") -> list[Any]:
    """Give its convolutions."""
    from keras import layers

    return [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]


def _convolutions(
    data: bytes, wanted: AbstractSet[str] | None = None
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Give kernels (h, w, in, out) and biases (out,) of an int8 .tflite file, by where each stands.

    The order in which they run is the converter's whim: what tells them apart is what comes before them.

    Raises:
        ValueError: they do not stand where they are `wanted`.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(data))
    graph = model.subgraphs[0]
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    makers = {operator.outputs[0]: operator for operator in graph.operators}

    @cache
    def place(number: int) -> str:
        """Name a tensor by every operation that leads to it."""
        if number not in makers:
            return str(graph.tensors[number].shape)
        before = [place(source) for source in makers[number].inputs]
        return hashlib.sha256(f"{codes[makers[number].opcodeIndex]} {before}".encode()).hexdigest()

    def real(number: int) -> NDArray[np.float32]:
        tensor = graph.tensors[number]
        stored = np.frombuffer(bytes(model.buffers[tensor.buffer].data), STORED[tensor.type]).reshape(tensor.shape)
        scale = np.asarray(tensor.quantization.scale, np.float32).reshape(-1, *(1,) * (stored.ndim - 1))
        return np.asarray(stored.astype(np.float32) * scale, np.float32)

    found = {
        place(operator.outputs[0]): (real(operator.inputs[1]).transpose(1, 2, 3, 0), real(operator.inputs[2]))
        for operator in graph.operators
        if codes[operator.opcodeIndex] == CONV_2D
    }
    if wanted is not None and found.keys() != wanted:
        raise ValueError("its operations follow each other differently")
    return found


def _give(network: "keras.Model", layer: Any, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> None:  # noqa: ANN401
    """Give a convolution its kernel and bias; the bias is its normalization's, where it has none."""
    whole = layer.kernel.numpy()
    whole[..., : kernel.shape[-1]] = kernel
    layer.kernel.assign(whole)
    if layer.use_bias:
        whole = layer.bias.numpy()
        whole[: len(bias)] = bias
        layer.bias.assign(whole)
    else:
        _normalization(network, layer).beta.assign(bias)


def _normalization(network: "keras.Model", layer: Any) -> Any:  # noqa: ANN401
    """Give the batch normalization after a convolution."""
    return next(other for other in network.layers if other.input is layer.output)


def _normalize(network: "keras.Model", blocks: Any) -> None:  # noqa: ANN401
    """Measure what each convolution answers, and let its normalization give just that."""
    from keras import ops

    for layer in measure(network, blocks):
        layer.gamma.assign(ops.sqrt(layer.moving_variance + layer.epsilon))
        layer.beta.assign(layer.beta + layer.moving_mean)
