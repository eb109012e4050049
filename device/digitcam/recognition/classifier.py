"""28x28 crops -> the probability of each digit, and of being none."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.card import Answers, Contract, ModelCard, Tensor
from digitcam.model.coral import OFF, Coral
from digitcam.model.network import open_network, tensor
from digitcam.model.runtime import Interpreter, RuntimeInfo, open_interpreter
from digitcam.recognition.normalize import SIDE

DIGITS = 10
NO_DIGIT = DIGITS  # the class of whatever is none: a letter, an operator, a smudge
CLASSES = DIGITS + 1
# those of one's own may have no channel, or it first, or all pixels in one row
INPUT_SHAPES = ((1, SIDE, SIDE, 1), (1, SIDE, SIDE), (1, 1, SIDE, SIDE), (1, SIDE * SIDE))
OUTPUT_SHAPES = ((1, CLASSES), (1, DIGITS))  # a model of one's own may know digits only
ROUNDING = CLASSES / 256  # by which probabilities kept in steps of 1/256 may add up to more or less than 1
SMALLEST = np.float32(1e-6)  # of a probability and of what it lacks to 1, whose odds are then finite
SHIPPED = Contract()


class Classifier:
    """A loaded model.

    Attributes:
        runtime: what runs it, and on which device.
        contract: how it wants its crops, and what its answers mean.
    """

    def __init__(self, interpreter: Interpreter, runtime: RuntimeInfo, contract: Contract = SHIPPED) -> None:
        """Take a ready interpreter.

        Args:
            interpreter: with the model.
            runtime: what it is.
            contract: how the model wants its crops, and what its answers mean.

        Raises:
            ModelError: its tensors are not those of a digit model.
        """
        self.runtime = runtime
        self._interpreter = interpreter
        self._input, self._output = describe(interpreter)
        self._input_index = interpreter.get_input_details()[0]["index"]
        self._output_index = interpreter.get_output_details()[0]["index"]
        self.contract = contract
        self._stored = _stored_levels(self._input, contract)

    def classify(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give the probability of each digit, and of being none.

        Args:
            crops: uint8 (n, 28, 28), bright ink on black.

        Returns:
            float32 (n, 11), digits first, `NO_DIGIT` last; each row adds up to 1. A model of ten classes leaves the
            last column 0, unless its answers are independent.
        """
        return probabilities(self.answers(crops), self.contract.answers)

    def answers(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give what the model itself says: float32 (n, 10) or (n, 11)."""
        crops = crops.swapaxes(1, 2) if self.contract.transposed else crops
        raw = np.empty((len(crops), self._output.shape[-1]), np.float32)
        for i, stored in enumerate(self._stored[crops]):
            self._interpreter.set_tensor(self._input_index, stored.reshape(self._input.shape))
            self._interpreter.invoke()
            raw[i] = self._interpreter.get_tensor(self._output_index)[0]
        if self._output.scale:
            raw = (raw - np.float32(self._output.zero_point)) * np.float32(self._output.scale)
        return raw


def describe(interpreter: Interpreter) -> tuple[Tensor, Tensor]:
    """The input and output of a digit model.

    Raises:
        ModelError: a shape or type is not a digit model's; the message says which.
    """
    ends = []
    for end, details, shapes in (
        ("input", interpreter.get_input_details(), INPUT_SHAPES),
        ("output", interpreter.get_output_details(), OUTPUT_SHAPES),
    ):
        if len(details) != 1:
            raise ModelError(f"the model has {len(details)} {end}s; a digit model has one")
        found = tensor(details[0])
        if found.shape not in shapes:
            usual = " or ".join(map(str, shapes))
            raise ModelError(f"the model's {end} has shape {found.shape}; a digit model's has {usual}")
        if found.dtype not in {"int8", "uint8", "float32"}:
            raise ModelError(f"the model's {end} is {found.dtype}; int8, uint8 and float32 are known")
        if found.dtype != "float32" and not found.scale:
            raise ModelError(f"the model's {end} is {found.dtype} without a quantization scale; convert it again")
        ends.append(found)
    return ends[0], ends[1]


def _stored_levels(tensor: Tensor, contract: Contract) -> NDArray[np.generic]:
    """What each grey level 0-255 is stored as in the model's input, for a lookup instead of arithmetic."""
    pixels = np.arange(256, dtype=np.float32) / np.float32(255)
    ink = pixels[::-1] if contract.inverted else pixels
    levels = ink * np.float32(contract.scale) + np.float32(contract.offset)
    if tensor.dtype == "float32":
        return levels
    kind = np.dtype(tensor.dtype)
    limits = np.iinfo(kind)
    stored = np.rint(levels / np.float32(tensor.scale)) + tensor.zero_point
    return np.asarray(np.clip(stored, limits.min, limits.max), dtype=kind)


def probabilities(answers: NDArray[np.float32], kind: Answers) -> NDArray[np.float32]:
    """What a model's answers, (n, 10) or (n, 11), make of the eleven classes; see `Classifier.classify`."""
    shares = _independent(answers) if kind == "independent" else _exclusive(answers)
    return np.pad(shares, ((0, 0), (0, CLASSES - shares.shape[1])))


def kind_of(answers: NDArray[np.float32]) -> Answers:
    """Whether a model's answers to many crops are probabilities that do not add up to 1, and so a sigmoid's."""
    within = answers.min() >= 0 and answers.max() <= 1
    return "independent" if within and (np.abs(answers.sum(axis=1) - 1) > ROUNDING).any() else "exclusive"


def _exclusive(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows that add up to 1: a quantized softmax's nearly do, and a model of one's own may end in logits."""
    total = raw.sum(axis=1, keepdims=True)
    is_softmax = (raw.min(axis=1, keepdims=True) >= 0) & (np.abs(total - 1) < ROUNDING)
    raised = np.exp(raw - raw.max(axis=1, keepdims=True))
    shares = np.where(is_softmax, raw, raised)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def _independent(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of eleven that add up to 1, from each class's own probability, given that at most one is there.

    That none of them is there is `NO_DIGIT` as well.
    """
    sure = np.clip(raw, SMALLEST, 1 - SMALLEST)
    odds = np.zeros((len(raw), CLASSES), np.float32)
    odds[:, : raw.shape[1]] = sure / (1 - sure)
    odds[:, NO_DIGIT] += 1
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def open_classifier(config: ModelConfig, accelerator: Coral = OFF) -> Classifier:
    """Load the configured model.

    Args:
        config: which.
        accelerator: what it is to run on; the CPU where not given.

    Raises:
        ModelError: the model or its card is missing, damaged or of the wrong shape.
        RuntimeMissingError: no TFLite runtime works here.
    """
    network = open_network(Path(config.path), accelerator, config.threads, describe)
    return Classifier(network.interpreter, network.runtime, network.card.contract)


def card_of(data: bytes) -> ModelCard:
    """A bare card for a model: its hash and tensors.

    Raises:
        ModelError: the runtime cannot load it, or it is no digit model.
    """
    return ModelCard(hashlib.sha256(data).hexdigest(), *describe(open_interpreter(data)))
