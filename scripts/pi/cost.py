"""What reading costs, in million instructions: the part that runs on the emulated Pi, alone, whose clock counts them.

    python cost.py PAGES BASELINE RUNS

PAGES holds pictures, BASELINE is the tutorial's int8 network; digitcam's settings are those of the environment. One
line of JSON comes out. That clock advances by one nanosecond an instruction, so a million of them is what digitcam
calls a millisecond.
"""

import json
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.config import load, shipped_model
from digitcam.diagnostics import bench
from digitcam.frame import Grey
from digitcam.model.runtime import installed, open_interpreter
from digitcam.pictures import image_file
from digitcam.recognition.reader import Reader, open_reader

DIGIT_RUNS = 64  # one digit's count repeats to 0.1 %
MILLION = 1e6

# The recipe's own: pixels, and the probability from which a digit is shown.
BORDER, LEAST, CLOSING = 40, 14, 5
PADDING = 0.2
SURE = 0.7
SIDE = 28


class Cost(NamedTuple):
    """One reading's.

    Attributes:
        whole: of `Reader.read`, million instructions.
        stages: of each of its stages.
        digits: how many were read.
        asked: about how many places the network was asked.
    """

    whole: float
    stages: Mapping[str, float]
    digits: int
    asked: int


class Recipe:
    """How tutorials read digits from a camera: one threshold, contours, the network of MNIST on each."""

    def __init__(self, model: bytes) -> None:
        """Take the content of a .tflite file: int8 (1, 28, 28, 1) to int8 logits."""
        self._interpreter = open_interpreter(model)
        self._input, self._output = self._interpreter.get_input_details()[0], self._interpreter.get_output_details()[0]

    def read(self, image: Grey) -> list[int]:
        """The digits that it is sure of, in no order."""
        _, dark = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
        closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((CLOSING, CLOSING), np.uint8))
        ink = np.asarray(closed, np.uint8)
        contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        height, width = image.shape
        digits = []
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            inside = min(x, y, width - x - w, height - y - h) >= BORDER
            if inside and max(w, h) >= LEAST and w <= width / 2 and h <= height / 2:
                probabilities = self._classify(_squared(ink[y : y + h, x : x + w]))
                if probabilities.max() >= SURE:
                    digits.append(int(probabilities.argmax()))
        return digits

    def _classify(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        scale, zero_point = self._input["quantization"]
        stored = np.clip(np.rint(crop / np.float32(255) / scale) + zero_point, -128, 127).astype(np.int8)
        self._interpreter.set_tensor(self._input["index"], stored[None, :, :, None])
        self._interpreter.invoke()
        scale, zero_point = self._output["quantization"]
        logits = (self._interpreter.get_tensor(self._output["index"])[0].astype(np.float32) - zero_point) * scale
        raised = np.exp(logits - logits.max())
        return np.asarray(raised / raised.sum(), np.float32)


def _squared(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """28x28, the digit in the middle of a square that is larger than it."""
    height, width = ink.shape
    side = round(max(height, width) * (1 + PADDING))
    top, left = (side - height) // 2, (side - width) // 2
    around = (top, side - height - top, left, side - width - left)
    square = cv2.copyMakeBorder(ink, *around, cv2.BORDER_CONSTANT, value=(0,))
    return np.asarray(cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def cost_of(reader: Reader, image: Grey) -> Cost:
    """Read a picture once, and count."""
    began = time.perf_counter_ns()
    reading = reader.read(image)
    whole = (time.perf_counter_ns() - began) / MILLION
    return Cost(whole, dict(reading.ms), len(reading.digits), len(reading.digits) + len(reading.asked))


def recipe_cost(recipe: Recipe, image: Grey) -> float:
    """The same with the recipe."""
    began = time.perf_counter_ns()
    recipe.read(image)
    return (time.perf_counter_ns() - began) / MILLION


def page_cost(reader: Reader, recipe: Recipe, image: Grey, runs: int) -> dict[str, Any]:
    """Of some runs the least: now and then the system has something to do in between."""
    cost_of(reader, image)
    recipe_cost(recipe, image)
    least = min((cost_of(reader, image) for _ in range(runs)), key=lambda cost: cost.whole)
    return {
        **least._asdict(),
        "whole": round(least.whole, 3),
        "stages": {stage: round(value, 3) for stage, value in least.stages.items()},
        "recipe": round(min(recipe_cost(recipe, image) for _ in range(runs)), 3),
    }


def main(pages: Path, baseline: Path, runs: int) -> None:
    """Print it."""
    runtime = installed()
    reader, recipe = open_reader(load()), Recipe(baseline.read_bytes())
    digit = bench.measure_cost(Path(shipped_model()), baseline, DIGIT_RUNS)
    told = {
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "runtime": f"{runtime.name} {runtime.version}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "digit": {"whole": digit["ms"], "recipe": digit["compared_ms"]},
        "pages": {
            page.stem: page_cost(reader, recipe, image_file.load(page), runs) for page in sorted(pages.glob("*.png"))
        },
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
