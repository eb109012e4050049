"""The steps that are done from here; those that the machine does by itself are in `onpi.steps`."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from digitlab.deploy.onpi.steps.listing import OnTheMachine


@dataclass(frozen=True, slots=True)
class InstallPackages:
    """Have apt install something.

    Attributes:
        names: of its packages.
    """

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"install apt's {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class CopyFiles:
    """Copy files into one folder of root's there.

    Attributes:
        sources: here.
        folder: there.
        megabytes: of all of them.
    """

    sources: tuple[Path, ...]
    folder: PurePosixPath
    megabytes: int

    def __str__(self) -> str:
        return f"copy {len(self.sources)} files, {self.megabytes} MB"


Step = InstallPackages | CopyFiles | OnTheMachine
