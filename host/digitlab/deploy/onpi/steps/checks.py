"""What a release must do before it may run: accept the configuration, load its model, read a shipped frame."""

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import PROGRAM
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.tell import tell

# The camera may be in the running release's hands, and passwords are given to the service only.
BINDING = ("configuration", "runtime", "model")
SAMPLES = "code/digitcam/samples"
SECONDS = 120.0  # for each question, or as long as the service is given to read where that is longer
NOBODY = {"user": "nobody", "group": "nogroup", "extra_groups": ()}


@dataclass(frozen=True, slots=True)
class CheckRelease:
    """Try a release that does not run yet, as a user without rights, as the service will be.

    Attributes:
        name: of the release.
        wait_s: seconds that a slow machine is given.
    """

    name: str
    wait_s: float

    def __str__(self) -> str:
        return f"check release {self.name}: settings, model, one shipped frame"

    def carry_out(self, work: Work) -> None:
        """Try it.

        Raises:
            DeploymentError: what is wrong with it, or with the configuration.
        """
        release = work.layout.releases / self.name
        tell(f"release {self.name}: checking")
        seconds = max(SECONDS, self.wait_s)
        said = _ask(release, seconds, "check", "--json", "--config", str(work.layout.config), may_fail=True)
        found = {each["name"]: each for each in said["checks"]}
        for name in BINDING:
            each = found.get(name)
            if each and each["state"] == "fault":
                text = "; ".join(filter(None, [each["found"], each["advice"]]))
                raise DeploymentError(f"release {self.name}: {name}: {text}; nothing was changed")
        frame = json.loads((release / SAMPLES / "frames.json").read_text(encoding="utf-8"))["frames"][0]
        text = "\n".join(frame["lines"])
        read = _ask(release, seconds, "read", "--json", str(release / SAMPLES / frame["image"]))["text"]
        if read != text:
            raise DeploymentError(
                f"release {self.name}: reads {frame['image']} as {read!r}, not {text!r}; nothing was changed"
            )


def _ask(release: Path, seconds: float, *arguments: str, may_fail: bool = False) -> dict[str, Any]:
    """Run the release's program; the JSON that it prints."""
    command = [str(release / PROGRAM), *arguments]
    rights: dict[str, Any] = NOBODY if os.geteuid() == 0 else {}
    try:
        done = subprocess.run(  # noqa: S603  # our own
            command, capture_output=True, text=True, timeout=seconds, check=False, cwd="/", **rights
        )
    except subprocess.TimeoutExpired:
        raise DeploymentError(
            f"release {release.name}: `digitcam {arguments[0]}` did not end within {seconds:.0f} s"
        ) from None
    answer: dict[str, Any] | None = None
    if may_fail or not done.returncode:
        with contextlib.suppress(ValueError):
            answer = json.loads(done.stdout)
    if answer is None:
        last = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise DeploymentError(f"release {release.name}: `digitcam {arguments[0]}` fails: {last}; nothing was changed")
    return answer
