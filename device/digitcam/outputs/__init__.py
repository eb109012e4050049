"""Where readings go."""

from digitcam.outputs.base import Output, OutputClosedError, Shot, Update
from digitcam.outputs.picture import LastPicture
from digitcam.outputs.stdout import Human, Json

__all__ = ["Human", "Json", "LastPicture", "Output", "OutputClosedError", "Shot", "Update"]
