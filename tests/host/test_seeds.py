import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from digitcam.errors import ModelError
from digitlab.publishing.seeds import table

if TYPE_CHECKING:
    from tests.host.conftest import Drawn


def of_seed(folder: Path, seed: int, right: int) -> Path:
    """A copy of a training as if it were of another seed, its int8 variant right so often."""
    with np.load(folder / "checkpoint.npz") as saved:
        arrays = dict(saved)
    arrays["settings"] = np.array(json.dumps({**json.loads(str(arrays["settings"])), "seed": seed}))
    np.savez(folder / "checkpoint.npz", **arrays)
    found = json.loads((folder / "evaluation.json").read_text())
    for variant in found["variants"]:
        variant["score"]["accuracy"] = (right + (variant["name"] == "float")) / 10_000
    (folder / "evaluation.json").write_text(json.dumps(found))
    return folder


def test_the_mean_is_of_every_seed(trained: Path, tmp_path: Path) -> None:
    folders = [
        of_seed(Path(shutil.copytree(trained, tmp_path / str(seed))), seed, right)
        for seed, right in ((1, 9970), (2, 9976), (3, 9972))
    ]
    rows = [line.split() for line in table(folders).splitlines()]
    assert rows[1] == ["1", "99.71", "%", "99.70", "%", "0.01"]
    assert rows[-1] == ["mean", "99.737", "%", "99.727", "%", "0.010"]


def test_a_seed_does_not_count_twice(trained: Path) -> None:
    with pytest.raises(ModelError, match="two trainings of one seed"):
        table([trained, trained])


def test_a_training_that_was_not_evaluated_is_named(drawn: "Drawn", trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained / "checkpoint.npz", tmp_path)
    said = drawn.refused("seeds", tmp_path)
    assert f"evaluation.json: No such file or directory: run `digitlab evaluate --out {tmp_path}`" in said
