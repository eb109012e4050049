"""One deployment at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import Layout


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Keep others out; the kernel lets go when this process ends, however it ends.

    Raises:
        DeploymentError: another deployment is at work.
    """
    layout.home.mkdir(parents=True, exist_ok=True)
    with layout.lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise DeploymentError(
                f"another deployment is at work here (process {holder}); wait until it has ended, and try again"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)
