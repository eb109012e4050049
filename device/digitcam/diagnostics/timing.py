"""Times of many runs -> the figures that people expect of a benchmark."""

from collections.abc import Sequence

import numpy as np

QUANTILES = {"p50": 50, "p90": 90, "p99": 99, "max": 100}
FIGURES = ("mean", "sd", *QUANTILES, "per_second")
BLOCKS = 8  # that a run is cut into, to see whether its end is as its beginning


def summarize(ms: Sequence[float]) -> dict[str, float]:
    """Give `FIGURES` of times in milliseconds: mean, standard deviation, quantiles, and how many fit into a second."""
    values = np.asarray(ms, np.float64)
    mean = float(values.mean())
    quantiles = np.percentile(values, list(QUANTILES.values()))
    return {
        "mean": round(mean, 4),
        "sd": round(float(values.std(ddof=1)) if len(values) > 1 else 0.0, 4),
        **{name: round(float(value), 4) for name, value in zip(QUANTILES, quantiles, strict=True)},
        "per_second": round(1000 / mean, 2),
    }


def measure_spread(ms: Sequence[float]) -> dict[str, float]:
    """Tell how far the medians of `BLOCKS` equal parts of a run lie apart.

    Returns:
        `blocks`, the lowest and highest median in milliseconds, and their distance as a `share` of the whole's median.
    """
    medians = [float(np.median(part)) for part in np.array_split(np.asarray(ms, np.float64), BLOCKS)]
    low, high = min(medians), max(medians)
    share = (high - low) / float(np.median(ms))
    return {"blocks": BLOCKS, "low_ms": round(low, 4), "high_ms": round(high, 4), "share": round(share, 4)}
