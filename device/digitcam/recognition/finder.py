"""One look -> where digits stand, how sure that is, which way up they are, and whether the frame cuts them.

The network gives three answers at each place of three fields, whose places lie 4, 8 and 16 pixels apart: a score, a
box, and more. A digit is answered for by the places around its middle, in the field that its size belongs to.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from digitcam.config import ModelConfig
from digitcam.errors import ModelError
from digitcam.model.card import Tensor, read_model
from digitcam.model.coral import OFF, Coral
from digitcam.model.network import describe_tensor, open_network
from digitcam.model.runtime import Interpreter, RuntimeInfo
from digitcam.recognition import params
from digitcam.recognition.look import HEIGHT, WIDTH, Look

Float = NDArray[np.float32]
SCORE, BOX, MORE = 1, 4, 6  # channels of the three answers; more: four quarter turns, cut, printed
LIKELY = 0.5  # probability: likelier than not
TURNED = 0.55, 0.15, 0.15, 0.15  # shares of the quarter turns that it is trained on
AT_A_TIME = 64  # places compared with all others at once: most looks show no more, and few of more are kept


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
        """Join what several looks found, the surest first."""
        fields = ([getattr(part, name) for part in parts] for name in COLUMNS)
        joined = cls(*map(np.concatenate, fields))
        return joined[np.argsort(-joined.scores, kind="stable")]

    @property
    def sizes(self) -> Float:
        """The longer side of each, float32 (n,), in pixels of the picture."""
        return np.asarray((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1, initial=0))

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Self:
        """Take some of them."""
        return type(self)(*(getattr(self, name)[chosen] for name in COLUMNS))

    def apart(self, least: float) -> tuple[Self, Self]:
        """Keep one of what overlaps, the surest (soft non-maximum suppression, Bodla et al. 2017).

        A box loses of its score the square of what a surer one covers of it, or of that: what is left of a digit's
        fragment is little, and nearly all of its neighbour, though their boxes share a third where both lean. What
        overlaps most has a say in where the box lies.

        Args:
            least: what a score must not fall below.

        Returns:
            What is kept with the scores that are left, again the surest first; and what is like none of that.
        """
        found = self[self.scores >= least]
        corners = np.ascontiguousarray(found.boxes.T)
        starts, ends = corners[:2], corners[2:]
        wide, high = ends - starts
        areas = np.maximum(wide * high, np.float32(1e-6))
        scores = found.scores.copy()
        places: list[int] = []
        rows: list[Float] = []
        for first in range(0, len(scores), AT_A_TIME):
            asked = first + np.flatnonzero(scores[first : first + AT_A_TIME] >= least)
            one, other = (sides[:, asked, None] for sides in (starts, ends))
            width, height = np.maximum(np.minimum(ends[:, None], other) - np.maximum(starts[:, None], one), 0)
            both = width * height
            left = 1 - np.square(both / np.minimum(areas[asked, None], areas))
            for i, here, row in zip(asked.tolist(), both, left, strict=True):
                if scores.item(i) >= least:  # a tenth of what scores[i] costs, for hundreds of places
                    places.append(i)
                    rows.append(here)
                    scores[i + 1 :] *= row[i + 1 :]
        surest = np.argsort(-scores[places], kind="stable")
        kept = np.array(places, np.intp)[surest]
        shared = np.array(rows, np.float32).reshape(len(places), len(scores))[surest]
        alike = shared > params.ALIKE * (np.add.outer(areas[kept], areas) - shared)
        alike &= np.arange(len(scores)) > kept[:, None]
        alike[np.arange(len(kept)), kept] = True
        votes = found.scores * alike
        boxes = votes @ found.boxes / votes.sum(axis=1, keepdims=True)
        return dataclasses.replace(found[kept], boxes=boxes, scores=scores[kept]), found[~alike.any(axis=0)]

    def __len__(self) -> int:
        """Count them."""
        return len(self.scores)


COLUMNS = tuple(field.name for field in dataclasses.fields(Found))


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
        boxes = np.clip(boxes, 0, np.float32(look.scale) * np.array([look.region.w, look.region.h] * 2, np.float32))
        turns = np.exp(more[:, :4] - more[:, :4].max(axis=1, keepdims=True))
        return Found(
            boxes / np.float32(look.scale) + np.array([look.region.x, look.region.y] * 2, np.float32),
            scores,
            turns / turns.sum(axis=1, keepdims=True),
            _share(more[:, 4]),
            _share(more[:, 5]),
            (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0),
        )

    def _places(self, number: int) -> tuple[Float, Float, Float]:
        """Give the places of one level that score: their boxes in pixels of the look, scores, and the rest."""
        stride = LEVELS[number].stride
        score, box, more = self._answers[number]
        stored = self._interpreter.get_tensor(score.tensor)[0, ..., 0]
        least = np.log(params.HINT / (1 - params.HINT)) / score.scale + score.zero_point
        rows, columns = np.nonzero(stored >= least)
        middles = (np.array([columns, rows], np.float32).T + np.float32(0.5)) * stride
        reach = _softplus(box.real(self._interpreter.get_tensor(box.tensor)[0, rows, columns])) * stride
        boxes = np.concatenate([middles - reach[:, :2], middles + reach[:, 2:]], axis=1)
        rest = self._interpreter.get_tensor(more.tensor)[0, rows, columns]
        return boxes, _share(score.real(stored[rows, columns])), more.real(rest)


def describe(interpreter: Interpreter) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Describe the input of a finder, and its outputs in the order of `SHAPES`.

    Raises:
        ModelError: a shape or type is not a finder's; the message says which.
    """
    inputs = [describe_tensor(details) for details in interpreter.get_input_details()]
    outputs = {end.shape: end for end in map(describe_tensor, interpreter.get_output_details())}
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


def _share(logits: Float) -> Float:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _softplus(values: Float) -> Float:
    return np.asarray(np.logaddexp(0, values), np.float32)
