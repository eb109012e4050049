"""The Python environment that releases share: wheels that were resolved on the workstation, installed offline."""

import os
import sys
from pathlib import Path

from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import Manifest
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.whole import filling, is_whole


def make(layout: Layout, manifest: Manifest, incoming: Path) -> None:
    """Make the environment where it is not there yet.

    It sees what apt installed, so that picamera2 and NumPy are those that fit each other, and pip may not replace
    them: it installs exactly the wheels that were sent, looks nowhere else and follows no dependency.

    Raises:
        DeploymentError: a wheel is damaged, does not install, or the disk is full.
    """
    folder = layout.environments / manifest.environment
    if is_whole(folder):
        return
    tell(f"environment {folder.name}: installing {len(manifest.wheels)} wheels")
    wheels = [str(each.verified(incoming)) for each in manifest.wheels]
    pip = manifest.pip.verified(incoming)
    with filling(folder, {"python": sys.version.split()[0], "wheels": [each.name for each in manifest.wheels]}):
        # Debian's venv makes an environment with pip only where python3-venv is installed; the wheel of pip runs as is
        run(
            [sys.executable, "-I", "-m", "venv", "--system-site-packages", "--without-pip", str(folder)],
            what="make an environment",
        )
        offline = [
            "--no-index",
            "--no-deps",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--root-user-action=ignore",
        ]
        run(
            [str(folder / "bin/python"), f"{pip}/pip", "install", "--quiet", *offline, "--ignore-installed", *wheels],
            what="install the wheels",
            environ={"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(incoming)},
        )
    for each in (*manifest.wheels, manifest.pip):
        (incoming / each.name).unlink()
