"""What the device's finder sees in scenes, matched with what stands there.

TensorFlow must not be imported in the same process: tflite-runtime does not survive it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.finder import Finder, Found
from digitcam.recognition.look import Pyramid, Region
from digitcam.recognition.params import LEAST_SCORE
from digitlab.crops.cut import overlap
from digitlab.parallel import in_parallel
from digitlab.scenes.pool import Pool
from digitlab.scenes.scene import Label
from digitlab.scenes.views import SHOWS, WHOLE

Float = NDArray[np.float32]
SCENES = 50  # a job
SAME = 0.5  # intersection over union from which a found box is a digit's
INSIDE = 0.5  # share of a found box within a digit that nobody has to see, from which it counts neither way


class Stands(NamedTuple):
    """A digit that ought to be found.

    Attributes:
        scene: its number.
        box: left, top, right, bottom in pixels of the scene.
        height: in pixels of the look.
        cut: whether a good part of it is outside the picture.
        printed: whether it is print.
        score: with which it was found; 0 where it was not.
        overlap: intersection over union of its box and the found one; 0 likewise.
        said_cut: the finder's probability that it is cut; said_printed: that it is print.
    """

    scene: int
    box: tuple[float, float, float, float]
    height: float
    cut: bool
    printed: bool
    score: float = 0.0
    overlap: float = 0.0
    said_cut: float = 0.0
    said_printed: float = 0.0


class Mistaken(NamedTuple):
    """What was found where no digit stands: in which scene, where, how high in the look, and with which score."""

    scene: int
    box: tuple[float, float, float, float]
    height: float
    score: float


class Matched(NamedTuple):
    """All of one scene; turns: by how many quarters each found digit is turned, and by how many it was said to be."""

    scene: int
    stands: list[Stands]
    mistaken: list[Mistaken]
    turns: list[tuple[int, int]]


def match_scenes(
    model: Path, scenes: Path, count: int, title: str, processes: int | None = None, *, turned: bool
) -> list[Matched]:
    """Look at scenes as they are.

    Args:
        model: the finder's .tflite file.
        scenes: a folder of a pool.
        count: how many scenes it holds.
        title: of the progress.
        processes: how many look at a time; None for one a core.
        turned: whether to look at each once more, turned by a quarter, a half or three quarters.
    """
    jobs = [(str(model), str(scenes), range(at, min(at + SCENES, count)), turned) for at in range(0, count, SCENES)]
    return [one for part in in_parallel(_match, jobs, title, processes) for one in part]


def _match(job: tuple[str, str, range, bool]) -> list[Matched]:
    model, folder, numbers, turned = job
    cv2.setNumThreads(1)
    finder = Finder(open_interpreter(Path(model).read_bytes()), installed())
    scenes = Pool(Path(folder))
    found = []
    for number in numbers:
        image, labels, _ = scenes[number]
        seen = match(number, image, labels, finder)
        if turned:
            quarters = 1 + number % 3
            again = match(number, *turn(image, labels, quarters), finder, quarters)
            seen = seen._replace(turns=seen.turns + again.turns)
        found.append(seen)
    return found


def turn(image: Grey, labels: Sequence[Label], quarters: int) -> tuple[Grey, list[Label]]:
    """Give a square scene and its boxes, turned by quarters counterclockwise."""
    side = image.shape[0]
    turned = list(labels)
    for _ in range(quarters % 4):
        turned = [
            label._replace(box=(label.box[1], side - label.box[0] - label.box[2], label.box[3], label.box[2]))
            for label in turned
        ]
    return np.ascontiguousarray(np.rot90(image, quarters)), turned


def match(scene: int, image: Grey, labels: Sequence[Label], finder: Finder, quarters: int = 0) -> Matched:
    """Look at one picture as the device does, the surest find first.

    Args:
        scene: its number.
        image: uint8 (h, w).
        labels: what stands there.
        finder: asked once.
        quarters: by which the picture is turned, counterclockwise.
    """
    look = Pyramid(image).look(Region(0, 0, image.shape[1], image.shape[0]))
    found, _ = finder.find(look).apart(LEAST_SCORE)
    corners = np.array([[x, y, x + w, y + h] for (x, y, w, h), *_ in labels], np.float32).reshape(-1, 4)
    wanted = np.array([not label.unsure and label.shown >= SHOWS for label in labels], np.bool_)
    shared = np.where(wanted[None], overlap(found.boxes, corners), 0)
    stands: dict[int, Stands] = {
        i: Stands(
            scene,
            _four(corners[i]),
            float(labels[i].box[3] * look.scale),
            bool(labels[i].shown < WHOLE),
            bool(labels[i].printed),
        )
        for i in np.flatnonzero(wanted).tolist()
    }
    mistaken, turns = [], []
    doubtful = _within(found, corners[~wanted])
    for place in np.argsort(-found.scores, kind="stable").tolist():
        best = int(shared[place].argmax()) if len(labels) else -1
        if best >= 0 and shared[place, best] > SAME:
            stands[best] = stands[best]._replace(
                score=float(found.scores[place]),
                overlap=float(shared[place, best]),
                said_cut=float(found.cut[place]),
                said_printed=float(found.printed[place]),
            )
            turns.append((quarters, int(found.turns[place].argmax())))
            shared[:, best] = 0
        elif not doubtful[place]:
            height = float((found.boxes[place, 3] - found.boxes[place, 1]) * look.scale)
            mistaken.append(Mistaken(scene, _four(found.boxes[place]), height, float(found.scores[place])))
    return Matched(scene, list(stands.values()), mistaken, turns)


def _within(found: Found, boxes: Float) -> NDArray[np.bool_]:
    """Tell which found boxes lie in one of the boxes, or hold it, for the most part."""
    low = np.maximum(found.boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(found.boxes[:, None, 2:], boxes[None, :, 2:])
    both = np.maximum(high - low, 0).prod(axis=2)
    own = (found.boxes[:, 2:] - found.boxes[:, :2]).prod(axis=1)[:, None]
    other = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)[None]
    return np.asarray((both > INSIDE * np.minimum(own, other)).any(axis=1))


def _four(box: Float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(float(side), 1) for side in box)
    return left, top, right, bottom
