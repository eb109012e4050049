"""What the loop and its outputs share."""

from digitcam.config import Config
from digitcam.state.commands import Control
from digitcam.state.health import Health
from digitcam.state.stats import Stats


class ServiceState:
    """One running service; every part may be used from any thread.

    Attributes:
        config: what it was started with.
        in_force: that, with what a reload changed of `[model]`, `[find]`, `[track]` and `[log]`.
        health: which of its parts work.
        stats: what it counted.
        control: where commands are left for the loop, and what is in force.
    """

    def __init__(self, config: Config) -> None:
        """Begin."""
        self.config = self.in_force = config
        self.health = Health()
        self.stats = Stats()
        self.control = Control(config.model.min_confidence)
