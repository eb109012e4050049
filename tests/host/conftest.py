"""A small stand-in for MNIST, drawn by digitlab itself, and `digitlab` run on it as a person would."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from digitlab.augment import as_seen
from digitlab.datasets import SHA256
from digitlab.strokes import draw_set

COUNTS = {"train": 2000, "t10k": 300}

# The real command, told which files to expect and how many to set aside.
DRIVER = """
import json, sys
from digitlab import datasets
from digitlab.cli import main
datasets.SHA256.update(json.loads(sys.argv[1]))
datasets.VALIDATION = 200
sys.exit(main(sys.argv[2:]))
"""


def idx(array: NDArray[np.uint8]) -> bytes:
    """An array as MNIST's files hold it: 0, 0, 8 for bytes, dimensions, big-endian sizes, values."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


@dataclass(frozen=True)
class Drawn:
    """A folder of drawn digits in MNIST's four files, and what its files hash to."""

    folder: Path
    sha256: dict[str, str]

    def command(self, *words: str | Path) -> list[str]:
        """`digitlab WORDS`, for `subprocess`."""
        return [sys.executable, "-c", DRIVER, json.dumps(self.sha256), *map(str, words)]

    def digitlab(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `digitlab WORDS` to its end, in a process of its own."""
        env = {**os.environ, "DIGITLAB_DATA": str(self.folder)}
        return subprocess.run(self.command(*words), env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("drawn")
    rng = np.random.default_rng(5)
    sha256 = {}
    for part, count in COUNTS.items():
        pictures, labels = draw_set(count, rng, height=40)
        arrays = {"images-idx3": as_seen(pictures, count), "labels-idx1": labels}
        for kind, array in arrays.items():
            name, data = f"{part}-{kind}-ubyte", idx(array)
            (folder / f"{name}.gz").write_bytes(gzip.compress(data, compresslevel=1))
            sha256[name] = hashlib.sha256(data).hexdigest()
    return Drawn(folder, {name: sha256[name] for name in SHA256})


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[[int], str]:
    """Give what a command that failed said: one line, and not a traceback."""

    def line(status: int) -> str:
        said = capsys.readouterr().err
        assert status == 1
        assert said.startswith("digitlab: ")
        assert said.count("\n") == 1
        return said

    return line
