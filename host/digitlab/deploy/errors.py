"""What goes wrong on the way to a Pi."""

from digitcam.errors import DigitcamError


class DeployError(DigitcamError, RuntimeError):
    """A deployment, or what it is asked to do, cannot be done."""
