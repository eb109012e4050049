"""The benchmark of the current release."""

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import UNIT, Layout
from digitlab.deploy.onpi.process import run
from digitlab.deploy.onpi.release import PROGRAM
from digitlab.deploy.onpi.switch import running
from digitlab.deploy.onpi.tell import tell


def bench(layout: Layout) -> None:
    """Print the measurements as one line of JSON; the service stands still meanwhile. Call with the lock held.

    Raises:
        DeploymentError: nothing is deployed, or the benchmark fails.
    """
    release = running(layout)
    if not release:
        raise DeploymentError("nothing is deployed here; deploy first")
    was_active = service.state().active in {"active", "activating"}
    if was_active:
        run(["systemctl", "stop", UNIT], what="stop the service for the time of the measurement")
    try:
        tell(run([str(release / PROGRAM), "bench", "--json"], what="measure").strip())
    finally:
        if was_active:
            run(["systemctl", "--no-block", "start", UNIT], what="start the service again")
