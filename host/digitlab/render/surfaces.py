"""What a scene lies on: desks of every kind, sheets, boards, rooms without any page."""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey

Float = NDArray[np.float32]
Rng = np.random.Generator


def soft(rng: Rng, side: int, cells: float, across: float | None = None) -> Float:
    """Draw smooth noise, float32 (side, side), about -1 to 1, with that many cells down (and across) the picture."""
    shape = max(2, round(across or cells)), max(2, round(cells))
    coarse = rng.uniform(-1, 1, shape[::-1]).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def wood(rng: Rng, side: int) -> Float:
    """Draw long grain, knots and joints between boards."""
    grain = (
        soft(rng, side, rng.uniform(20, 120), rng.uniform(2, 6)) * 0.6 + soft(rng, side, rng.uniform(6, 20), 3) * 0.6
    )
    warp = soft(rng, side, 3) * rng.uniform(0, 12)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    grain = cv2.remap(np.asarray(grain, np.float32), x, y + warp, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    if rng.random() < 0.4:
        for at in np.arange(rng.uniform(0, 80), side, rng.uniform(40, 160)):
            cv2.line(
                grain, (0, int(at)), (side, int(at + rng.normal(0, 3))), (-2.0,), int(rng.integers(1, 4)), cv2.LINE_AA
            )
    return np.asarray(np.rot90(grain, int(rng.integers(4))) * rng.uniform(0.02, 0.14), np.float32)


def cloth(rng: Rng, side: int) -> Float:
    """Draw a weave: two waves across each other, folded."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    fold = soft(rng, side, rng.uniform(2, 6)) * rng.uniform(0, 10)
    a, every = rng.uniform(0, np.pi), rng.uniform(3, 24)
    u, v = np.cos(a) * x + np.sin(a) * y + fold, -np.sin(a) * x + np.cos(a) * y + fold
    weave = np.sin(u * 2 * np.pi / every) + np.sin(v * 2 * np.pi / every / rng.uniform(0.7, 1.4))
    if rng.random() < 0.4:
        weave = np.sign(weave)
    return np.asarray(weave * rng.uniform(0.02, 0.12) + soft(rng, side, 4) * 0.08, np.float32)


def keyboard(rng: Rng, side: int) -> Float:
    """Draw keys with print on them, or tiles, bricks, shelves: boxes in rows."""
    keys = np.zeros((side, side), np.float32)
    print_ = np.zeros((side, side), np.uint8)
    w, h = rng.uniform(14, 70, 2)
    gap = rng.uniform(0.06, 0.3)
    sign = 1 if rng.random() < 0.5 else -1
    font, scale = int(rng.integers(0, 5)), h / 60
    for row, y in enumerate(np.arange(-h, side + h, h)):
        for x in np.arange(-w + row * w * 0.4 % w, side + w, w):
            a, b = (int(x), int(y)), (int(x + w * (1 - gap)), int(y + h * (1 - gap)))
            cv2.rectangle(keys, a, b, (sign * float(rng.uniform(0.6, 1)),), -1)
            if scale > 0.25:
                char = chr(int(rng.integers(65, 91)))
                cv2.putText(print_, char, (a[0] + 3, b[1] - 3), font, scale, (255,), 1)
    keys[print_ > 0] = -sign * 0.6
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(-40, 40)), 1.2)
    return np.asarray(
        cv2.warpAffine(keys, turn, (side, side), borderMode=cv2.BORDER_REFLECT) * rng.uniform(0.05, 0.3), np.float32
    )


def clutter(rng: Rng, side: int) -> Float:
    """Draw a room: patches, round things, cables, edges, at every size."""
    room = soft(rng, side, rng.uniform(2, 6)) * 0.3
    for _ in range(int(rng.integers(4, 40))):
        size = float(np.exp(rng.uniform(np.log(4), np.log(side))))
        centre = rng.uniform(0, side, 2)
        tone = float(rng.uniform(-0.6, 0.6))
        kind = rng.integers(5)
        if kind == 0:
            points = centre + rng.normal(0, size / 2, (int(rng.integers(3, 8)), 2))
            cv2.fillPoly(room, [points.astype(np.int32)], (tone,), cv2.LINE_AA)
        elif kind == 1:
            axes = (int(size * rng.uniform(0.2, 0.6)) + 1, int(size * rng.uniform(0.2, 0.6)) + 1)
            thick = int(rng.choice([-1, 1, 2, 4, 8]))
            cv2.ellipse(
                room,
                (int(centre[0]), int(centre[1])),
                axes,
                float(rng.uniform(0, 180)),
                0,
                360,
                (tone,),
                thick,
                cv2.LINE_AA,
            )
        elif kind == 2:
            steps = rng.normal(0, size / 3, (12, 2))
            path = np.cumsum(cv2.blur(steps.astype(np.float32), (1, 3)), axis=0) + centre
            cv2.polylines(
                room,
                [path.astype(np.int32)],
                isClosed=False,
                color=(tone,),
                thickness=int(rng.integers(1, 7)),
                lineType=cv2.LINE_AA,
            )
        elif kind == 3:
            b = centre + rng.normal(0, size, 2)
            cv2.line(
                room,
                (int(centre[0]), int(centre[1])),
                (int(b[0]), int(b[1])),
                (tone,),
                int(rng.integers(1, 12)),
                cv2.LINE_AA,
            )
        else:
            x, y = (int(v) for v in centre)
            w, h = (int(v) for v in rng.uniform(0.2, 1, 2) * size + 2)
            patch = room[max(0, y) : y + h, max(0, x) : x + w]
            patch += np.float32(rng.normal(0, 0.2)) * rng.standard_normal(patch.shape).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), float(rng.uniform(0.4, 2))) * rng.uniform(0.4, 1.2), np.float32)


DESKS = (
    wood,
    cloth,
    keyboard,
    clutter,
    lambda rng, side: soft(rng, side, rng.uniform(3, 60)) * np.float32(rng.uniform(0, 0.15)),
)


def desk(rng: Rng, side: int) -> Float:
    """Draw any surface without a page, 0 to 1."""
    texture = DESKS[rng.choice(len(DESKS), p=[0.25, 0.15, 0.12, 0.2, 0.28])](rng, side)
    return np.asarray(np.clip(rng.uniform(0.05, 0.85) + texture, 0, 1), np.float32)


def lay_sheets(rng: Rng, below: Float, turn: float) -> tuple[Float, NDArray[np.uint8]]:
    """Lay one sheet or several on a desk.

    Returns:
        float32 (side, side), and uint8 (side, side): 1 where the last and uppermost sheet lies.
    """
    side = len(below)
    seen, mask = below.copy(), np.zeros(below.shape, np.uint8)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        tone = rng.uniform(0.45, 1) if rng.random() < 0.9 else rng.uniform(0.05, 0.4)
        centre = rng.uniform(0.25, 0.75, 2) * side
        w, h = rng.uniform(0.35, 1.25, 2) * side
        cos, sin = np.cos(turn), np.sin(turn)
        corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2 + rng.normal(0, 0.02 * side, (4, 2))
        corners = corners @ np.array([[cos, sin], [-sin, cos]]) + centre
        mask = np.zeros(below.shape, np.uint8)
        cv2.fillPoly(mask, [(corners * 16).astype(np.int32)], (1,), cv2.LINE_8, 4)
        share = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), float(rng.uniform(0.4, 1.5)))
        shade = cv2.GaussianBlur(
            np.roll(mask, rng.integers(-6, 7, 2), (0, 1)).astype(np.float32), (0, 0), float(rng.uniform(2, 10))
        )
        seen = seen * (1 - shade * np.float32(rng.uniform(0, 0.6)))
        seen = seen * (1 - share) + np.float32(tone) * share
        turn += float(rng.normal(0, 0.3))
    return np.asarray(seen, np.float32), mask


def light(rng: Rng, side: int) -> Float:
    """Draw the light on a scene: slopes, lamps, shadows soft and hard, float32 (side, side), about 0.2 to 1.3."""
    lit = 1 + soft(rng, side, rng.uniform(2, 4)) * np.float32(rng.uniform(0, 0.35))
    for _ in range(int(rng.choice([0, 0, 1, 1, 2]))):
        mask = np.zeros((side, side), np.float32)
        points = rng.uniform(-0.4, 1.4, (int(rng.integers(3, 7)), 2)) * side
        cv2.fillConvexPoly(mask, np.asarray(cv2.convexHull(points.astype(np.int32))), (1.0,))
        edge = float(np.exp(rng.uniform(np.log(0.6), np.log(25))))
        lit = lit * (1 - cv2.GaussianBlur(mask, (0, 0), edge) * np.float32(rng.uniform(0.1, 0.65)))
    if rng.random() < 0.12:  # glare
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        cx, cy, r = *rng.uniform(0, side, 2), rng.uniform(0.05, 0.4) * side
        lit = lit + np.float32(rng.uniform(0.3, 1.5)) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * r * r))
    return np.asarray(lit, np.float32)


def cover_by_hand(rng: Rng, scene: Float) -> NDArray[np.uint8]:
    """Lay fingers or a pen over the scene, in place; uint8 (side, side), 1 where they hide it."""
    side = len(scene)
    mask = np.zeros(scene.shape, np.uint8)
    edge = rng.uniform(0, 2 * np.pi)
    middle = side / 2 + np.array([np.cos(edge), np.sin(edge)]) * side * rng.uniform(0.45, 0.75)
    for _ in range(int(rng.integers(1, 5))):
        tip = middle + rng.normal(0, 0.25 * side, 2)
        thick = int(rng.uniform(0.02, 0.13) * side)
        cv2.line(mask, (int(middle[0]), int(middle[1])), (int(tip[0]), int(tip[1])), (1,), max(2, thick), cv2.LINE_8)
    cv2.circle(mask, (int(middle[0]), int(middle[1])), int(rng.uniform(0.05, 0.3) * side), (1,), -1)
    share = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    skin = np.float32(rng.uniform(0.1, 0.8)) * (1 + soft(rng, side, 6) * np.float32(0.25))
    scene *= 1 - share
    scene += share * skin
    return mask


def photograph(rng: Rng, scene: Float, high: float) -> Grey:
    """Take the picture: blur, exposure, noise, compression.

    Args:
        rng: decides everything.
        scene: float32 (side, side), light that comes in, 1 being white.
        high: of a digit, in pixels: small writing survives little blur.
    """
    side = len(scene)
    if rng.random() < 0.6:
        soft_by = float(rng.uniform(0.3, np.clip(high * 0.06, 0.5, 3.5)))
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), soft_by), np.float32)
    if rng.random() < 0.08:
        reach = int(np.clip(high * rng.uniform(0.04, 0.15), 2, 15))
        kernel = np.zeros((reach, reach), np.float32)
        cv2.line(kernel, (0, int(rng.integers(reach))), (reach - 1, int(rng.integers(reach))), (1.0,))
        scene = np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), np.float32)
    exposed = scene * np.float32(rng.uniform(0.75, 1.1) if rng.random() < 0.7 else rng.uniform(0.15, 1.3))
    exposed = np.clip(exposed, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.3)))
    coarse = rng.standard_normal((side, side), dtype=np.float32)
    if rng.random() < 0.3:
        coarse = cv2.GaussianBlur(coarse, (0, 0), 0.8) * 2
    levels = 255 * exposed + coarse * np.float32(np.exp(rng.uniform(np.log(0.3), np.log(9))))
    picture = np.asarray(np.clip(levels, 0, 255), np.uint8)
    if rng.random() < 0.35:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 95))])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return picture
