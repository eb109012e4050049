"""Where a finder is mistaken among the scenes that it learns from: the next training shows it those more often.

Hard negatives (Sung and Poggio 1998, https://doi.org/10.1109/34.655648) and digits that it misses alike.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitcam.recognition.params import LEAST_SCORE
from digitlab.evaluation.finder_match import match_scenes
from digitlab.scenes.pool import Pool

SMALL = 12.0  # pixels of a look: whether smaller ones are digits is left to closer looks


def count(model: Path, scenes: Path, processes: int | None = None) -> NDArray[np.int64]:
    """Count in every scene what is found and is no digit, and the digits that are missed, but for small ones.

    Args:
        model: the finder's .tflite file.
        scenes: a folder of a pool.
        processes: how many look at a time; None for one a core.

    Returns:
        int64 (scenes,).

    Raises:
        PoolError: there are no scenes.
    """
    matched = match_scenes(model, scenes, len(Pool(scenes)), "scenes", processes, turned=False)
    false = [sum(one.score >= LEAST_SCORE and one.height >= SMALL for one in scene.mistaken) for scene in matched]
    missed = [sum(one.score < LEAST_SCORE and one.height >= SMALL for one in scene.stands) for scene in matched]
    return np.add(false, missed)
