"""The benchmark of the current release."""

from pathlib import Path

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import PROGRAM, UNIT, Layout
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.steps.switch import running
from digitlab.deploy.onpi.tell import tell


def bench(layout: Layout, wait_s: float) -> None:
    """Print the measurements as one line of JSON, and end when the service, which stood still meanwhile, reads again.

    Call with the lock held.

    Raises:
        DeploymentError: nothing is deployed, the benchmark fails, or the service is not well within `wait_s` seconds.
    """
    release = running(layout)
    if not release:
        raise DeploymentError("nothing is deployed here; deploy first")
    if service.state(layout).active not in {"active", "activating"}:
        _measure(release)
        return
    run(["systemctl", "stop", UNIT], what="stop the service for the time of the measurement")
    try:
        _measure(release)
    finally:
        wrong = service.restart(layout, wait_s)
    if wrong:
        raise DeploymentError(f"measured, but the service {wrong.text}")


def _measure(release: Path) -> None:
    tell(run([str(release / PROGRAM), "bench", "--json"], what="measure").strip())
