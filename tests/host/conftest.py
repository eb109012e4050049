"""A small stand-in for MNIST, drawn by digitlab itself, and `digitlab` run on it as a person would."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from digitlab.data.augment import as_seen
from digitlab.data.mnist import SHA256
from digitlab.render.strokes import draw_set

COUNTS = {"train": 2000, "t10k": 300}
SCENES = ("--count", "60", "--held", "36")
AMOUNTS = ("--variants", "2", "--drawn", "600", "--scenes", "60", "--held", "36")
TRAINING = ("--epochs", "4", "--batch", "64")
FINDING = ("--views", "128", "--batch", "8")

# The real command, told which files to expect and how many to set aside, with few scenes a file, and few views between
# two checkpoints and to measure int8's ranges on.
DRIVER = """
import json, sys
from digitlab.data import mnist
from digitlab.cli.main import main
from digitlab.scenes import fill
from digitlab.training import finder, finder_quantize
mnist.SHA256.update(json.loads(sys.argv[1]))
mnist.VALIDATION = 200
fill.SHARD, finder.PART, finder_quantize.SAMPLE = 12, 64, 8
sys.exit(main(sys.argv[2:]))
"""


@dataclass(frozen=True)
class Drawn:
    """A folder of drawn digits in MNIST's four files, and what its files hash to."""

    folder: Path
    sha256: dict[str, str]

    @staticmethod
    def idx(array: NDArray[np.uint8]) -> bytes:
        """An array as MNIST's files hold it: 0, 0, 8 for bytes, dimensions, big-endian sizes, values."""
        return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()

    def command(self, *words: str | Path) -> list[str]:
        """`digitlab WORDS`, for `subprocess`."""
        return [sys.executable, "-c", DRIVER, json.dumps(self.sha256), *map(str, words)]

    def digitlab(self, *words: str | Path, largest_kb: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run `digitlab WORDS` to its end, in a process of its own.

        Args:
            words: after `digitlab`.
            largest_kb: no file can grow beyond it, as if the disk were full.
        """
        limit = ["bash", "-c", f'ulimit -f {largest_kb} && exec "$@"', "bash"] if largest_kb else []
        return subprocess.run(
            [*limit, *self.command(*words)], env=self.environ, capture_output=True, text=True, check=False
        )

    def refused(self, *words: str | Path, largest_kb: int | None = None) -> str:
        """Run `digitlab WORDS`, which must fail; what it says: one line that is no traceback."""
        done = self.digitlab(*words, largest_kb=largest_kb)
        said = [line for line in done.stderr.splitlines() if not re.search("^INFO: |━|-:--:--", line)]
        assert done.returncode == 1, done.stderr
        assert len(said) == 1, done.stderr
        assert said[0].startswith("digitlab: ")
        return said[0]

    @property
    def environ(self) -> dict[str, str]:
        """Where `digitlab` finds its data."""
        return {**os.environ, "DIGITLAB_DATA": str(self.folder)}


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("drawn")
    rng = np.random.default_rng(5)
    sha256 = {}
    for part, count in COUNTS.items():
        pictures, labels = draw_set(count, rng, height=40)
        arrays = {"images-idx3": as_seen(pictures, count), "labels-idx1": labels}
        for kind, array in arrays.items():
            name, data = f"{part}-{kind}-ubyte", Drawn.idx(array)
            (folder / f"{name}.gz").write_bytes(gzip.compress(data, compresslevel=1))
            sha256[name] = hashlib.sha256(data).hexdigest()
    return Drawn(folder, {name: sha256[name] for name in SHA256})


@pytest.fixture(scope="session")
def scenes(drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pool of scenes."""
    folder = tmp_path_factory.mktemp("scenes")
    done = drawn.digitlab("scenes", *SCENES, "--pool", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def finder(drawn: Drawn, scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finder that was hardly trained, converted, evaluated and published, command by command."""
    folder = tmp_path_factory.mktemp("finder")
    commands: list[list[str | Path]] = [
        ["finder", *FINDING, "--pool", scenes],
        ["finder-quantize", "--pool", scenes],
        ["finder-evaluate", "--pool", scenes],
        ["finder-publish", "--model", folder / "finder.tflite"],
    ]
    for words in commands:
        done = drawn.digitlab(*words, "--out", folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def crops(drawn: Drawn, scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of crops to train on, and of their teacher."""
    folder = tmp_path_factory.mktemp("crops")
    commands: list[list[str | Path]] = [
        ["crops", *AMOUNTS, "--pool", scenes],
        ["teach", "--epochs", "2", "--batch", "64"],
    ]
    for words in commands:
        done = drawn.digitlab(*words, "--crops", folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def trained(drawn: Drawn, crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that was quantized, evaluated and published, command by command."""
    folder = tmp_path_factory.mktemp("trained")
    for words in (
        ["train", *TRAINING, "--crops", crops],
        ["quantize", "--crops", crops],
        ["evaluate"],
        ["publish", "--model", str(folder / "digits.tflite")],
    ):
        done = drawn.digitlab(*words, "--out", folder)
        assert done.returncode == 0, done.stderr
    return folder
