"""The finder's part of the report: what it finds of which kind, how well its boxes fit, and where it is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.errors import ModelError
from digitcam.model.card import load_card
from digitlab.accuracy import percent
from digitlab.evaluation import finder_scenes
from digitlab.evaluation.finder_scenes import GROUP, Evaluation, Worst, cells
from digitlab.pages.page import Section, data_uri, table
from digitlab.publishing.finder_card import EVALUATION
from digitlab.reports import finder_charts
from digitlab.scenes.pool import Pool
from digitlab.training import trained

QUALITY = 80  # of the JPEGs
LEGEND = {"read": "found", "missed": "missed", "spurious": "found where no digit stands"}
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
    """What is known of the published finder; None where it was not measured in `folder`.

    Raises:
        ModelError: what was measured is not the published one, or a file is damaged.
        PoolError: the scenes that it was measured on are gone.
    """
    if not (folder / EVALUATION).is_file():
        return None
    measured = finder_scenes.load(folder / EVALUATION)
    if load_card(model).sha256 != measured.sha256:
        raise ModelError(f"{folder / EVALUATION}: not of {model}; run `digitlab finder-publish` first")
    pool = Pool(Path(measured.scenes))
    pictures = [pool[worst.scene].image for worst in measured.worst]
    return Described(measured, trained.history(folder, "finder"), pictures)


def sections(finder: Described | None) -> dict[str, Section]:
    """The report's sections about the finder, by their ids."""
    if finder is None:
        text = "<p>This training has measured none: <code>digitlab finder-evaluate</code> does.</p>"
        return {"finder": Section("Finding digits", "The network that finds digits.", text)}
    measured = finder.evaluation
    about = (
        f'Finder <code class="model">{measured.sha256[:12]}</code>, {measured.n:,} scenes that it did not learn from.'
    )
    return {
        "finder": _found(measured, about),
        "finder-heights": _heights(measured, about),
        "finder-boxes": _boxes(measured, about),
        "finder-calibration": _calibration(measured, about),
        "finder-worst": _worst(finder, about),
        "finder-curves": _curves(finder.history, about),
    }


def _found(measured: Evaluation, about: str) -> Section:
    rows = [cells(group) for group in (measured.all, *measured.contents, *measured.kinds)]
    return Section(
        "Finding digits",
        f"{about} By what stands in a scene, of finds that score {measured.least:g} or more. Recall: share of the "
        "digits that were found. Precision: share of the finds that are digits. The curve shows both for every score "
        "that might be asked for.",
        finder_charts.precision_recall(measured.curve, measured.least) + table(GROUP, rows),
    )


def _heights(measured: Evaluation, about: str) -> Section:
    rows = [cells(group) for group in measured.heights]
    return Section(
        "Finding by height",
        f"{about} By the height of a digit, or of what was taken for one, in pixels of the picture that the finder is "
        "shown.",
        finder_charts.heights(measured.heights) + table(("height, px", *GROUP[1:]), rows),
    )


def _boxes(measured: Evaluation, about: str) -> Section:
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
        f"{about} Overlap: intersection over union of a digit's box and the one that was found. Each scene was shown "
        "once more, turned counterclockwise.",
        table(("figure", ""), [list(row) for row in measured.figures()]) + table(names, rows),
    )


def _calibration(measured: Evaluation, about: str) -> Section:
    return Section(
        "Calibration of the score",
        f"{about} Of the finds with a score of 0.8, 80 % should be digits. On average, score and share lie "
        f"{100 * measured.calibration_error:.2f} points apart (expected calibration error).",
        finder_charts.calibration(measured.bins),
    )


def _worst(finder: Described, about: str) -> Section:
    swatch = '<svg class="swatch {}" viewBox="0 0 11 8" aria-hidden="true"><rect width="11" height="8"/></svg>'
    legend = "".join(f"<li>{swatch.format(kind)}{text}</li>" for kind, text in LEGEND.items())
    shown = "".join(_shot(*pair) for pair in zip(finder.evaluation.worst, finder.scenes, strict=True))
    return Section(
        "Worst scenes",
        f"{about} Those with the most mistakes. Beside each find its score.",
        f'<ul class="legend">{legend}</ul><div class="shots">{shown}</div>' if shown else "<p>There is none.</p>",
    )


def _shot(worst: Worst, picture: NDArray[np.uint8]) -> str:
    height, width = picture.shape
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    text = f"scene {worst.scene}: {worst.mistakes} mistakes"
    marks = ""
    for box in worst.boxes:
        x0, y0, x1, y1 = box.box
        score = "" if box.kind == "missed" else f'<text x="{x0}" y="{y0 - 1:.1f}" font-size="8">{box.score:.2f}</text>'
        rect = f'<rect x="{x0}" y="{y0}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"/>'
        marks += f'<g class="{KINDS[box.kind]}">{rect}{score}</g>'
    return (
        f'<article class="shot"><h3>{text}</h3><div class="view"><img src="{data_uri(jpeg, "jpeg")}" '
        f'alt="{escape(text)}"><svg viewBox="0 0 {width} {height}" aria-hidden="true">{marks}</svg></div></article>'
    )


def _curves(history: Sequence[Mapping[str, float]], about: str) -> Section:
    minutes = sum(entry["seconds"] for entry in history) / 60
    views = int(history[-1]["views"]) if history else 0
    return Section(
        "Training of the finder",
        f"{about} {views:,} views in {minutes:.0f} minutes. Losses a digit, on what it learned from.",
        finder_charts.losses(history) if history else "<p>No history of the training was kept.</p>",
    )
