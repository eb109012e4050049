"""Pages that are one file: what the report and the scores of a folder and of rendered frames are made of."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from string import Template
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitlab.pages.style import STYLE

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="icon" href="data:,">
<style>$style</style>
</head>
<body>
<header>
<h1>$title</h1>
$header
<nav aria-label="Sections">$nav</nav>
</header>
<main>
$sections
<footer>Made by <code>$command</code>.</footer>
</main>
</body>
</html>
""")
_SECTION = Template("""<section id="$name">
<h2>$title</h2>
<p class="note">$note</p>
$body
</section>""")


class Section(NamedTuple):
    """A part of a page; all but the title is HTML."""

    title: str
    note: str
    body: str


class Tile(NamedTuple):
    """One figure at the top of a page, what it is, and more about it."""

    figure: str
    what: str
    more: str


def render_page(title: str, header: str, sections: Mapping[str, Section], command: str) -> bytes:
    """A whole page, which needs no other file and no network.

    Args:
        title: plain text.
        header: HTML.
        sections: by their ids.
        command: what makes the page, for its foot.
    """
    html = _PAGE.substitute(
        title=escape(title),
        style=STYLE,
        header=header,
        nav=" ".join(f'<a href="#{name}">{section.title}</a>' for name, section in sections.items()),
        sections="\n".join(_SECTION.substitute(section._asdict(), name=name) for name, section in sections.items()),
        command=escape(command),
    )
    return html.encode()


def tiles(shown: Iterable[Tile]) -> str:
    """Figures side by side."""
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile"><b>{figure}</b><strong>{what}</strong><br><span>{more}</span></div>'
            for figure, what, more in shown
        )
        + "</div>"
    )


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column names its rows."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return (
        f'<div class="scroll"><table class="figures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def text_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same table in Markdown, aligned so that a terminal shows it too."""
    cells = [names, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    aligned = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in cells
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (aligned[0], marks, *aligned[1:]))


def crop(image: NDArray[np.uint8], alt: str) -> str:
    """A picture as the network saw it: uint8 (28, 28), bright ink on black."""
    return f'<span class="picture"><img src="{data_uri(png(image), "png")}" alt="{escape(alt)}"></span>'


def png(image: NDArray[np.uint8]) -> bytes:
    """A grey picture as a PNG file's content."""
    data = io.BytesIO()
    Image.fromarray(image).save(data, "PNG", optimize=True)
    return data.getvalue()


def data_uri(data: bytes, kind: str) -> str:
    """The content of a picture file as an address."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
