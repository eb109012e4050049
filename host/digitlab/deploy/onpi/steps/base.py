"""What every step is, and what all of them work on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import Manifest
from digitlab.deploy.onpi.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """One deployment.

    Attributes:
        layout: where.
        incoming: the folder that everything was sent to.
        manifest: what was sent.
        settings: the user's, which are as they were if a step fails.
    """

    layout: Layout
    incoming: Path
    manifest: Manifest
    settings: Settings

    @property
    def release(self) -> Path:
        """The folder of the release."""
        return self.layout.releases / self.manifest.release


class Step(Protocol):
    """A frozen dataclass, whose fields are told as JSON."""

    def __str__(self) -> str:
        """Say what it does, in words."""
        ...

    def carry_out(self, work: Work) -> None:
        """Do it.

        Raises:
            DeploymentError: it cannot be done; what ran before runs.
        """
        ...
