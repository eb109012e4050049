"""The curves and bars of the finder's part of the report."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl

from digitlab.accuracy import Bin, percent
from digitlab.evaluation.finder_scenes import Group, Point
from digitlab.pages.plot import PAGE, new_figure, style, svg
from digitlab.reports import charts

_, MUTED, BLUE, RED, ORANGE = PAGE
_STYLE = style(PAGE)
LOSSES = {"score": BLUE, "box": RED, "turn": ORANGE, "cut": MUTED, "printed": MUTED, "digit": ORANGE}
DASHED = "printed", "digit"  # which have the colour of another


@mpl.rc_context(_STYLE)
def precision_recall(curve: Sequence[Point], least: float) -> str:
    """Precision against recall, the point that ships marked."""
    figure = new_figure(3.2)
    axes = figure.subplots()
    axes.plot([100 * p.recall for p in curve], [100 * p.precision for p in curve], "o-", color=BLUE)
    chosen = min(curve, key=lambda point: abs(point.score - least))
    axes.plot(100 * chosen.recall, 100 * chosen.precision, "o", color=RED, markersize=8, label=f"score {least:g}")
    axes.set_xlabel("recall, %")
    axes.set_ylabel("precision, %")
    axes.legend(loc="lower left")
    summary = f"Precision against recall; at {least:g} {percent(chosen.precision)} and {percent(chosen.recall)}"
    return svg(figure, "finder-curve", summary)


@mpl.rc_context(_STYLE)
def heights(groups: Sequence[Group]) -> str:
    """Recall and precision by height."""
    figure = new_figure(3.2)
    axes = figure.subplots()
    places = range(len(groups))
    for name, colour, shares in (
        ("recall", BLUE, [group.recall for group in groups]),
        ("precision", RED, [group.precision for group in groups]),
    ):
        known = [(place, 100 * share) for place, share in zip(places, shares, strict=True) if share is not None]
        axes.plot([place for place, _ in known], [share for _, share in known], "o-", color=colour, label=name)
    axes.set_xticks(list(places), [group.name.removeprefix("below ") for group in groups])
    axes.set_xlabel("height in a look, pixels, below")
    axes.set_ylabel("%")
    axes.legend(loc="lower right")
    return svg(figure, "finder-by-height", "Recall and precision by the height of a digit")


def calibration(bins: Sequence[Bin]) -> str:
    """How often a find is a digit, against its score, and how many finds there are with which score."""
    return f'<div class="pair">{charts.calibration(bins, "finder-reliability")}{_scores(bins)}</div>'


@mpl.rc_context(_STYLE)
def _scores(bins: Sequence[Bin]) -> str:
    figure = new_figure(3.2)
    axes = figure.subplots()
    axes.bar([100 * b.confidence for b in bins], [b.n for b in bins], width=4, color=BLUE)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.set_xlabel("score, %")
    axes.set_ylabel("finds")
    return svg(figure, "finder-scores", "How many finds there are with which score")


@mpl.rc_context(_STYLE)
def losses(history: Sequence[Mapping[str, float]]) -> str:
    """Each loss over the views."""
    figure = new_figure(3.2, width=7)
    axes = figure.subplots()
    views = [entry["views"] / 1000 for entry in history]
    for name, colour in LOSSES.items():
        dashes = "--" if name in DASHED else "-"
        axes.plot(views, [entry[name] for entry in history], dashes, color=colour, label=name)
    axes.set_xlabel("views, thousands")
    axes.set_ylabel("loss a digit")
    axes.set_ylim(bottom=0)
    axes.legend(ncols=len(LOSSES))
    return svg(figure, "finder-losses", "Losses of the finder over the views")
