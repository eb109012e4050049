"""Scenes cut from the camera-like frames of `digitlab.render`: fewer in the same time, and as they are measured on."""

import cv2
import numpy as np

from digitcam.frame import Grey
from digitcam.reading import Box
from digitlab.render.camera import Rendered
from digitlab.render.conditions import CONDITIONS, TURNED, render_condition
from digitlab.render.hand import LEAN, Pictures, from_pictures
from digitlab.render.surfaces import Rng
from digitlab.scenes.scene import SIDE, Label, Mark, Scene, part_of

UPRIGHT = [name for name in CONDITIONS if name not in (*TURNED, "hand")]  # no mark under a hand tells what it hides
HARD = {  # half of the scenes show these, each so many times as often as form
    "touching": 5,
    "brackets": 2,
    "fractions": 2,
    "lists": 2,
    "words": 2,
    "text": 2,
    "form": 1,
    "underlined": 1,
    "circled": 1,
    "crossed-out": 1,
    "clutter": 1,
}
_SHARES = np.array(list(HARD.values())) / sum(HARD.values())
NEAREST = 1.1  # pixels of a scene for one of a frame, at most; at the least, all of a frame's height


def cut_frame(rng: Rng, pictures: Pictures) -> Scene:
    """Render a frame of any condition that lies upright, and cut a scene from it.

    Args:
        rng: decides everything.
        pictures: MNIST's, whose hands write every other one; the others digitlab draws itself.
    """
    name = str(rng.choice(list(HARD), p=_SHARES) if rng.random() < 0.5 else rng.choice(UPRIGHT))
    ink = from_pictures(pictures, rng.normal(*LEAN)) if rng.random() < 0.5 else None
    return cut(render_condition(rng, name, ink), rng)


def cut(frame: Rendered, rng: Rng) -> Scene:
    """Cut a scene from a frame; what the frame's edge cuts is unsure, since nobody noted what it is."""
    zoom = rng.uniform(SIDE / min(frame.image.shape), NEAREST)
    image = np.asarray(cv2.resize(frame.image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
    left, top = (int(rng.integers(side - SIDE + 1)) for side in image.shape[::-1])
    labels = [Label(_zoomed(one.box, zoom), one.digit, 1.0, printed=False, unsure=False) for one in frame.labels]
    marks = []
    for box in frame.clutter:
        if _is_cut(box, frame.image):
            labels.append(Label(_zoomed(box, zoom), 0, 1.0, printed=False, unsure=True))
        else:
            marks.append(Mark(_zoomed(box, zoom), unlike=False))
    part = part_of(Scene(image, labels, marks), left, top, left + SIDE, top + SIDE)
    return part._replace(image=np.ascontiguousarray(part.image))


def _zoomed(box: Box, zoom: float) -> tuple[float, float, float, float]:
    """Bring a frame's box, rounded outwards to whole pixels, to the scene."""
    return zoom * (box.x + 0.5), zoom * (box.y + 0.5), zoom * max(box.w - 1, 0.5), zoom * max(box.h - 1, 0.5)


def _is_cut(box: Box, image: Grey) -> bool:
    return box.x <= 0 or box.y <= 0 or box.x + box.w >= image.shape[1] or box.y + box.h >= image.shape[0]
