"""Plots of the rendered benchmark: what each condition costs, and the operating curve."""

from collections.abc import Callable

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes

from digitlab.evaluation.operating_curve import WRONG
from digitlab.evaluation.rendered import Benchmark
from digitlab.pages.plot import LIGHT, PAGE, Palette, new_figure, png, style, svg

LEAST = 0.04  # percent; the logarithmic scale's lower end, where what never happens lies
CLOSE = 0.06  # thresholds nearer to each other than this have no room for words between them
ROW = 0.26  # inches of a condition's bar


def both(benchmark: Benchmark) -> bytes:
    """Plot both as a PNG file's content."""
    with mpl.rc_context(style(LIGHT)):
        figure = new_figure(max(4.5, 1.2 + ROW * len(benchmark.rows)), 11)
        left, right = figure.subplots(1, 2)
        _draw_losses(left, benchmark, LIGHT)
        _draw_curve(right, benchmark, LIGHT)
        return png(figure)


def losses(benchmark: Benchmark) -> Markup:
    """Plot what was not read of each condition, as SVG."""
    text = ", ".join(f"{row.condition} {100 * row.read / row.digits:.1f} %" for row in benchmark.rows if row.digits)
    return _alone(_draw_losses, benchmark, 1.2 + ROW * len(benchmark.rows), "losses", f"Digits read: {text}")


def curve(benchmark: Benchmark) -> Markup:
    """Read, wrong and rejected over the threshold, as SVG."""
    least = benchmark.least
    summary = (
        f"Digits read, wrong and rejected over the threshold; from {least.threshold:g} on, {100 * least.wrong:.2f} % "
        f"are wrong and {100 * least.rejected:.2f} % rejected"
    )
    return _alone(_draw_curve, benchmark, 4.5, "operating", summary)


def _alone(
    draw: Callable[[Axes, Benchmark, Palette], None], benchmark: Benchmark, height: float, name: str, summary: str
) -> Markup:
    with mpl.rc_context(style(PAGE)):
        figure = new_figure(height)
        draw(figure.subplots(), benchmark, PAGE)
        return svg(figure, name, summary)


def _draw_losses(axes: Axes, benchmark: Benchmark, colours: Palette) -> None:
    rows = [row for row in (*benchmark.rows, benchmark.total) if row.digits]
    names = [row.condition for row in rows]
    parts = {
        "wrong": (colours.red, [row.wrong for row in rows]),
        "rejected": (colours.orange, [row.rejected for row in rows]),
        "not found": (colours.muted, [row.missed - row.rejected for row in rows]),
    }
    ends = [0.0] * len(rows)
    for label, (colour, counts) in parts.items():
        widths = [100 * count / row.digits for count, row in zip(counts, rows, strict=True)]
        axes.barh(names, widths, left=ends, color=colour, height=0.7, label=label)
        ends = [end + width for end, width in zip(ends, widths, strict=True)]
    for name, end, row in zip(names, ends, rows, strict=True):
        text = f"{100 * row.read / row.digits:.1f} % read"
        axes.annotate(text, (end, name), (4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.35 * max(*ends, 1))
    axes.set_xlabel("digits not read, %")
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, fontsize=9)


def _draw_curve(axes: Axes, benchmark: Benchmark, colours: Palette) -> None:
    thresholds = [100 * point.threshold for point in benchmark.curve]
    lines = {
        "read": (colours.blue, "-", [point.read for point in benchmark.curve]),
        "wrong": (colours.red, "-", [point.wrong for point in benchmark.curve]),
        "rejected": (colours.orange, "-", [point.rejected for point in benchmark.curve]),
        "non-digits read": (colours.muted, "-.", [point.clutter_read or 0 for point in benchmark.curve]),
    }
    for label, (colour, dash, values) in lines.items():
        axes.plot(thresholds, [max(100 * value, LEAST) for value in values], dash, color=colour, label=label)
    marks = sorted([(benchmark.shipped.threshold, "as set"), (benchmark.least.threshold, f"{100 * WRONG:g} % wrong")])
    for at, (threshold, name) in enumerate(marks):
        # both stand to the left of their lines, where the curves are flat, but for lines that are close
        right = at == 1 and threshold - marks[0][0] < CLOSE
        axes.axvline(100 * threshold, color=colours.ink, linewidth=1, linestyle=":")
        axes.annotate(
            f"{name}: {100 * threshold:g} %", (100 * threshold, LEAST), (3 if right else -3, 4), rotation=90,
            textcoords="offset points", ha="left" if right else "right", va="bottom", fontsize=9,
        )  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(LEAST, 130)
    axes.set_xlim(0, 100)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("reject below this confidence, %")
    axes.set_ylabel("share, %, logarithmic")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize=9, handlelength=1.5, columnspacing=1)
