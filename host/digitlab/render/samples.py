"""What the device ships to try itself on: a clip, frames and crops, with the truth beside them."""

import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.frame import Grey
from digitcam.recognition.normalize import normalize
from digitlab.render.camera import Camera, Rendered
from digitlab.render.film import Take, film, stills
from digitlab.render.frame import FRAME, render_frame
from digitlab.render.paper import BALLPOINT, BOARD, CARDBOARD, CHALK, FELT, FINELINER, GRID, PENCIL, PLAIN, RULED
from digitlab.render.strokes import draw

FPS = 15.0
CLIP = (
    Take(("31415", "92653"), PLAIN, FINELINER, 0.2),
    Take(("1969", "0720"), RULED, BALLPOINT, 0.17),
    Take(("1729", "4104"), BOARD, CHALK, 0.22),
    Take(("28", "496", "8128"), GRID, FELT, 0.16),
)


def render_clip(path: Path, seed: int, *, seconds: float = 11, fps: float = FPS) -> None:
    """Render a hand-held-looking video of `CLIP`, and its ground truth beside it as JSON.

    Args:
        path: of the .mp4; the JSON takes its name, ending in .json, and is
            `{"fps", "seed", "pages": [{"text", "from", "to"}]}`: `from` the first frame in which the page holds still,
            `to` the one after the last.
        seed: the same seed gives the same frames.
        seconds: how long it is.
        fps: frames a second.

    Raises:
        OutputError: it cannot be written, or this OpenCV has no MPEG-4 encoder.
    """
    total = round(seconds * fps)
    stops = [round(total * k / len(CLIP)) for k in range(len(CLIP) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path.name
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), fps, FRAME, isColor=False)
        if not writer.isOpened():
            raise OutputError(
                f"{path}: cannot write: this OpenCV has no MPEG-4 encoder; install opencv-python-headless"
            )
        for frame in film(np.random.default_rng(seed), CLIP, stops, fps):
            writer.write(frame)
        writer.release()
        write_atomically(path, file.read_bytes())
    pages = [
        {"text": take.text, "from": first, "to": end}
        for take, (first, end) in zip(CLIP, stills(stops, fps), strict=True)
    ]
    _write_json(path.with_suffix(".json"), {"fps": fps, "seed": seed, "pages": pages})


FRAMES = (
    Take(("46273", "59081"), PLAIN, FELT, 0.18),
    Take(("84071", "25963"), RULED, BALLPOINT, 0.16),
    Take(("20769", "53481"), GRID, FINELINER, 0.2),
    Take(("96021", "47538"), BOARD, CHALK, 0.2),
    Take(("10729", "86435"), PLAIN, PENCIL, 0.17),
    Take(("76132", "40958"), RULED, FELT, 0.14),
    Take(("139", "5470", "682"), GRID, BALLPOINT, 0.12),
    Take(("80713", "62459"), CARDBOARD, FINELINER, 0.1),
)
CROPS = 500


def render_samples(folder: Path, seed: int) -> None:
    """Make what the device ships to try itself on: demo.mp4 and .json, frame-0.png to -7 and frames.json, digits.npz.

    frames.json is `{"seed", "frames": [{"image", "lines": [...], "digits": [{"digit", "box", "line"}, ...]}]}`;
    digits.npz holds `images`, uint8 (500, 28, 28) as the device normalizes them, and `labels`, uint8 (500,).

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make the folder: {error.strerror}") from error
    render_clip(folder / "demo.mp4", seed)
    frames = []
    for number, (take, rng) in enumerate(zip(FRAMES, np.random.default_rng(seed).spawn(len(FRAMES)), strict=True)):
        camera = replace(Camera.random(rng, FRAME), noise=float(rng.uniform(0.7, 1.7)), jpeg=None)
        rendered = render_frame(
            rng, lines=take.lines, paper=take.paper, pen=take.pen, height=take.height, camera=camera
        )
        name = f"frame-{number}.png"
        _write_png(folder / name, rendered.image)
        frames.append({"image": name, **_truth(rendered)})
    _write_json(folder / "frames.json", {"seed": seed, "frames": frames})
    write_atomically(folder / "digits.npz", _crops(np.random.default_rng(seed)))


def _crops(rng: np.random.Generator) -> bytes:
    """Give digits.npz: as many of each class, each by another hand."""
    labels = np.tile(np.arange(10, dtype=np.uint8), CROPS // 10)
    images = []
    for label in labels:
        height = rng.uniform(24, 96)
        images.append(normalize(draw(int(label), rng, height, height * rng.uniform(0.05, 0.13))))
    data = io.BytesIO()
    np.savez_compressed(data, images=np.stack(images), labels=labels)
    return data.getvalue()


def run(output: Path, *, seed: int = 1, seconds: float = 11, fps: float = FPS) -> int:
    """Carry out `digitlab render`: a video, one picture, or a folder of samples, by the name of what is asked for.

    Args:
        output: a .mp4, a .png, or a folder (any name without a suffix).
        seed: the same seed gives the same pictures.
        seconds: length of a video; samples have their own.
        fps: its frames a second.

    Returns:
        The exit status, 0.

    Raises:
        OutputError: it cannot be written, or its kind is unknown.
    """
    match output.suffix.lower():
        case "":
            render_samples(output, seed)
        case ".mp4":
            render_clip(output, seed, seconds=seconds, fps=fps)
        case ".png":
            rendered = render_frame(np.random.default_rng(seed))
            _write_png(output, rendered.image)
            _write_json(output.with_suffix(".json"), {"seed": seed, **_truth(rendered)})
        case suffix:
            raise OutputError(
                f"{output}: cannot render a {suffix} file; give a .png, a .mp4, or a folder without a suffix"
            )
    print(f"rendered {output} (seed {seed})")
    return 0


def _truth(rendered: Rendered) -> dict[str, Any]:
    digits = [{"digit": label.digit, "box": list(label.box), "line": label.line} for label in rendered.labels]
    return {"lines": list(rendered.lines), "digits": digits}


def _write_png(path: Path, image: Grey) -> None:
    _, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    write_atomically(path, data.tobytes())


def _write_json(path: Path, value: Any) -> None:  # noqa: ANN401 (whatever JSON holds)
    write_atomically(path, (json.dumps(value) + "\n").encode())
