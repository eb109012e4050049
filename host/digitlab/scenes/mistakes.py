"""How often a finder is mistaken in each of a pool's scenes: the next training shows it the hard ones more often."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.files import write_atomically

MISTAKES = "mistakes.npy"


def save(mistakes: NDArray[np.int64], path: Path) -> None:
    """Write counts.

    Args:
        mistakes: int64 (scenes,).
        path: of the .npy file.

    Raises:
        OutputError: the file cannot be written.
    """
    data = io.BytesIO()
    np.save(data, mistakes)
    write_atomically(path, data.getbuffer())


def load(path: Path, scenes: int) -> NDArray[np.int64]:
    """Read what `save` wrote.

    Args:
        path: of the .npy file.
        scenes: how many there are.

    Raises:
        ModelError: the file is missing, damaged, or of fewer or more scenes.
    """
    again = "run `digitlab finder-mistakes` first"
    try:
        mistakes = np.load(path)
    except Exception as error:
        # a damaged file raises whatever its parser meets
        raise ModelError(f"{path}: no counts of mistakes ({error}); {again}") from error
    if mistakes.shape != (scenes,) or mistakes.dtype != np.int64:
        raise ModelError(f"{path}: counts mistakes of {mistakes.size} scenes, and there are {scenes}; {again}")
    return np.asarray(mistakes, np.int64)
