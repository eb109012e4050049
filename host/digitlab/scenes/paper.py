"""What a scene is written on, and how ink and paper look in their light."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitlab.render import surfaces
from digitlab.render.surfaces import Float, Rng
from digitlab.scenes.canvas import Canvas
from digitlab.scenes.scene import SIDE, Label

AROUND = 0.15  # of a digit's longer side: how far around it is looked at
LOOKED_AT = 14  # pixels: the longer side that it is shrunk to for that
# How much of the correlation between ink and light a picture must keep: below it people see noise, or the blocks of a
# compression, and hardly a digit (by looking at 200 drawn ones).
LEGIBLE = 0.7


def lay_paper(rng: Rng, turn: float) -> tuple[Float, NDArray[np.uint8] | None, bool]:
    """Lay a surface to write on; give it, where it may be written on, and whether it is dark."""
    kind = rng.random()
    if kind < 0.27:
        below, mask = surfaces.lay_sheets(rng, surfaces.desk(rng, SIDE), turn)
        tone = float(np.median(below[mask > 0])) if mask.any() else 0.8
        return below, mask, tone < 0.42
    if kind < 0.4:  # a board, chalk or the screen of a tablet
        tone = rng.uniform(0.02, 0.35)
        wiped = surfaces.soft(rng, SIDE, rng.uniform(4, 14), rng.uniform(2, 8)) * np.float32(rng.uniform(0, 0.08))
        return np.clip(tone + wiped, 0, 1), None, True
    if kind < 0.46:  # a whiteboard with stains
        stains = cv2.GaussianBlur(
            (rng.random((SIDE, SIDE)) > 0.996).astype(np.float32), (0, 0), float(rng.uniform(2, 9))
        )
        return np.clip(0.9 - stains * np.float32(rng.uniform(0, 12)), 0.4, 1), None, False
    if kind < 0.5:  # written on the desk itself, on wood or cloth
        ground = surfaces.desk(rng, SIDE)
        return ground, None, bool(ground.mean() < 0.4)
    tone = rng.uniform(0.5, 1)
    grain = surfaces.soft(rng, SIDE, rng.uniform(30, 150)) * np.float32(rng.uniform(0, 0.05))
    return np.clip(tone + grain, 0, 1), None, False


def shine(canvas: Canvas, paper: Float, dark: bool) -> tuple[Float, Float, NDArray[np.uint8] | None]:  # noqa: FBT001
    """Lay ink on paper in its light; give that, how much the ink changes of it, and what a hand hides."""
    rng = canvas.rng
    ink = canvas.ink
    if rng.random() < 0.25:  # dry pens, chalk, strokes with gaps
        cells = float(np.clip(SIDE / max(canvas.height * rng.uniform(0.05, 0.3), 1.5), 4, SIDE))
        gaps = surfaces.soft(rng, SIDE, cells) * np.float32(rng.uniform(0.8, 2))
        ink = ink * np.clip(np.float32(rng.uniform(0.5, 1.6)) + gaps, 0, 1)
    faint = rng.random() < 0.14
    strength = rng.uniform(0.07, 0.4) if faint else rng.uniform(0.45, 1)
    tone = rng.uniform(0.75, 1) if dark else rng.uniform(0, 0.3)
    if rng.random() < 0.04:  # the other way round: white ink on grey, dark ink on a dark sheet
        tone = 1 - tone
    cover = np.clip(ink, 0, 1) * np.float32(strength)
    pressed = np.clip(canvas.print_, 0, 1) * np.float32(rng.uniform(0.1, 1))
    under = paper * (1 - pressed) + np.float32(rng.uniform(0.6, 1) if dark else rng.uniform(0, 0.55)) * pressed
    if canvas.writable is not None:
        under = np.where(canvas.writable > 0, under, paper)
    scene = np.asarray((under * (1 - cover) + np.float32(tone) * cover), np.float32)
    hidden = surfaces.cover_by_hand(rng, scene) if rng.random() < 0.06 else None
    lit = surfaces.light(rng, SIDE)
    return scene * lit, np.maximum(np.abs(under - np.float32(tone)) * cover, np.abs(under - paper)) * lit, hidden


def doubt_illegible(label: Label, contrast: Float, scene: Float, picture: Grey) -> Label:
    """Doubt a digit of which noise, blur and compression have left too little.

    Args:
        label: of the digit.
        contrast: float32 (SIDE, SIDE), how much the ink changes of the light that comes from each place.
        scene: float32 (SIDE, SIDE), that light.
        picture: uint8 (SIDE, SIDE), what the camera has made of it.
    """
    x, y, w, h = label.box
    margin = AROUND * max(w, h)
    rows = slice(max(0, int(y - margin)), int(y + h + margin) + 1)
    columns = slice(max(0, int(x - margin)), int(x + w + margin) + 1)
    parts = [part[rows, columns].astype(np.float32) for part in (contrast, scene, picture)]
    high, wide = parts[0].shape
    if (side := max(high, wide)) > LOOKED_AT:
        # eyes see large writing through noise
        size = max(1, round(wide * LOOKED_AT / side)), max(1, round(high * LOOKED_AT / side))
        parts = [np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32) for part in parts]
    ink, light, grey = (part - part.mean() for part in parts)
    before, after = (abs(float((ink * other).sum())) / (np.linalg.norm(other) + 1e-6) for other in (light, grey))
    return label._replace(unsure=label.unsure or bool(after < LEGIBLE * before or not before))


def doubt_hidden(label: Label, hidden: NDArray[np.uint8] | None) -> Label:
    """Doubt a digit that a hand lies on in part."""
    if hidden is None:
        return label
    x, y, w, h = (int(n) for n in label.box)
    share = float(hidden[y : y + max(1, h), x : x + max(1, w)].mean())
    if share > 0.5:
        return label._replace(shown=0.0)
    return label._replace(unsure=label.unsure or share > 0.05)
