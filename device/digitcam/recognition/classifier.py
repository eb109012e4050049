"""Found boxes -> their crops -> the probability of each label, and of being none of them."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.labels import CLASSES, DIGIT_CLASSES, DIGITS, NONE, Labels
from digitcam.model.card import Answers, Contract, Tensor
from digitcam.model.ends import GREY, describe, layout_of
from digitcam.model.runtime import Interpreter, RuntimeInfo
from digitcam.recognition import params
from digitcam.recognition.crop import OF_NONE, Mask, inks_of, parted
from digitcam.recognition.look import Pyramid
from digitcam.recognition.normalize import BOX, SIDE, crops_of, fitted

Crops = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
Boxes = NDArray[np.float32]

SMALLEST = np.float32(1e-6)  # of a probability and of what it lacks to 1, whose odds are then finite
STEP = 1 / 512  # half a step of an int8 network's probabilities: what it says is no more or less than it can tell
CUTS = np.array([[0], [-1], [1]])  # of what is doubtful: each so many times `OFF` larger than its box, ...
CUTS_WITHIN = np.array([[-1], [-2], [-3]])  # ... and where that holds a frame
MOST_AGAIN = 20  # boxes of a picture that are cut out again, which bounds what that costs
SHIPPED = Contract()


class CutOut(NamedTuple):
    """What was cut out of boxes.

    Attributes:
        inked: int (m,), which of the boxes have ink.
        crops: uint8 (m, side, side), of these.
        lengths: float32 (m,), the longer side of that ink, in its box's.
        contrasts: float32 (m,), by how much it differs from paper, in any light.
    """

    inked: NDArray[np.intp]
    crops: Crops
    lengths: NDArray[np.float32]
    contrasts: NDArray[np.float32]


class Classifier:
    """A loaded model.

    Attributes:
        runtime: what runs it, and on which device.
        contract: how it wants its crops, and what its answers mean.
        labels: what it reads.
        knows_none: whether it can say that something is none of them.
        side: pixels of its crops.
        box: pixels of the longer side of what is read in them.
        notes: what is worth knowing of the model, for a person, a line each.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        runtime: RuntimeInfo,
        contract: Contract = SHIPPED,
        labels: tuple[str, ...] = (),
    ) -> None:
        """Take a ready interpreter.

        Args:
            interpreter: with the model.
            runtime: what it is.
            contract: how the model wants its crops, and what its answers mean.
            labels: what each of its answers stands for; none for the ten digits, with or without `none`.

        Raises:
            ModelError: its tensors are not those of a model that reads, or not as many as the labels.
        """
        self.runtime = runtime
        self._interpreter = interpreter
        self._input, self._output = describe(interpreter)
        self._layout = layout_of(self._input.shape)
        self._input_index = interpreter.get_input_details()[0]["index"]
        self._output_index = interpreter.get_output_details()[0]["index"]
        self.contract = contract
        self._stored = _stored_levels(self._input, contract)
        self.side = self._layout.side
        self.box = max(1, round(contract.box * self.side))
        answers = _named(labels, self._output.shape[-1])
        self.labels = Labels(tuple(text for text in answers if text != NONE))
        self.knows_none = NONE in answers
        self._order = [answers.index(text) for text in self.labels.texts]
        self._none = [answers.index(NONE)] if self.knows_none else []
        self.notes: tuple[str, ...] = ()

    def cut_out(self, pyramid: Pyramid, boxes: Boxes, within: Mask = OF_NONE) -> CutOut:
        """Make of what stands in a picture's boxes what it is asked about.

        Args:
            pyramid: of the picture.
            boxes: float32 (n, 4), left, top, right and bottom in pixels of the picture.
            within: bool (n,) or (1,) for all, of which boxes every stroke ends where they do.
        """
        of_boxes, contrasts = inks_of(pyramid, boxes, within)
        inked = np.array([i for i, ink in enumerate(of_boxes) if ink is not None], np.intp)
        inks = [ink for ink in of_boxes if ink is not None]
        lengths = np.array([max(ink.shape) for ink in inks], np.float32) / params.LONGER
        return CutOut(inked, crops_of(inks, self.side, self.box), lengths, contrasts[inked])

    def ask_again(
        self, pyramid: Pyramid, boxes: Boxes, crops: Crops, said: Probabilities, quarters: int
    ) -> tuple[Crops, Probabilities]:
        """Cut out what it is in doubt of again, from boxes a little smaller and larger, and ask about these, too.

        In doubt it is where no digit is likely enough, unless none is so sure that nothing else is left. The finder's
        boxes are off by a tenth of a digit, which cuts a stroke off or leaves a part of a frame in, and of digits that
        touch they hold a neighbour's strokes: what a box shares with what reads well is halved. Each cut errs in its
        own way in part, so their answers' mean is right more often (AlexNet's ten crops; Krizhevsky, Sutskever and
        Hinton, NIPS 2012). The surest cut, likeliest the whole digit and nothing else, counts as much as that mean.
        These are means of logarithms, as of evidence. A whole frame that is left in is what surely is no digit: then
        all cuts are smaller, and strokes end where they do.

        Args:
            pyramid: of the picture.
            boxes: float32 (n, 4), in pixels of the picture, those that matter most first.
            crops: uint8 (n, side, side), as it was asked about them.
            said: float32 (n, labels + 1), its answers.
            quarters: by how many the crops were turned clockwise.

        Returns:
            Of each the surest crop, and the answers.
        """
        best = said[:, :-1].max(axis=1)
        unclear = np.flatnonzero(best < params.WELL)
        framed = are_framed(crops[unclear])
        chosen = np.flatnonzero((best[unclear] > STEP) | framed)[:MOST_AGAIN]
        doubtful, framed, n = unclear[chosen], framed[chosen], len(chosen)
        if not n:
            return crops, said
        of = np.tile(doubtful, len(CUTS))
        sizes = (1 + params.OFF * np.where(framed, CUTS_WITHIN, CUTS)).reshape(-1, 1)
        ends = np.tile(parted(boxes[doubtful], boxes[best >= params.WELL]), (len(CUTS), 1))
        middles, halves = (ends[:, 2:] + ends[:, :2]) / 2, sizes * (ends[:, 2:] - ends[:, :2]) / 2
        new, changed = np.flatnonzero(sizes != 1), np.hstack([middles - halves, middles + halves])
        inked, again, *_ = self.cut_out(pyramid, changed[new], np.tile(framed, len(CUTS))[new])
        cuts, answers = crops[of], said[of]
        cuts[new[inked]] = turn_images(again, quarters)
        answers[new[inked]] = self.classify(cuts[new[inked]])
        told, each = np.log(np.maximum(answers, STEP)).reshape(len(CUTS), n, -1), np.arange(n)
        surest = told[:, :, :-1].max(axis=2).argmax(axis=0)
        mean = np.exp((told.mean(axis=0) + told[surest, each]) / 2)
        crops, said = crops.copy(), said.copy()
        crops[doubtful], said[doubtful] = cuts[n * surest + each], mean / mean.sum(axis=1, keepdims=True)
        return crops, said

    def classify(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give the probability of each label, and of being none of them.

        Args:
            crops: uint8 (n, side, side), bright ink on black.

        Returns:
            float32 (n, labels + 1), in the order of `labels`, none of them last; each row adds up to 1. A model that
            does not know `none` leaves the last column 0, unless its answers are independent.
        """
        return self.shares(self.answers(crops), self.contract.answers)

    def shares(self, answers: NDArray[np.float32], kind: Answers) -> NDArray[np.float32]:
        """Make of what the model says what `classify` gives."""
        said = to_probabilities(answers, kind)
        none = said[:, [*self._none, -1]].sum(axis=1, keepdims=True)
        return np.concatenate([said[:, self._order], none], axis=1)

    def answers(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give what the model itself says, in its own order: float32 (n, answers)."""
        raw = np.empty((len(crops), self._output.shape[-1]), np.float32)
        for i, stored in enumerate(self.inputs(crops)):
            self._interpreter.set_tensor(self._input_index, stored)
            self._interpreter.invoke()
            raw[i] = self._interpreter.get_tensor(self._output_index).reshape(-1)
        if self._output.scale:
            raw = (raw - np.float32(self._output.zero_point)) * np.float32(self._output.scale)
        return raw

    def inputs(self, crops: NDArray[np.uint8]) -> Iterator[NDArray[np.generic]]:
        """Give what each crop is in the model's input, in its shape, type and range."""
        for crop in crops.swapaxes(1, 2) if self.contract.transposed else crops:
            stored = self._stored.take(crop)
            if self._layout.channels > GREY:
                stored = np.repeat(np.expand_dims(stored, self._layout.axis), self._layout.channels, self._layout.axis)
            yield stored.reshape(self._input.shape)

    def fitted(self, crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Bring crops as the shipped model sees them, uint8 (n, 28, 28), to this one's size."""
        return crops if (self.side, self.box) == (SIDE, BOX) else fitted(crops, self.side, self.box)


def are_framed(crops: Crops) -> Mask:
    """Tell which crops, uint8 (n, side, side), have ink along most of each of their four sides, bool (n,)."""
    return np.array([_is_framed(crop > params.INK * 255) for crop in crops], np.bool_)


def _is_framed(ink: Mask) -> bool:
    x, y, w, h = cv2.boundingRect(ink.view(np.uint8))
    ink, deep = ink[y : y + h, x : x + w], max(1, round(params.OFF * max(w, h)))
    along = ink[:deep].any(axis=0), ink[-deep:].any(axis=0), ink[:, :deep].any(axis=1), ink[:, -deep:].any(axis=1)
    return all(2 * side.sum() > side.size for side in along)


def turn_images(images: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    """Turn images, (n, height, width), clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(images, -quarters, axes=(1, 2)))


def _named(labels: tuple[str, ...], answers: int) -> tuple[str, ...]:
    """Name what each of so many answers stands for."""
    usual = (*DIGITS.texts, NONE)
    if not labels and answers in {DIGIT_CLASSES, CLASSES}:
        return usual[:answers]
    if len(labels) != answers:
        said = f"its labels are {len(labels)}" if labels else "nothing says of what"
        raise ModelError(
            f"the model gives {answers} answers, and {said}; write a label for each, in their order, into a text file "
            f"of the model's name (mine.txt for mine.tflite), a line each, `{NONE}` for what is none of the others"
        )
    return labels


def _stored_levels(tensor: Tensor, contract: Contract) -> NDArray[np.generic]:
    """Tell what each grey level 0-255 is stored as in the model's input, for a lookup instead of arithmetic."""
    pixels = np.arange(256, dtype=np.float32) / np.float32(255)
    ink = pixels[::-1] if contract.inverted else pixels
    levels = ink * np.float32(contract.scale) + np.float32(contract.offset)
    if tensor.dtype == "float32":
        return levels
    kind = np.dtype(tensor.dtype)
    limits = np.iinfo(kind)
    stored = np.rint(levels / np.float32(tensor.scale)) + tensor.zero_point
    return np.asarray(np.clip(stored, limits.min, limits.max), dtype=kind)


def to_probabilities(answers: NDArray[np.float32], kind: Answers) -> NDArray[np.float32]:
    """Make answers (n, m) probabilities of m classes and of none of them: float32 (n, m + 1), rows add up to 1."""
    if kind == "independent":
        return _independent(answers)
    return np.concatenate([_exclusive(answers), np.zeros((len(answers), 1), np.float32)], axis=1)


def kind_of(answers: NDArray[np.float32]) -> Answers:
    """Tell whether a model's answers to many crops are probabilities that do not add up to 1, and so a sigmoid's."""
    within = answers.min() >= 0 and answers.max() <= 1
    rounding = _rounding(answers)
    return "independent" if within and (np.abs(answers.sum(axis=1) - 1) > rounding).any() else "exclusive"


def _rounding(answers: NDArray[np.float32]) -> float:
    """Tell by how much probabilities kept in steps of 1/256 may add up to more or less than 1."""
    return max(CLASSES, answers.shape[1]) / 256


def _exclusive(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Make rows add up to 1: a quantized softmax's nearly do, and a model of one's own may end in logits."""
    total = raw.sum(axis=1, keepdims=True)
    is_softmax = (raw.min(axis=1, keepdims=True) >= 0) & (np.abs(total - 1) < _rounding(raw))
    if is_softmax.all():
        return np.asarray(raw / total, np.float32)
    raised = np.exp(raw - raw.max(axis=1, keepdims=True))
    shares = np.where(is_softmax, raw, raised)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def _independent(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Make rows add up to 1, from each class's own probability, given that at most one is there; none of them last."""
    sure = np.clip(raw, SMALLEST, 1 - SMALLEST)
    odds = np.pad(sure / (1 - sure), ((0, 0), (0, 1)), constant_values=1)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)
