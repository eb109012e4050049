"""What a script sets, by argument, else in the environment, else in the file; and the networks that takes."""

import os
import warnings
from pathlib import Path

from digitcam.config import PREFIX, Config, load
from digitcam.recognition.reader import Reader, open_reader


def settings_of(config: str | Path | None, **settings: object) -> Config:
    """Read the settings as the command line does.

    Args:
        config: a TOML file.
        settings: by section and key, as `model_path`; None leaves one as it is.

    Raises:
        ConfigError: a setting is unknown, of the wrong type or out of range.
    """
    given = {f"{PREFIX}{name}".upper(): str(value) for name, value in settings.items() if value is not None}
    return load(Path(config) if config else None, {**os.environ, **given})


def opened(settings: Config, stacklevel: int) -> Reader:
    """Load both networks, and warn of what is worth knowing of them.

    Args:
        settings: which.
        stacklevel: of the warnings: how many calls further out their cause is.

    Raises:
        ModelError: a model or its card is missing, damaged or of a kind that cannot be read with.
        RuntimeMissingError: no TFLite runtime works here.
    """
    reader = open_reader(settings)
    for note in reader.classifier.notes:
        warnings.warn(note, stacklevel=stacklevel + 1)
    return reader
