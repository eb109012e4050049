import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digitcam.model.ends import describe
from digitcam.model.runtime import installed, open_interpreter
from digitcam.recognition.classifier import Classifier

# In a process of its own: tflite-runtime does not survive TensorFlow.
BUILD = """
import sys
from pathlib import Path
import numpy as np
from digitlab.data.mnist import Split
from digitlab.training.baseline import build_baseline

rng = np.random.default_rng(0)
images, labels = rng.integers(0, 256, (40, 28, 28), np.uint8), rng.integers(0, 10, 40, np.uint8)
path = build_baseline(Split(images, labels, images, labels), Path(sys.argv[1]), epochs=int(sys.argv[2]))
assert path == Path(sys.argv[1]) / "int8.tflite"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline") / "made" / "on demand"
    subprocess.run([sys.executable, "-c", BUILD, folder, "1"], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["int8", "float"])
def test_the_baseline_runs_on_the_device(folder: Path, name: str) -> None:
    interpreter = open_interpreter((folder / f"{name}.tflite").read_bytes())
    ends = describe(interpreter)
    assert [end.shape for end in ends] == [(1, 28, 28, 1), (1, 10)]
    assert {end.dtype for end in ends} == {"int8" if name == "int8" else "float32"}
    rng = np.random.default_rng(1)
    probabilities = Classifier(interpreter, installed()).classify(rng.integers(0, 256, (2, 28, 28), np.uint8))
    assert probabilities.shape == (2, 11)
    assert not probabilities[:, 10].any()  # it knows digits only


def test_the_baseline_has_the_tutorials_110_thousand_parameters(folder: Path) -> None:
    # 3*3*1*32 + 32, 3*3*32*64 + 64, 12*12*64*10 + 10: 110,986 bytes of weights, and some kilobytes of graph.
    assert 110_986 < (folder / "int8.tflite").stat().st_size < 120_000
    assert 4 * 110_986 < (folder / "float.tflite").stat().st_size < 4 * 110_986 + 9_000


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, tmp_path / "file" / "in it", "1"], check=False, capture_output=True, text=True
    )
    assert "OutputError" in done.stderr
    assert "in it: cannot make this folder: Not a directory" in done.stderr
    assert "epoch" not in done.stderr
