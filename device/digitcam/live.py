"""What the loop and its outputs share."""

from dataclasses import dataclass, field

from digitcam.config import Config
from digitcam.control import Control
from digitcam.health import Health
from digitcam.stats import Stats


@dataclass(frozen=True, slots=True)
class Live:
    """One running service; every part may be used from any thread.

    Attributes:
        config: what it was started with.
        health: which of its parts work.
        stats: what it counted.
        control: where commands are left for the loop.
    """

    config: Config
    health: Health = field(default_factory=Health)
    stats: Stats = field(default_factory=Stats)
    control: Control = field(default_factory=Control)
