"""Plots in the page's colours, light or dark, or as a PNG in fixed ones."""

import io
import re
from html import escape
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.figure import Figure


class Palette(NamedTuple):
    """The colours to draw with."""

    ink: str
    muted: str
    blue: str
    red: str
    orange: str


# matplotlib knows no CSS variables: it draws with colours that nothing else uses, which are then replaced by them.
PAGE = Palette("#010a01", "#010a02", "#010a03", "#010a04", "#010a05")
LIGHT = Palette("#1c2230", "#626a7a", "#2b5fc7", "#c02a2a", "#d98211")


def style(colours: Palette) -> Any:  # noqa: ANN401 (what matplotlib takes as settings)
    """Give settings for `matplotlib.rc_context`."""
    return {
        "svg.fonttype": "none",  # text stays text: it can be searched, and has the page's font
        "svg.hashsalt": "digitlab",  # the same picture gives the same file
        "font.size": 11,
        "text.color": colours.ink,
        "axes.labelcolor": colours.ink,
        "axes.edgecolor": colours.muted,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": colours.muted,
        "grid.alpha": 0.25,
        "xtick.color": colours.muted,
        "ytick.color": colours.muted,
        "xtick.labelcolor": colours.ink,
        "ytick.labelcolor": colours.ink,
        "legend.frameon": False,
        "lines.linewidth": 2,
        "lines.markersize": 4,
    }


def new_figure(height: float, width: float = 5) -> Figure:
    """Make one of so many inches; 5 are narrow enough that a phone shows the text readably."""
    return Figure(figsize=(width, height), layout="constrained")


def svg(figure: Figure, name: str, summary: str) -> Markup:
    """Give inline SVG of a figure drawn in `PAGE`'s colours, which takes them from the page it stands in.

    Args:
        figure: what to draw.
        name: unique in the page.
        summary: what a screen reader reads out.
    """
    data = io.StringIO()
    bare: Any = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(data, format="svg", transparent=True, metadata=bare)
    return Markup(_inline(data.getvalue(), name, summary))  # noqa: S704  # matplotlib escapes what it draws


def png(figure: Figure) -> bytes:
    """Give a PNG file's content, on white."""
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=120, facecolor="white", metadata={"Software": None})
    return data.getvalue()


def _inline(text: str, name: str, summary: str) -> str:
    """Cut the XML preamble, make ids unique in the page, put CSS variables in place of colours."""
    text = text[text.index("<svg") :]
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    for variable, colour in PAGE._asdict().items():
        text = text.replace(colour, f"var(--{variable})")
    return text.replace("<svg", f'<svg class="chart" role="img" aria-label="{escape(summary)}"', 1)
