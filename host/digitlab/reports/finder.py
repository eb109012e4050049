"""The finder's part of the report: what it finds of which kind, how well its boxes fit, and where it is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.model.card import load_card
from digitlab.accuracy import percent
from digitlab.evaluation import finder_figures
from digitlab.evaluation.finder_figures import GROUP, Evaluation, Worst, cells
from digitlab.pages.page import Section, data_uri, render, table
from digitlab.publishing.finder_card import EVALUATION
from digitlab.reports import finder_charts
from digitlab.scenes.pool import Pool
from digitlab.training import trained

QUALITY = 80  # of the JPEGs
LEGEND = {"read": "found", "missed": "missed", "spurious": "found where no digit stands"}
NONE = Markup("<p>There is none.</p>")
NO_HISTORY = Markup("<p>No history of the training was kept.</p>")
KINDS = {"found": "read", "missed": "missed", "false": "spurious"}  # the page's names for boxes so drawn


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What the report shows of a finder.

    Attributes:
        evaluation: on held-out scenes.
        history: of its training, an entry a part.
        scenes: the pictures of `evaluation.worst`, uint8 (h, w) each.
    """

    evaluation: Evaluation
    history: Sequence[Mapping[str, float]]
    scenes: Sequence[NDArray[np.uint8]]


def described(folder: Path, model: Path) -> Described | None:
    """Tell what is known of the published finder; None where it was not measured in `folder`.

    Raises:
        ModelError: what was measured is not the published one, or a file is damaged.
        PoolError: the scenes that it was measured on are gone.
    """
    if not (folder / EVALUATION).is_file():
        return None
    measured = finder_figures.load(folder / EVALUATION)
    if load_card(model).sha256 != measured.sha256:
        raise ModelError(f"{folder / EVALUATION}: not of {model}; run `digitlab finder-publish` first")
    pool = Pool(Path(measured.scenes))
    pictures = [pool[worst.scene].image for worst in measured.worst]
    return Described(measured, trained.history(folder, "finder"), pictures)


def sections(finder: Described | None) -> dict[str, Section]:
    """Give the report's sections about the finder, by their ids."""
    if finder is None:
        text = Markup("<p>This training has measured none: <code>digitlab finder-evaluate</code> does.</p>")
        return {"finder": Section("Finding digits", "The network that finds digits.", text)}
    measured = finder.evaluation
    about = Markup('Finder <code class="model">{}</code>, {:,} scenes that it did not learn from. ').format(
        measured.sha256[:12], measured.n
    )
    return {
        "finder": _found(measured, about),
        "finder-heights": _heights(measured, about),
        "finder-boxes": _boxes(measured, about),
        "finder-calibration": _calibration(measured, about),
        "finder-worst": _worst(finder, about),
        "finder-curves": _curves(finder.history, about),
    }


def _found(measured: Evaluation, about: Markup) -> Section:
    rows = [cells(group) for group in (measured.all, *measured.contents, *measured.kinds)]
    return Section(
        "Finding digits",
        about + f"By what stands in a scene, of finds that score {measured.least:g} or more. Recall: share of the "
        "digits that were found. Precision: share of the finds that are digits. The curve shows both for every score "
        "that might be asked for.",
        finder_charts.precision_recall(measured.curve, measured.least) + table(GROUP, rows),
    )


def _heights(measured: Evaluation, about: Markup) -> Section:
    rows = [cells(group) for group in measured.heights]
    return Section(
        "Finding by height",
        about + "By the height of a digit, or of what was taken for one, in pixels of the picture that the finder is "
        "shown.",
        finder_charts.heights(measured.heights) + table(("height, px", *GROUP[1:]), rows),
    )


def _boxes(measured: Evaluation, about: Markup) -> Section:
    rows = [
        [
            f"turned by {90 * turned}°",
            *(f"{count:,}" for count in row),
            percent(row[turned] / sum(row) if sum(row) else None),
        ]
        for turned, row in enumerate(measured.turns)
    ]
    names = ("said to be", "0°", "90°", "180°", "270°", "rightly")
    return Section(
        "Boxes and turns",
        about + "Overlap: intersection over union of a digit's box and the one that was found. Each scene was shown "
        "once more, turned counterclockwise.",
        table(("figure", ""), [list(row) for row in measured.figures()]) + table(names, rows),
    )


def _calibration(measured: Evaluation, about: Markup) -> Section:
    return Section(
        "Calibration of the score",
        about + f"Of the finds with a score of 0.8, 80 % should be digits. On average, score and share lie "
        f"{100 * measured.calibration_error:.2f} points apart (expected calibration error).",
        finder_charts.calibration(measured.bins),
    )


def _worst(finder: Described, about: Markup) -> Section:
    scenes = [_describe(*pair) for pair in zip(finder.evaluation.worst, finder.scenes, strict=True)]
    return Section(
        "Worst scenes",
        about + "Those with the most mistakes. Beside each find its score.",
        render("worst", kinds=LEGEND, names=KINDS, scenes=scenes) if scenes else NONE,
    )


def _describe(worst: Worst, picture: NDArray[np.uint8]) -> dict[str, object]:
    """Give what the page shows of a scene."""
    height, width = picture.shape
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    return {
        "title": f"scene {worst.scene}: {worst.mistakes} mistakes",
        "address": data_uri(jpeg, "jpeg"),
        "width": width,
        "height": height,
        "boxes": worst.boxes,
    }


def _curves(history: Sequence[Mapping[str, float]], about: Markup) -> Section:
    minutes = sum(entry["seconds"] for entry in history) / 60
    views = int(history[-1]["views"]) if history else 0
    return Section(
        "Training of the finder",
        about + f"{views:,} views in {minutes:.0f} minutes. Losses a digit, on what it learned from.",
        finder_charts.losses(history) if history else NO_HISTORY,
    )
