"""Pages that are one file: what the report and the scores of a folder and of rendered frames are made of."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import jinja2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("digitlab.pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Section(NamedTuple):
    """A part of a page; what is HTML is `Markup`, and plain text is escaped."""

    title: str
    note: str
    body: str


class Tile(NamedTuple):
    """One figure at the top of a page, what it is, and more about it."""

    figure: str
    what: str
    more: str


def render(template: str, **values: object) -> Markup:
    """Fill in one of `templates/`, given without its suffix."""
    return Markup(_TEMPLATES.get_template(f"{template}.html").render(values))  # noqa: S704  # it was escaped there


def render_page(title: str, header: str, sections: Mapping[str, Section], command: str) -> bytes:
    """Make a whole page, which needs no other file and no network.

    Args:
        title: plain text, as is the command.
        header: stands below the title.
        sections: by their ids.
        command: that makes the page, for its foot.
    """
    return render("page", title=title, header=header, sections=sections, command=command).encode()


def tiles(shown: Iterable[Tile]) -> Markup:
    """Put figures side by side."""
    return render("tiles", tiles=shown)


def pair(left: str, right: str) -> Markup:
    """Put two charts side by side where there is room."""
    return render("pair", left=left, right=right)


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """Make a table whose first column names its rows."""
    return render("table", names=names, rows=rows)


def text_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Make the same table in Markdown, aligned so that a terminal shows it too."""
    cells = [names, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    aligned = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in cells
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (aligned[0], marks, *aligned[1:]))


def crop(image: NDArray[np.uint8], alt: str) -> Markup:
    """Show a picture as the network saw it: uint8 (28, 28), bright ink on black."""
    return render("crop", address=data_uri(png(image), "png"), alt=alt)


def png(image: NDArray[np.uint8]) -> bytes:
    """Give a grey picture as a PNG file's content."""
    data = io.BytesIO()
    Image.fromarray(image).save(data, "PNG", optimize=True)
    return data.getvalue()


def data_uri(data: bytes, kind: str) -> str:
    """Give the content of a picture file as an address."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
