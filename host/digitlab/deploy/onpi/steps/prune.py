"""Old releases, and what only they needed."""

import shutil
import time
from dataclasses import dataclass

from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.whole import about, is_whole

STALE_S = 3600.0  # what was sent and not touched for so long belongs to no deployment any more


@dataclass(frozen=True, slots=True)
class PruneReleases:
    """Delete what is old; done after a failure as well.

    Attributes:
        keep: how many releases stay.
    """

    keep: int

    def __str__(self) -> str:
        return f"keep the newest {self.keep} releases"

    def carry_out(self, work: Work) -> None:
        """Delete it."""
        prune(work.layout, self.keep)


def prune(layout: Layout, keep: int) -> None:
    """Delete all but the current, the previous and the newest releases, and what only the deleted ones needed."""
    named = [link.resolve() for link in (layout.current, layout.previous) if link.exists()]
    whole = sorted(filter(is_whole, layout.releases.glob("*")), key=lambda folder: folder.stat().st_mtime, reverse=True)
    kept = [*named, *(folder for folder in whole if folder not in named)][: max(keep, len(named))]
    for folder in whole:
        if folder not in kept:
            shutil.rmtree(folder)
    needed = {about(folder)["environment"] for folder in kept}
    for folder in layout.environments.glob("*"):
        if folder.name not in needed:
            shutil.rmtree(folder)
    for folder in layout.incoming.glob("*"):
        if time.time() - folder.stat().st_mtime > STALE_S:
            shutil.rmtree(folder)
