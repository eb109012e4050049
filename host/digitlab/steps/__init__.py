"""Steps that declare what they make and from what, and are carried out anew when any of that changes."""

from digitlab.steps.manifest import read_manifest
from digitlab.steps.step import Step, StepError, carry_out, require

__all__ = ["Step", "StepError", "carry_out", "read_manifest", "require"]
