"""Scenes cut from the camera-like frames of `digitlab.render`: fewer in the same time, and as they are measured on."""

import cv2
import numpy as np

from digitcam.frame import Grey
from digitcam.reading import Box
from digitlab.render.camera import Rendered
from digitlab.render.conditions import CONDITIONS, TURNED, render_condition
from digitlab.render.hand import LEAN, Pictures, from_pictures
from digitlab.render.surfaces import Rng
from digitlab.scenes.scene import SIDE, Label, Mark, Scene

UPRIGHT = [name for name in CONDITIONS if name not in (*TURNED, "hand")]  # no mark under a hand tells what it hides
HARD = "touching", "form", "underlined", "circled", "brackets", "fractions", "lists"  # half of the scenes show these
NEAREST = 1.1  # pixels of a scene for one of a frame, at most; at the least, all of a frame's height


def cut_frame(rng: Rng, pictures: Pictures) -> Scene:
    """Render a frame of any condition that lies upright, and cut a scene from it.

    Args:
        rng: decides everything.
        pictures: MNIST's, whose hands write every other one; the others digitlab draws itself.
    """
    names = HARD if rng.random() < 0.5 else UPRIGHT
    ink = from_pictures(pictures, rng.normal(*LEAN)) if rng.random() < 0.5 else None
    return cut(render_condition(rng, names[rng.integers(len(names))], ink), rng)


def cut(frame: Rendered, rng: Rng) -> Scene:
    """Cut a scene from a frame; what the frame's edge cuts is unsure, since nobody noted what it is."""
    zoom = rng.uniform(SIDE / min(frame.image.shape), NEAREST)
    image = np.asarray(cv2.resize(frame.image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
    left, top = (int(rng.integers(side - SIDE + 1)) for side in image.shape[::-1])

    def shown(box: Box) -> tuple[tuple[float, float, float, float], float]:
        """Give a box as far as it shows, and which share of it does."""
        # frames' boxes are rounded to whole pixels outwards
        ends = zoom * np.array([[box.x + 0.5, box.y + 0.5], [box.x + box.w - 0.5, box.y + box.h - 0.5]]) - (left, top)
        seen = np.clip(ends, 0, SIDE)
        (x, y), (w, h) = seen[0].tolist(), (seen[1] - seen[0]).tolist()
        return (x, y, w, h), float((seen[1] - seen[0]).prod() / np.maximum(ends[1] - ends[0], 1e-6).prod())

    labels = [(label.digit, False, *shown(label.box)) for label in frame.labels]
    labels += [(0, True, *shown(box)) for box in frame.clutter if _is_cut(box, frame.image)]
    marks = [shown(box) for box in frame.clutter if not _is_cut(box, frame.image)]
    return Scene(
        np.ascontiguousarray(image[top : top + SIDE, left : left + SIDE]),
        [Label(box, digit, share, printed=False, unsure=unsure) for digit, unsure, box, share in labels if share > 0],
        [Mark(box, unlike=False) for box, share in marks if share > 0],
    )


def _is_cut(box: Box, image: Grey) -> bool:
    return box.x <= 0 or box.y <= 0 or box.x + box.w >= image.shape[1] or box.y + box.h >= image.shape[0]
