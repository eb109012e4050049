"""Every error that a person can act on.

Each derives from `DigitcamError`, which the command line prints as one line, and from the builtin it specialises,
so that callers of the library can catch what they already know.
"""


class DigitcamError(Exception):
    """Something a person can put right; the message says what is wrong, where, and what to do.

    >>> try:
    ...     reader.read("nowhere.jpg")
    ... except DigitcamError as error:
    ...     print(error)
    nowhere.jpg: cannot read: No such file or directory
    """


class ConfigError(DigitcamError, ValueError):
    """The configuration has an unknown key, a wrong type or a value out of range.

    >>> Reader(min_confidence=8)
    Traceback (most recent call last):
    ...
    digitcam.errors.ConfigError: the environment: model.min_confidence: expected `float` <= 1.0
    """


class ImageError(DigitcamError, ValueError):
    """A file is not a picture that can be read, or an array none.

    >>> reader.read(np.zeros((3, 480, 640)))
    Traceback (most recent call last):
    ...
    digitcam.errors.ImageError: an array of shape (3, 480, 640) is no ...; channels come last: array.transpose(1, 2, 0)
    """


class ModelError(DigitcamError, ValueError):
    """The model, or the card beside it, is missing, damaged or does not fit this reader.

    >>> Reader("nowhere.tflite")
    Traceback (most recent call last):
    ...
    digitcam.errors.ModelError: nowhere.tflite: cannot read: No such file or directory; ...
    """


class RuntimeMissingError(DigitcamError, ImportError):
    """No TFLite runtime is installed, or it does not work with what is.

    >>> Reader(runtime="litert")  # doctest: +SKIP
    Traceback (most recent call last):
    ...
    digitcam.errors.RuntimeMissingError: model.runtime is "litert", but ai-edge-litert is not installed; ...
    """


class CameraError(DigitcamError, OSError):
    """The camera is absent, busy, or gives no usable frames.

    >>> next(watch("v4l2:/dev/video99"))
    Traceback (most recent call last):
    ...
    digitcam.errors.CameraError: ...
    """


class OutputError(DigitcamError, OSError):
    """A file or stream that was asked for cannot be written."""
