"""From one release to another, and back where that one is not well."""

from dataclasses import dataclass

from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.switch import switch


@dataclass(frozen=True, slots=True)
class SwitchRelease:
    """Run a release; the one before comes back where it is not well.

    Attributes:
        name: of the release.
        before: the one that runs; empty where none does.
        wait_s: seconds within which it must read, or wait for its camera.
    """

    name: str
    before: str
    wait_s: float

    def __str__(self) -> str:
        back = f"back to {self.before}" if self.before else "stop it"
        return f"switch to it, and wait up to {self.wait_s:.0f} s until it reads or waits for its camera; else {back}"

    def carry_out(self, work: Work) -> None:
        """Run it.

        Raises:
            DeploymentError: it is not well; with the last lines of its journal.
        """
        switch(work.layout, work.release, self.wait_s, work.settings)
