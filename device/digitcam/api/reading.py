"""A reading with its picture: it draws itself, as a file, in a notebook, and as JSON."""

import base64
from dataclasses import dataclass, fields
from html import escape
from typing import Self

import cv2
from PIL import Image

from digitcam import wire
from digitcam.annotate import annotate, draw
from digitcam.frame import Grey, Origin
from digitcam.reading import Reading


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PictureReading(Reading):
    r"""What was read in a picture.

    >>> reading = Reader().read("page.jpg")
    >>> reading.text
    '46273\n59081'
    >>> [digit.confidence > 0.9 for digit in reading.digits[:3]]
    [True, True, True]

    Attributes:
        image: the picture as it was read, uint8 (height, width).
        origin: the file it comes from; None for an array, and for a moment of a film or from a camera.
    """

    image: Grey
    origin: Origin | None = None

    @classmethod
    def of(cls, reading: Reading, image: Grey, origin: Origin | None) -> Self:
        """Put a reading and its picture together."""
        read = {field.name: getattr(reading, field.name) for field in fields(Reading)}
        return cls(**read, image=image, origin=origin)

    def annotated(self) -> Image.Image:
        """Draw the picture with what was found on it, in colour; below it what the network saw.

        >>> reading.annotated().save("annotated.png")
        """
        return Image.fromarray(cv2.cvtColor(draw(self.image, self), cv2.COLOR_BGR2RGB))

    def to_json(self) -> str:
        """Give the line that `digitcam read --json` prints; an array has no `image` in it.

        >>> json.loads(reading.to_json())["digits"][0]["digit"]
        4
        """
        kind = wire.PictureReading if self.origin else wire.ReadingRecord
        return wire.to_line(wire.to_wire(kind, self, origin=self.origin))

    def __str__(self) -> str:
        """Give what was read."""
        return self.text

    def __repr__(self) -> str:
        """Give the text, and how much was read and rejected."""
        return f"<PictureReading {self.text!r}: {len(self.digits)} read, {len(self.rejected)} rejected>"

    def _repr_png_(self) -> bytes:
        """Draw it for a notebook."""
        return annotate(self.image, self)

    def _repr_html_(self) -> str:
        """Show the text, so that it can be copied, and the annotated picture, in a notebook."""
        picture = base64.b64encode(self._repr_png_()).decode()
        text = escape(self.text or self.labels.nothing)
        return f'<pre>{text}</pre><img alt="{text}" style="max-width:100%" src="data:image/png;base64,{picture}">'
