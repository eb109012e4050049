"""One look -> where digits stand, how sure that is, which way up they are, and whether the frame cuts them.

The network gives three answers at each place of three fields, whose places lie 4, 8 and 16 pixels apart: a score, a
box, and more. A digit is answered for by the places around its middle, in the field that its size belongs to.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.card import ModelCard, Tensor, read_model
from digitcam.model.coral import OFF, Coral
from digitcam.model.network import open_network, tensor
from digitcam.model.runtime import Interpreter, RuntimeInfo, open_interpreter
from digitcam.recognition import params
from digitcam.recognition.look import HEIGHT, WIDTH, Look, Pyramid

Float = NDArray[np.float32]
SCORE, BOX, MORE = 1, 4, 6  # channels of the three answers; more: four quarter turns, cut, printed


class Level(NamedTuple):
    """A field of places.

    Attributes:
        stride: pixels of a look from place to place.
        low: the longer side, in pixels of a look, of the smallest digits that belong to it ...
        high: ... and of the smallest that no longer do.
    """

    stride: int
    low: float
    high: float


LEVELS = (Level(4, 0.0, 26.0), Level(8, 26.0, 64.0), Level(16, 64.0, 1e9))
SHAPES = tuple(
    (1, HEIGHT // level.stride, WIDTH // level.stride, kind) for level in LEVELS for kind in (SCORE, BOX, MORE)
)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What stands in a picture, the surest first; n may be 0.

    Attributes:
        boxes: float32 (n, 4), left, top, right and bottom in pixels of the picture.
        scores: float32 (n,), how sure it is that a digit stands there, 0 to 1.
        turns: float32 (n, 4), the probability that it is turned by 0 to 3 quarters counterclockwise.
        cut: float32 (n,), the probability that less than four fifths of it show.
        printed: float32 (n,), the probability that it is print.
        seen: float32 (n,), its longer side in pixels of the look that found it.
    """

    boxes: Float
    scores: Float
    turns: Float
    cut: Float
    printed: Float
    seen: Float

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """What several looks found, the surest first."""
        fields = ([getattr(part, field.name) for part in parts] for field in dataclasses.fields(cls))
        joined = cls(*map(np.concatenate, fields))
        return joined[np.argsort(-joined.scores, kind="stable")]

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, field.name)[chosen] for field in dataclasses.fields(self)))

    def __len__(self) -> int:
        """How many."""
        return len(self.scores)


class _Answer(NamedTuple):
    """One of the network's nine tensors."""

    tensor: int
    scale: float
    zero_point: int

    def real(self, stored: NDArray[np.int8]) -> Float:
        return (stored.astype(np.float32) - np.float32(self.zero_point)) * np.float32(self.scale)


class Finder:
    """The loaded network.

    Attributes:
        runtime: what runs it, and on which device.
    """

    def __init__(self, interpreter: Interpreter, runtime: RuntimeInfo) -> None:
        """Take a ready interpreter.

        Raises:
            ModelError: its tensors are not those of a finder.
        """
        self.runtime = runtime
        self._interpreter = interpreter
        describe(interpreter)
        self._input = interpreter.get_input_details()[0]["index"]
        by_shape = {
            tuple(int(n) for n in details["shape"]): _Answer(details["index"], *details["quantization"])
            for details in interpreter.get_output_details()
        }
        answers = [by_shape[shape] for shape in SHAPES]
        self._answers = [answers[first : first + 3] for first in range(0, len(answers), 3)]

    def find(self, look: Look) -> Found:
        """Find what stands in one look: every place that scores `HINT` or more, several for one digit."""
        # scale 1/255 and zero point -128: a grey level's stored value differs in its first bit alone
        self._interpreter.set_tensor(self._input, (look.image ^ np.uint8(0x80)).view(np.int8)[None, ..., None])
        self._interpreter.invoke()
        boxes, scores, more = (np.concatenate(parts) for parts in zip(*map(self._places, range(3)), strict=True))
        surest = np.argsort(-scores, kind="stable")[: params.MOST_PLACES]
        boxes, scores, more = boxes[surest], scores[surest], more[surest]
        width, height = look.region.w * look.scale, look.region.h * look.scale
        boxes = np.clip(boxes, 0, np.array([width, height, width, height], np.float32))
        turns = np.exp(more[:, :4] - more[:, :4].max(axis=1, keepdims=True))
        corner = np.array([look.region.x, look.region.y] * 2, np.float32)
        return Found(
            boxes / np.float32(look.scale) + corner,
            scores,
            turns / turns.sum(axis=1, keepdims=True),
            _share(more[:, 4]),
            _share(more[:, 5]),
            (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0),
        )

    def _places(self, number: int) -> tuple[Float, Float, Float]:
        """The places of one level that score: their boxes in pixels of the look, scores, and the rest."""
        stride = LEVELS[number].stride
        score, box, more = self._answers[number]
        stored = self._interpreter.get_tensor(score.tensor)[0, ..., 0]
        least = np.log(params.HINT / (1 - params.HINT)) / score.scale + score.zero_point
        rows, columns = np.nonzero(stored >= least)
        x, y = ((n.astype(np.float32) + np.float32(0.5)) * stride for n in (columns, rows))
        reach = _softplus(box.real(self._interpreter.get_tensor(box.tensor)[0, rows, columns])) * stride
        boxes = np.stack([x - reach[:, 0], y - reach[:, 1], x + reach[:, 2], y + reach[:, 3]], axis=1)
        rest = more.real(self._interpreter.get_tensor(more.tensor)[0, rows, columns])
        return boxes, _share(score.real(stored[rows, columns])), rest


def describe(interpreter: Interpreter) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The input of a finder, and its outputs in the order of `SHAPES`.

    Raises:
        ModelError: a shape or type is not a finder's; the message says which.
    """
    inputs = [tensor(details) for details in interpreter.get_input_details()]
    outputs = {end.shape: end for end in map(tensor, interpreter.get_output_details())}
    wanted = (1, HEIGHT, WIDTH, 1)
    if [end.shape for end in inputs] != [wanted]:
        shapes = ", ".join(str(end.shape) for end in inputs)
        raise ModelError(f"the model's input has shape {shapes}; a finder's {wanted}")
    if missing := [shape for shape in SHAPES if shape not in outputs]:
        raise ModelError(f"the model has no output of shape {missing[0]}, which a finder has")
    if {end.dtype for end in (*inputs, *outputs.values())} != {"int8"}:
        raise ModelError("the model is not int8 throughout; convert it with `digitlab finder-quantize`")
    return inputs[0], tuple(outputs[shape] for shape in SHAPES)


def open_finder(config: ModelConfig, accelerator: Coral = OFF) -> Finder:
    """Load the configured finder.

    Args:
        config: which.
        accelerator: what it is to run on; the CPU where not given.

    Raises:
        ModelError: the model or its card is missing, damaged or no finder's.
        RuntimeMissingError: no TFLite runtime works here.
    """
    path = Path(config.finder)
    network = open_network(path, read_model(path), config, describe, accelerator)
    return Finder(network.interpreter, network.runtime)


def card_of(data: bytes) -> ModelCard:
    """A bare card for a finder: its hash and tensors.

    Raises:
        ModelError: the runtime cannot load it, or it is no finder.
    """
    return ModelCard(hashlib.sha256(data).hexdigest(), *describe(open_interpreter(data)))


def apart(found: Found, least: float) -> Found:
    """Keep one of what overlaps, the surest (soft non-maximum suppression, Bodla et al. 2017).

    A box loses as much of its score as a surer one covers of it, or of that: what is left of a digit's fragment is
    little, of its neighbour most. What overlaps most has a say in where the box lies.

    Args:
        found: the surest first.
        least: what a score must not fall below.

    Returns:
        What is kept with the scores that are left, again the surest first.
    """
    found = found[found.scores >= least]
    left, top, right, bottom = found.boxes.T
    areas = np.maximum((right - left) * (bottom - top), np.float32(1e-6))
    both = np.maximum(np.minimum.outer(right, right) - np.maximum.outer(left, left), 0)
    both *= np.maximum(np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top), 0)
    scores = found.scores.copy()
    for i in range(len(scores)):
        if scores.item(i) >= least:  # a tenth of what scores[i] costs, for hundreds of places
            scores[i + 1 :] *= 1 - both[i, i + 1 :] / np.minimum(areas[i], areas[i + 1 :])
    kept = np.flatnonzero(scores >= least)
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    alike = both[kept] > params.ALIKE * (np.add.outer(areas[kept], areas) - both[kept])
    alike &= np.arange(len(scores)) > kept[:, None]
    alike[np.arange(len(kept)), kept] = True
    votes = found.scores * alike
    boxes = votes @ found.boxes / votes.sum(axis=1, keepdims=True)
    return dataclasses.replace(found[kept], boxes=boxes, scores=scores[kept])


def confirmed(found: Found, sure: Float) -> NDArray[np.bool_]:
    """Which finds are digits: what is sure enough, and what is less sure but stands beside such, as large as that.

    What stands on such is none: it is a part of that, or more than that.

    Two thresholds (hysteresis; Canny, IEEE PAMI 1986): a bare stroke is a 1 among digits, and alone a scratch.

    Args:
        found: n finds.
        sure: float32 (n,), how sure it is that each is a digit, 0 to 1.
    """
    middles, sizes = (
        (found.boxes[:, :2] + found.boxes[:, 2:]) / 2,
        (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1),
    )
    certain = np.flatnonzero(sure >= params.SURE_SCORE)
    away = np.abs(middles[:, None] - middles[certain]).max(axis=2)
    beside = away < params.BESIDE * sizes[:, None]
    on = away < params.ON * np.maximum(sizes[:, None], sizes[certain])
    larger = sizes[:, None] / sizes[certain]
    alike = (larger < params.AS_LARGE) & (larger > 1 / params.AS_LARGE)
    borne_out = (sure >= params.LEAST_SCORE) & (beside & alike).any(axis=1) & ~on.any(axis=1)
    return np.asarray((sure >= params.SURE_SCORE) | borne_out)


def is_cut(found: Found, pyramid: Pyramid) -> NDArray[np.bool_]:
    """Which of them end where the picture does, show in part only, and have ink that reaches its edge.

    What reaches from edge to edge is no such: a person has cropped the picture to it.
    """
    slack = params.EDGE * (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, keepdims=True)
    near = np.hstack([found.boxes[:, :2] < slack, found.boxes[:, 2:] > np.array(pyramid.size, np.float32) - slack])
    spans = (near[:, :2] & near[:, 2:]).any(axis=1)
    cut = near.any(axis=1) & ~spans & (found.cut > params.CUT)
    for i in np.flatnonzero(cut):
        cut[i] = _has_ink_at(pyramid, found.boxes[i], near[i])
    return np.asarray(cut)


def _has_ink_at(pyramid: Pyramid, box: Float, sides: NDArray[np.bool_]) -> bool:
    """Whether the picture's edge differs from itself, along a box, as much as ink from paper in that.

    Args:
        pyramid: of the picture.
        box: float32 (4,), in its pixels.
        sides: bool (4,), which of the picture's edges are meant: left, top, right, lower.
    """
    level, step = pyramid.level_for(params.LONGER / max(float((box[2:] - box[:2]).max()), 1))
    last = np.array(level.shape[::-1] * 2) - 1
    x0, y0, x1, y1 = np.clip(box // step, 0, last).astype(int).tolist()
    edges = level[y0 : y1 + 1, 0], level[0, x0 : x1 + 1], level[y0 : y1 + 1, -1], level[-1, x0 : x1 + 1]
    contrast = np.ptp(level[y0 : y1 + 1, x0 : x1 + 1])
    return any(np.ptp(edge) > params.INK * contrast for edge, is_meant in zip(edges, sides, strict=True) if is_meant)


def is_printed(found: Found) -> NDArray[np.bool_]:
    """Which of them are print."""
    return np.asarray(found.printed > params.PRINTED)


def _share(logits: Float) -> Float:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _softplus(values: Float) -> Float:
    return np.asarray(np.logaddexp(0, values), np.float32)
