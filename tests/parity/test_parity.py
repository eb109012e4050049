"""Both TFLite runtimes find and read the same: each in its own environment, through digitcam's own networks."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from digitlab.data import mnist
from digitlab.data.augment import as_seen

ROOT = Path(__file__).parents[2]
PYTHONS = {name: ROOT / f".venv-{name}" / "bin" / "python" for name in ("device", "parity")}
# A unit of the last layer's sums is 0.094 in the shipped network, and moves a probability by up to a quarter of that;
# the kernels round differently in the layers before it, too, which now and then makes it two; then each is rounded.
CLOSE = 13 / 256
DIFFERING = 10  # of MNIST's 10,000 test pictures, all of them read with a probability of hardly more than a half

CLASSIFY = """
import sys
import numpy as np
from digitcam.recognition.adoption.opening import open_classifier
from digitcam.config import ModelConfig
classifier = open_classifier(ModelConfig())
np.savez(sys.argv[2], probabilities=classifier.classify(np.load(sys.argv[1])), runtime=classifier.runtime.name)
"""

FIND = """
import sys
from pathlib import Path
import numpy as np
from digitcam.config import ModelConfig
from digitcam.recognition.finder import open_finder
from digitcam.recognition.look import Pyramid
from digitcam.pictures.image_file import load
from digitcam.recognition.search import search
finder = open_finder(ModelConfig())
found = [search(Pyramid(load(path)), finder)[0] for path in sorted(Path(sys.argv[1]).glob("frame-*.png"))]
np.savez(
    sys.argv[2],
    frame=np.concatenate([np.full(len(one), number) for number, one in enumerate(found)]),
    boxes=np.concatenate([one.boxes for one in found]),
    scores=np.concatenate([one.scores for one in found]),
    runtime=finder.runtime.name,
)
"""
SURE = 0.6  # of a place that both must find: one that is less sure may just miss what makes it count
NEAR = 3.0  # pixels by which its box may differ

pytestmark = pytest.mark.skipif(
    not all(python.exists() for python in PYTHONS.values()),
    reason="both runtimes install up to Python 3.11 only; to compare them: make clean test-parity PYTHON=python3.11"
    if sys.version_info >= (3, 12)
    else "run it by `make test-parity`",
)

Probabilities = NDArray[np.float32]
Classify = Callable[[NDArray[np.uint8]], tuple[Probabilities, Probabilities]]


@pytest.fixture
def classify(tmp_path: Path) -> Classify:
    """Give what tflite-runtime makes of some crops, and what LiteRT does."""

    def both(crops: NDArray[np.uint8]) -> tuple[Probabilities, Probabilities]:
        np.save(tmp_path / "crops.npy", crops)
        found = {}
        for name, python in PYTHONS.items():
            made = tmp_path / f"{name}.npz"
            subprocess.run([python, "-c", CLASSIFY, tmp_path / "crops.npy", made], check=True, capture_output=True)
            with np.load(made) as saved:
                found[str(saved["runtime"])] = saved["probabilities"]
        return found["tflite-runtime"], found["ai-edge-litert"]

    return both


def test_both_read_the_shipped_digits_alike(classify: Classify) -> None:
    with np.load(str(files("digitcam") / "samples" / "digits.npz")) as saved:
        crops = saved["images"]
    one, other = classify(crops)
    assert np.array_equal(one.argmax(axis=1), other.argmax(axis=1))
    assert np.abs(one - other).max() <= CLOSE


def test_both_read_mnist_alike(classify: Classify) -> None:
    named = os.environ.get(mnist.ENVIRONMENT)
    kept = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets" / "mnist.npz"
    if not named and not kept.is_file():
        pytest.skip("MNIST is not here; to read it: make test-parity DATA=FOLDER (a folder with its four files)")
    images = mnist.load().test_images
    one, other = classify(as_seen(images, len(images)))
    assert (one.argmax(axis=1) != other.argmax(axis=1)).sum() <= DIFFERING


def test_both_find_alike_on_the_shipped_frames(tmp_path: Path) -> None:
    found = {}
    for name, python in PYTHONS.items():
        made = tmp_path / f"{name}.npz"
        samples = str(files("digitcam") / "samples")
        subprocess.run([python, "-c", FIND, samples, made], check=True, capture_output=True)
        with np.load(made) as saved:
            found[str(saved["runtime"])] = {key: saved[key] for key in ("frame", "boxes", "scores")}
    one, other = found["tflite-runtime"], found["ai-edge-litert"]
    for mine, theirs in ((one, other), (other, one)):
        sure = mine["scores"] >= SURE
        assert sure.any()
        for frame, box in zip(mine["frame"][sure], mine["boxes"][sure], strict=True):
            apart = np.abs(theirs["boxes"][theirs["frame"] == frame] - box).max(axis=1, initial=0)
            assert apart.min(initial=np.inf) <= NEAR, (frame, box)
