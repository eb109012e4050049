"""Reads pictures of any kind."""

from pathlib import Path

from digitcam.api.opening import opened, settings_of
from digitcam.api.pictures import Picture, open_picture
from digitcam.api.reading import PictureReading
from digitcam.config import Runtime
from digitcam.recognition import reader


class Reader(reader.Reader):
    r"""Reads digits in pictures, one after another; made once, it loads both networks.

    >>> from digitcam import Reader
    >>> reader = Reader()
    >>> reader.read("page.jpg").text
    '46273\n59081'

    Not for two threads at once: each takes a reader of its own.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        min_confidence: float | None = None,
        runtime: Runtime | None = None,
        config: str | Path | None = None,
    ) -> None:
        """Load both networks; what is worth knowing of a model of one's own comes as a warning.

        >>> careful = Reader(min_confidence=0.9)

        Args:
            model: a .tflite file of one's own.
            min_confidence: below which a place is rejected, 0 to 1.
            runtime: what runs the networks.
            config: a TOML file with these and other settings; arguments go before the environment, that before it.

        Raises:
            ModelError: a model or its card is missing, damaged or of a kind that cannot be read with.
            ConfigError: a setting is unknown, of the wrong type or out of range.
            RuntimeMissingError: no TFLite runtime works here.
        """
        settings = settings_of(config, model_path=model, model_min_confidence=min_confidence, model_runtime=runtime)
        made = opened(settings, stacklevel=2)
        super().__init__(made.finder, made.classifier, settings.find, settings.model.min_confidence)

    def read(self, image: Picture) -> PictureReading:
        """Read every digit of a picture.

        >>> import numpy as np
        >>> reader.read(np.full((480, 640), 255, np.uint8)).text
        ''

        Args:
            image: a path, of whose pages the first is read; a Pillow image; or an array of grey levels
                (height, width), of colours (height, width, 3), red or blue first, or with opacity (height, width, 4),
                in 0..255 or, as float, in 0..1.

        Raises:
            ImageError: it cannot be read, or may be meant in two ways; the message says what to do.
            TypeError: it is no picture at all.
        """
        levels, hues, origin = open_picture(image)
        return PictureReading.of(self.read_colours(levels, hues), levels, origin)
