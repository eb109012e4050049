"""A release: code, model, unit, schema, and a link to its environment."""

import os
import sys
from pathlib import Path
from zipfile import ZipFile

from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import Manifest
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.whole import filling, is_whole

PROGRAM = "bin/digitcam"


def make(layout: Layout, manifest: Manifest, incoming: Path) -> Path:
    """Make the release beside those that are there; its folder.

    Raises:
        DeploymentError: it was damaged on its way, or the disk is full.
    """
    folder = layout.releases / manifest.release
    if is_whole(folder):
        return folder
    tell(f"release {folder.name}: unpacking")
    content = manifest.content.verified(incoming)
    mark = {"version": manifest.version, "model": manifest.model, "environment": manifest.environment}
    with filling(folder, mark):
        with ZipFile(content) as archive:
            archive.extractall(folder)
        (folder / PROGRAM).chmod(0o755)
        (folder / "environment").symlink_to(
            os.path.relpath(layout.environments / manifest.environment, folder), target_is_directory=True
        )
        # the service may not write here, and would compile at each start
        run([sys.executable, "-I", "-m", "compileall", "-q", str(folder / "code")], what="compile the code")
        schema = run([str(folder / PROGRAM), "config", "--schema"], what="ask the release for its settings")
        (folder / "config.schema.json").write_text(schema, encoding="utf-8")
    return folder
