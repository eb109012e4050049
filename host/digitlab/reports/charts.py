"""The report's curves and bars."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from digitlab.accuracy import Bin, wilson
from digitlab.evaluation.variants import Variant
from digitlab.pages.plot import PAGE, new_figure, style, svg

_, MUTED, BLUE, RED, _ = PAGE
_STYLE = style(PAGE)


@mpl.rc_context(_STYLE)
def loss_curves(history: Sequence[Mapping[str, float]], learned: str) -> str:
    """Loss on what is learned, which is called so, and validation loss over the epochs."""
    epochs = [int(entry["epoch"]) for entry in history]
    figure = new_figure(3.2)
    axes = figure.subplots()
    axes.plot(epochs, [entry["loss"] for entry in history], "o-", color=MUTED, label=learned)
    axes.plot(epochs, [entry["val_loss"] for entry in history], "o-", color=BLUE, label="validation")
    axes.set_ylim(bottom=0)
    axes.legend()
    _over_epochs(axes, "loss")
    return svg(figure, "loss", "Loss and validation loss over the epochs")


@mpl.rc_context(_STYLE)
def accuracy_curve(history: Sequence[Mapping[str, float]]) -> str:
    """Validation accuracy over the epochs, the best one marked."""
    epochs = [int(entry["epoch"]) for entry in history]
    shares = [100 * entry["val_accuracy"] for entry in history]
    best = max(range(len(shares)), key=shares.__getitem__)
    summary = f"Validation accuracy over the epochs; best {shares[best]:.2f} % in epoch {epochs[best]}"
    figure = new_figure(3.2)
    axes = figure.subplots()
    axes.plot(epochs, shares, "o-", color=BLUE)
    best_one = f"best: {shares[best]:.2f} %, epoch {epochs[best]}"
    axes.plot(epochs[best], shares[best], "o", color=RED, markersize=8, label=best_one)
    axes.legend(loc="lower right")
    _over_epochs(axes, "validation accuracy, %")
    return svg(figure, "accuracy", summary)


@mpl.rc_context(_STYLE)
def sizes(variants: Sequence[Variant]) -> str:
    """Bytes of each variant as bars."""
    kilobytes = [variant.size / 1000 for variant in variants]
    text = ", ".join(f"{v.name} {kb:.1f} kB" for v, kb in zip(variants, kilobytes, strict=True))
    figure = new_figure(2.2)
    axes = figure.subplots()
    bars = axes.barh([variant.name for variant in variants], kilobytes, color=BLUE, height=0.6)
    axes.bar_label(bars, fmt="%.1f kB", padding=4)
    axes.set_xlim(0, 1.25 * max(kilobytes))
    axes.set_xlabel("size, kB")
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    return svg(figure, "sizes", f"Size of each variant: {text}")


@mpl.rc_context(_STYLE)
def accuracies(variants: Sequence[Variant]) -> str:
    """Accuracy of each variant with its 95 % interval; one that could not be read has its name and no point."""
    read = [(variant.name, variant.score) for variant in variants if variant.score]
    text = ", ".join(f"{name} {100 * score.accuracy:.2f} %" for name, score in read)
    figure = new_figure(2.2)
    axes = figure.subplots()
    rows = {variant.name: row for row, variant in enumerate(variants)}
    for name, score in read:
        share, (low, high) = 100 * score.accuracy, (100 * limit for limit in score.interval)
        axes.plot([low, high], [rows[name]] * 2, color=BLUE, linewidth=6, alpha=0.35, solid_capstyle="round")
        axes.plot(share, rows[name], "o", color=BLUE, markersize=8)
        axes.annotate(f"{share:.2f} %", (share, rows[name]), (0, 9), textcoords="offset points", ha="center")
    axes.set_yticks(list(rows.values()), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.set_xlabel("accuracy, %, with its 95 % interval")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.grid(visible=False, axis="y")
    return svg(figure, "accuracies", f"Accuracy of each variant with its 95 % interval: {text}")


@mpl.rc_context(_STYLE)
def calibration(bins: Sequence[Bin], name: str = "calibration", title: str = "") -> str:
    """Reliability plot: how often a reading is right, against how sure it was; `name` is unique in the page."""
    figure = new_figure(3.2)
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], "--", color=MUTED, linewidth=1.5, label="perfectly calibrated")
    for b in bins:
        low, high = (100 * limit for limit in wilson(b.right, b.n))
        axes.plot([100 * b.confidence] * 2, [low, high], color=BLUE, alpha=0.35, linewidth=4)
    shares = [100 * b.right / b.n for b in bins]
    axes.plot([100 * b.confidence for b in bins], shares, "o", color=BLUE, markersize=6, label="model, 95 % interval")
    axes.set_ylabel("right, %")
    axes.set_ylim(-3, 103)
    axes.legend(loc="lower right")
    axes.set_title(title)
    _over_confidence(axes)
    return svg(figure, name, f"Share of right readings against their confidence {title}".rstrip())


@mpl.rc_context(_STYLE)
def confidences(bins: Sequence[Bin]) -> str:
    """How many pictures were read how surely."""
    figure = new_figure(3.2)
    axes = figure.subplots()
    axes.bar([100 * b.confidence for b in bins], [b.n for b in bins], width=4, color=BLUE)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylabel("pictures")
    _over_confidence(axes)
    return svg(figure, "confidences", "How many pictures were read with which confidence")


def _over_epochs(axes: Axes, label: str) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlim(0.5, axes.get_xlim()[1])


def _over_confidence(axes: Axes) -> None:
    axes.set_xlabel("confidence, %")
    axes.set_xlim(0, 103)
