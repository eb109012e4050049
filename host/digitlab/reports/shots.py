"""Pictures with what was read in them drawn on, for a page: mistakes first, and below each what the network saw."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from digitcam.frame import Grey
from digitcam.labels import DIGITS, Labels
from digitcam.reading import Box, Digit, Reject
from digitlab.evaluation.match import Comparison, Counts
from digitlab.pages.page import crop, data_uri

Probabilities = Sequence[float] | NDArray[np.float32]
"""Of each digit or label, and of being none."""

SHOWN = 900  # pixels on the longer side: shows a digit of 3 % of the height; a page of 158 pictures takes 3 MB
QUALITY = 70  # of the JPEG
MANY = 24  # crops; a picture with more has the page's whole width
TALLEST, TALLEST_WIDE = 34, 60  # rem; a portrait picture is shown no higher
LEAST = 12  # rem; a thumbnail is shown this wide
REM = 16  # pixels, as browsers have it
CARD, WIDE = 540, 1100  # pixels, about the widths of a picture and of a wide one on a large screen

LEGEND = {
    "read": "read",
    "wrong": "read as another digit",
    "spurious": "read where no digit is",
    "missed": "missed: not found, with what it is",
    "refused": "missed: a digit, found and rejected",
    "dropped": "rejected",
}


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture as it is shown.

    Attributes:
        name: what it is called.
        size: (width, height) of the picture that was read; its boxes are in these pixels.
        jpeg: a JPEG file's content, shrunk.
        comparison: what was read and what it says.
        group: what it is counted with, or empty.
    """

    name: str
    size: tuple[int, int]
    jpeg: bytes
    comparison: Comparison
    group: str = ""

    @classmethod
    def of(cls, name: str, image: Grey, comparison: Comparison, group: str = "") -> Self:
        """Keep a picture, uint8 (height, width), small enough for a page of hundreds."""
        scale = min(1.0, SHOWN / max(image.shape))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        return cls(name, (image.shape[1], image.shape[0]), jpeg, comparison, group)


class _Mark(NamedTuple):
    """A box to draw: one of `LEGEND`'s kinds, where, and the words at it."""

    kind: str
    box: Box
    text: str


def legend() -> str:
    """What the boxes' colours and dashes mean."""
    swatch = '<svg class="swatch {}" viewBox="0 0 11 8" aria-hidden="true"><rect width="11" height="8"/></svg>'
    items = "".join(f"<li>{swatch.format(kind)}{text}</li>" for kind, text in LEGEND.items())
    return f'<ul class="legend">{items}</ul>'


def gallery(shots: Iterable[Shot]) -> str:
    """The pictures, those with the most mistakes first."""
    ranked = sorted(shots, key=lambda shot: -shot.comparison.counts.mistakes)
    return f'{legend()}{_AXIS}<div class="shots">{"".join(map(_card, ranked))}</div>'


def _card(shot: Shot) -> str:
    comparison = shot.comparison
    group = f" <small>{escape(shot.group)}</small>" if shot.group else ""
    crops = list(_crops(comparison))
    wide = len(crops) > MANY
    return (
        f'<article class="shot{" wide" if wide else ""}"><h3>{escape(shot.name)}{group}</h3>'
        f'<p>{_verdict(comparison)}</p>{_view(shot, wide=wide)}<div class="crops">{"".join(crops)}</div></article>'
    )


def _verdict(comparison: Comparison) -> str:
    """What became of the digits, and both texts where they differ."""
    said = f"{_summary(comparison.counts)}."
    reasons = Counter(reject.reason for reject in comparison.reading.rejected).most_common()
    if reasons:
        said += " Rejected: " + ", ".join(f"{count} {escape(reason)}" for reason, count in reasons) + "."
    if comparison.exact or not comparison.truth.ordered:
        return said
    label, text = (escape(" / ".join(lines)) or "nothing" for lines in (comparison.truth.lines, comparison.lines))
    return f"{said}<br>is <code>{label}</code>, read <code>{text}</code>"


def _summary(counts: Counts) -> str:
    if not counts.labelled:
        return f"no digits, {counts.spurious} read" if counts.spurious else "no digits, none read"
    if not counts.mistakes:
        return f"all {counts.labelled} read" if counts.labelled > 1 else "read"
    parts = [f"{counts.read} of {counts.labelled} read"]
    parts += [f"{n} {what}" for n, what in ((counts.wrong, "wrong"), (counts.missed, "missed")) if n]
    if counts.rejected:
        parts[-1] += f" ({counts.rejected} of them found and rejected)"
    if counts.spurious:
        parts.append(f"{counts.spurious} read where no digit is")
    return ", ".join(parts)


def _view(shot: Shot, *, wide: bool) -> str:
    """The picture with its boxes."""
    width, height = shot.size
    highest = (TALLEST_WIDE if wide else TALLEST) * width / height
    shown = min(max(width, LEAST * REM), highest * REM, WIDE if wide else CARD)
    marks = "".join(_draw(mark, width, width / shown) for mark in _marks(shot.comparison))
    alt = f"{shot.name}: {_summary(shot.comparison.counts)}"
    return (
        f'<div class="view" style="width:min(max({width}px,{LEAST}rem),{highest:.1f}rem)">'
        f'<img src="{data_uri(shot.jpeg, "jpeg")}" alt="{escape(alt)}">'
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">{marks}</svg></div>'
    )


def _marks(comparison: Comparison) -> Iterator[_Mark]:
    """What was rejected comes first, so that what was read lies on top."""
    reading, targets = comparison.reading, comparison.truth.targets or ()
    refused = {reject: i for i, reject in comparison.rejected_as.items()}
    for j, reject in enumerate(reading.rejected):
        if j in refused:
            yield _Mark("refused", reject.box, f"{comparison.digits[refused[j]]}: {reject.reason}")
        else:
            yield _Mark("dropped", reject.box, reject.reason if reject.crop is not None else "")
    for i, target in enumerate(targets):
        if i not in comparison.read_as and i not in comparison.rejected_as:
            yield _Mark("missed", target.box, target.label)
    for digit, shown in comparison.pairs():
        kind = "spurious" if shown is None else "read" if shown == digit.label else "wrong"
        yield _Mark(kind, digit.box, f"{digit.label}?" if shown is None else f"{digit.label}{_instead(digit, shown)}")


def _instead(digit: Digit, shown: str | None) -> str:
    if shown is None:
        return ", none"
    return "" if shown == digit.label else f", is {shown}"


def _draw(mark: _Mark, width: int, pixel: float) -> str:
    """A box and its words, in a picture so wide; `pixel` is one of the screen's, in those of the picture."""
    x, y, w, h = mark.box
    size = max(6 * pixel, min(0.4 * h, 12 * pixel, 2 * w / max(len(mark.text), 1) + 4 * pixel))
    above = y - 0.25 * size if y > 1.3 * size else y + h + size
    # words at the right edge run to the left, so that they stay in the picture
    place = f'x="{x}"' if x < 0.75 * width else f'x="{x + w}" text-anchor="end"'
    text = f'<text {place} y="{above:.0f}" font-size="{size:.1f}">{escape(mark.text)}</text>' if mark.text else ""
    return f'<g class="{mark.kind}"><rect x="{x}" y="{y}" width="{w}" height="{h}"/>{text}</g>'


def _crops(comparison: Comparison) -> Iterator[str]:
    """What the network saw and made of it: the digits in reading order, then what was rejected."""
    labels = comparison.reading.labels
    for digit, shown in comparison.pairs():
        kind = "hit" if shown == digit.label else "miss"
        none = max(0.0, 1 - float(digit.probabilities.sum()))
        sure = f"{100 * digit.confidence:.0f} %"
        yield _cell(
            kind, digit.crop, f"{digit.label}{_instead(digit, shown)}", sure, [*digit.probabilities, none], labels
        )
    refused = {reject: i for i, reject in comparison.rejected_as.items()}
    for j, reject in enumerate(comparison.reading.rejected):
        if reject.crop is not None:
            text = f"{reject.reason}, is {comparison.digits[refused[j]]}" if j in refused else reject.reason
            yield _cell("no", reject.crop, text, _at_best(reject, labels), reject.probabilities, labels)


def _at_best(reject: Reject, labels: Labels) -> str:
    """The digit that it is most likely to be."""
    if reject.probabilities is None:
        return ""
    best = int(reject.probabilities[:-1].argmax())
    return f"at best {labels.texts[best]}: {100 * reject.probabilities[best]:.0f}\u00a0%"


def _cell(
    kind: str, seen: NDArray[np.uint8], text: str, sure: str, probabilities: Probabilities | None, labels: Labels
) -> str:
    bars = "" if probabilities is None else _bars(probabilities, labels)
    return (
        f'<figure class="{kind}">{crop(seen, f"what the network saw: {text}")}{bars}'
        f"<figcaption><b>{escape(text)}</b><br><small>{sure}</small></figcaption></figure>"
    )


_HIGH = 5  # of a bar for a probability of 1, in widths of a bar
_SHOWN = 10  # labels, the likeliest; and that it is none
_LINE = f'y="{_HIGH + 1.4}" x="{" ".join(f"{i + 0.5:g}" for i in range(_SHOWN + 1))}"'
_AXIS = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    f'<text id="classes" {_LINE}>0123456789x</text></defs></svg>'
)


def _bars(probabilities: Probabilities, labels: Labels) -> str:
    """A bar for each of the likeliest labels and for none of them."""
    shares = np.asarray(probabilities, np.float64)
    shown = [*sorted(np.argsort(-shares[:-1], kind="stable")[:_SHOWN].tolist()), len(shares) - 1]
    best = shown.index(int(shares.argmax()))

    def bar(i: int) -> str:
        return f"M{i + 0.1:g} {_HIGH}v-{max(_HIGH * shares[shown[i]], 0.08):.2f}h.8V{_HIGH}z"

    names = [*labels.texts, labels.none]
    likely = [i for i in np.argsort(-shares, kind="stable")[:3] if shares[i] >= 0.005]  # noqa: PLR2004 (shown as 0 %)
    summary = escape(", ".join(f"{names[i]} {100 * shares[i]:.0f} %" for i in likely))
    under = "".join(labels.texts[i][0] for i in shown[:-1]) + "x"
    axis = '<use href="#classes"/>' if labels == DIGITS else f"<text {_LINE}>{escape(under)}</text>"
    return (
        f'<svg class="bars" viewBox="0 0 {len(shown)} {_HIGH + 1.6}" role="img" aria-label="{summary}">'
        f"<title>{summary}</title>"
        f'<path d="{"".join(bar(i) for i in range(len(shown)) if i != best)}"/><path class="best" d="{bar(best)}"/>'
        f"{axis}</svg>"
    )
