"""What was sent becomes a release that runs."""

import hashlib
import re
import shutil
import time
from pathlib import Path

from digitlab.deploy.onpi import environment, release, service
from digitlab.deploy.onpi.steps.checks import check
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import Manifest
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.switch import running, switch
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.whole import about, is_whole, sweep, write

STALE_S = 3600.0  # what was sent and not touched for so long belongs to no deployment any more


def install(layout: Layout, incoming: Path, wait_s: float, keep: int) -> None:
    """Make, check, switch, prune. Call with the lock held.

    Args:
        layout: where.
        incoming: the folder that it was sent to.
        wait_s: seconds within which the release must read.
        keep: how many releases stay.

    Raises:
        DeploymentError: it could not be done; what ran before runs.
    """
    manifest = Manifest.read(incoming)
    for parent in (layout.releases, layout.environments):
        for name in sweep(parent):
            tell(f"{parent.name}/{name}: left by an interrupted deployment, deleted")
    environment.make(layout, manifest, incoming)
    made = release.make(layout, manifest, incoming)
    create_config(layout, made)
    try:
        check(layout, made)
        if running(layout) != made or not service.state().reads:
            switch(layout, made, wait_s)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
        prune(layout, keep)


def create_config(layout: Layout, made: Path) -> None:
    """Create the configuration where there is none: every setting explained, and none set."""
    if layout.config.exists():
        return
    example = run([str(made / release.PROGRAM), "config", "--example"], what="ask the release for its settings")
    text = re.sub(r"^(?=\w+ = )", "# ", example, flags=re.MULTILINE)
    write(layout.record, hashlib.sha256(text.encode()).hexdigest())
    write(layout.config, text)
    layout.config.chmod(0o644)
    tell(f"{layout.config}: created; everything in it is explained, and as it would be without it")


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
