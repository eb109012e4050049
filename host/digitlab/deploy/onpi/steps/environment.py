"""The Python environment that releases share: wheels that were resolved before, installed offline."""

import os
import sys
from dataclasses import dataclass

from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.whole import filling, is_whole

OFFLINE = (
    *("--quiet", "--disable-pip-version-check", "--root-user-action=ignore"),
    *("--no-index", "--no-deps", "--no-cache-dir", "--ignore-installed"),
)


@dataclass(frozen=True, slots=True)
class MakeEnvironment:
    """Make an environment that sees what apt installed, so that picamera2 and NumPy are those that fit each other.

    pip may not replace them: it installs exactly the wheels that were sent, looks nowhere else, follows no dependency.

    Attributes:
        name: the hash of its wheels and its Python.
        wheels: how many.
    """

    name: str
    wheels: int

    def __str__(self) -> str:
        return f"make environment {self.name} of {self.wheels} wheels, without touching apt's packages"

    def carry_out(self, work: Work) -> None:
        """Make it, unless it is there.

        Raises:
            DeploymentError: a wheel is damaged, does not install, or the disk is full.
        """
        folder, incoming, manifest = work.layout.environments / self.name, work.incoming, work.manifest
        if is_whole(folder):
            return
        tell(f"environment {folder.name}: installing {self.wheels} wheels")
        wheels = [str(each.verified(incoming)) for each in manifest.wheels]
        pip = manifest.pip.verified(incoming)
        with filling(folder, {"python": sys.version.split()[0], "wheels": [each.name for each in manifest.wheels]}):
            # Debian's venv makes one with pip only where python3-venv is installed; the wheel of pip runs as it is
            run(
                [sys.executable, "-I", "-m", "venv", "--system-site-packages", "--without-pip", str(folder)],
                what="make an environment",
            )
            run(
                [str(folder / "bin/python"), f"{pip}/pip", "install", *OFFLINE, *wheels],
                what="install the wheels",
                environ={"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(incoming)},
            )
        for each in (*manifest.wheels, manifest.pip):
            (incoming / each.name).unlink()
