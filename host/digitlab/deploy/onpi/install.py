"""What was sent becomes a release that runs."""

import shutil
from pathlib import Path

from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import Manifest
from digitlab.deploy.onpi.settings import Settings
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.steps.listing import read_steps
from digitlab.deploy.onpi.steps.prune import PruneReleases
from digitlab.deploy.onpi.tell import complain, tell
from digitlab.deploy.onpi.whole import sweep


def install(layout: Layout, incoming: Path) -> None:
    """Carry out the steps that were sent. Call with the lock held.

    Args:
        layout: where.
        incoming: the folder that they were sent to, with what they need.

    Raises:
        DeploymentError: one could not be done; what ran before runs, with the settings that it had.
    """
    steps = read_steps(incoming)
    work = Work(layout, incoming, Manifest.read(incoming), Settings(layout))
    for parent in (layout.releases, layout.environments):
        for name in sweep(parent):
            tell(f"{parent.name}/{name}: left by an interrupted deployment, deleted")
    try:
        for step in steps:
            if not isinstance(step, PruneReleases):
                step.carry_out(work)
    except BaseException:
        work.settings.restore()
        raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
        for step in steps:
            if isinstance(step, PruneReleases):
                _tidy(step, work)


def _tidy(step: PruneReleases, work: Work) -> None:
    """Delete what is old; where that fails, the deployment has not."""
    try:
        step.carry_out(work)
    except OSError as error:
        complain(f"{error.filename}: cannot be deleted: {error.strerror}")
