"""The digit that is usual on a page: what is much smaller, fainter or longer is none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitcam.blob import Blob

WIDEST = 2.2  # width / height; the widest 0, 2 or 5 of a careless hand
SLENDER = 0.2  # width / height of a bare stroke
SMALL = 0.3  # of the page's usual digit height: below it, a component is a dot or dust
FAINT = 0.45  # of the page's usual ink: below it, a component shows through or is dust
EDGE_SHARE = 0.5  # of its own size: a component that lies along the frame's edge so far is a border, not a digit


def usual_of(blobs: Sequence[Blob], shape: tuple[int, ...]) -> tuple[float, float]:
    """Height and ink strength of the page's usual digit: medians of what is large and dark, so that dust has no say."""
    within = [blob for blob in blobs if blob.box.w <= WIDEST * blob.box.h and not lies_along_edge(blob, shape)]
    strokes = [blob for blob in within if blob.box.w <= SLENDER * blob.box.h]
    tall = [blob for blob in within if blob.box.w > SLENDER * blob.box.h]
    if not tall or _is_dust(tall, strokes):
        tall = strokes
    if not tall:
        return 0.0, 0.0
    heights = np.array([blob.box.h for blob in tall], np.float64)
    strengths = np.array([blob.strength for blob in tall])
    weights = (heights * strengths) ** 2
    return weighted_quantile(heights, weights, 0.5), weighted_quantile(strengths, weights, 0.5)


def _is_dust(blobs: Sequence[Blob], strokes: Sequence[Blob]) -> bool:
    """Whether all is faint and small beside a bare stroke, as specks are beside a lone 1."""
    darkest = max(strokes, key=lambda blob: blob.strength, default=None)
    return darkest is not None and all(
        blob.strength < FAINT * darkest.strength and blob.box.h < SMALL * darkest.box.h for blob in blobs
    )


def weighted_quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """The value that `share` of the weight lies below."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])


def lies_along_edge(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Whether a blob runs along an edge of the frame, as the border of a sheet or a box does."""
    x, y, w, h = blob.box
    contacts = [
        np.count_nonzero(blob.ink[:, :2].any(axis=1)) if x <= 1 else 0,
        np.count_nonzero(blob.ink[:, -2:].any(axis=1)) if x + w >= shape[1] - 1 else 0,
        np.count_nonzero(blob.ink[:2].any(axis=0)) if y <= 1 else 0,
        np.count_nonzero(blob.ink[-2:].any(axis=0)) if y + h >= shape[0] - 1 else 0,
    ]
    across, down = max(contacts[2:]), max(contacts[:2])
    return bool(across > EDGE_SHARE * max(w, h / 2) or down > EDGE_SHARE * max(h, w / 2))
