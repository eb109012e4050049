"""What is shipped to try digitcam on."""

import io

import numpy as np
from numpy.typing import NDArray

from digitcam.errors import DigitcamError
from digitcam.files import PACKAGE

SAMPLES = PACKAGE / "samples"


def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read crops and what each is: uint8 (500, 28, 28), as `normalize` makes them, and uint8 (500,), 50 of each digit.

    Raises:
        DigitcamError: they are missing.
    """
    with np.load(io.BytesIO(read_sample("digits.npz"))) as shipped:
        return shipped["images"], shipped["labels"]


def read_sample(name: str) -> bytes:
    """Read a shipped file.

    Raises:
        DigitcamError: it cannot be read.
    """
    path = SAMPLES / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise DigitcamError(
            f"{path}: cannot read a shipped sample: {error.strerror}; install digitcam again"
        ) from error
