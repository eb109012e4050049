"""Where readings go."""

from digitcam.outputs.base import Output, OutputClosedError, Update
from digitcam.outputs.stdout import Human, Json

__all__ = ["Human", "Json", "Output", "OutputClosedError", "Update"]
