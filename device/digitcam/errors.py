"""Every error that a person can act on.

Each derives from `DigitcamError`, which the command line prints as one line, and from the builtin it specialises,
so that callers of the library can catch what they already know.
"""


class DigitcamError(Exception):
    """Something a person can put right; the message says what is wrong, where, and what to do."""


class ConfigError(DigitcamError, ValueError):
    """The configuration has an unknown key, a wrong type or a value out of range."""


class ImageError(DigitcamError, ValueError):
    """A file is not a picture that can be read."""


class ModelError(DigitcamError, ValueError):
    """The model, or the card beside it, is missing, damaged or does not fit this reader."""


class RuntimeMissingError(DigitcamError, ImportError):
    """No TFLite runtime is installed, or it does not work with what is."""


class CameraError(DigitcamError, OSError):
    """The camera is absent, busy, or gives no usable frames."""


class OutputError(DigitcamError, OSError):
    """A file or stream that was asked for cannot be written."""
