"""Programs that are run to their end."""

import subprocess
from collections.abc import Mapping, Sequence

from digitlab.deploy.onpi.errors import DeploymentError


def run(command: Sequence[str], *, what: str, environ: Mapping[str, str] | None = None) -> str:
    """Run a program; what it printed.

    Args:
        command: the program and its arguments.
        what: what it was to do, for the error.
        environ: its whole environment; None for this process's own.

    Raises:
        DeploymentError: it failed; with the last line that it said.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)  # noqa: S603  # our own
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
        raise DeploymentError(f"cannot {what}: {said[-1]}")
    return done.stdout
