"""What a check says of one thing that it looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from digitcam.errors import DigitcamError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what it is.
        state: `ok`; `note`: works, but is worth knowing; `fault`: digitcam cannot work so.
        found: what is there; empty where that cannot be told.
        advice: what is wrong and what to do; empty where all is well.
    """

    name: str
    state: Literal["ok", "note", "fault"]
    found: str
    advice: str = ""


def guard(name: str, look: Callable[[], Check]) -> Check:
    """Give what `look` finds, or the error that it ends with."""
    try:
        return look()
    except DigitcamError as error:
        return Check(name, "fault", "", str(error))
