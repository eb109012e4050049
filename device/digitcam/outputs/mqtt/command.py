"""What may be sent to the command topic: `pause`, `resume`, `snapshot`, `threshold 0.7`."""

import re
from dataclasses import dataclass

from digitcam.state.commands import Command, Pause, Resume, SetThreshold

USAGE = "pause, resume, snapshot, or threshold with a number from 0 to 1"
LONGEST = 64  # characters of a bad payload that are shown
SHARE = re.compile(r"threshold\s+(?P<share>[0-9]*\.?[0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Publish the next frame that is read, annotated."""


class CommandError(ValueError):
    """A payload is none of the commands."""


def parse(payload: bytes) -> Command | Snapshot:
    """Read one command; spaces around it do not matter, nor does its case.

    Raises:
        CommandError: it is none.
    """
    words = payload.decode("utf-8", errors="replace").strip().lower()
    match words:
        case "pause":
            return Pause()
        case "resume":
            return Resume()
        case "snapshot":
            return Snapshot()
    found = SHARE.fullmatch(words)
    if found and float(found["share"]) <= 1:
        return SetThreshold(float(found["share"]))
    shown = words if len(words) <= LONGEST else words[:LONGEST] + " ..."
    raise CommandError(f"{shown!r} is no command; send {USAGE}")
