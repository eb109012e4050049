"""From one release to another, and back where that one is not well."""

from dataclasses import dataclass
from pathlib import Path

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.settings import Settings
from digitlab.deploy.onpi.steps.base import Work
from digitlab.deploy.onpi.tell import tell
from digitlab.deploy.onpi.whole import is_whole, point


@dataclass(frozen=True, slots=True)
class SwitchRelease:
    """Run a release; the one before comes back where it is not well.

    Attributes:
        name: of the release.
        before: the one that runs; empty where none does.
        wait_s: seconds within which it must read, or wait for its camera.
    """

    name: str
    before: str
    wait_s: float

    def __str__(self) -> str:
        back = f"back to {self.before}" if self.before else "stop it"
        return f"switch to it, and wait up to {self.wait_s:.0f} s until it reads or waits for its camera; else {back}"

    def carry_out(self, work: Work) -> None:
        """Run it.

        Raises:
            DeploymentError: it is not well; with the last lines of its journal.
        """
        switch(work.layout, work.layout.releases / self.name, self.wait_s, work.settings)


def running(layout: Layout) -> Path | None:
    """Find the release that `current` points to."""
    return layout.current.resolve() if layout.current.exists() else None


def switch(layout: Layout, release: Path, wait_s: float, settings: Settings | None = None) -> None:
    """Run a release; if it is not well within `wait_s` seconds, the one before runs again, with its settings.

    Raises:
        DeploymentError: it is not well; with the last lines of its journal.
    """
    before = running(layout)
    tell(f"release {release.name}: starting, {f'after {before.name}' if before else 'the first here'}")
    point(layout.current, release)
    try:
        wrong = service.start(layout, wait_s)
    except (DeploymentError, OSError) as error:
        wrong = service.Fault(f"could not be started: {error}", "")
    if not wrong:
        if before and before != release:
            point(layout.previous, before)
        tell(f"release {release.name}: running, {service.state(layout).told}")
        return
    lines = service.journal(wrong.invocation) if wrong.invocation else ""
    renewed = settings is not None and settings.restore()
    after = _return(layout, release, before, wait_s, renewed=renewed)
    raise DeploymentError("\n".join(filter(None, [f"release {release.name} {wrong.text}; {after}", _indented(lines)])))


def _return(layout: Layout, release: Path, before: Path | None, wait_s: float, *, renewed: bool) -> str:
    """Undo a switch; tell what runs now. `renewed`: whether the settings were others than they are now again."""
    if before == release and not renewed:
        return "it was the current one before, and is left as it is"
    if not before:
        service.stop(layout)
        layout.current.unlink()
        return "none ran before it, so none runs now"
    tell(f"release {before.name}: starting again")
    point(layout.current, before)
    wrong = service.start(layout, wait_s)
    return f"{before.name} is back, but it {wrong.text}" if wrong else f"{before.name} is back and running"


def back(layout: Layout, wait_s: float) -> None:
    """Run the release again that ran before the current one.

    Raises:
        DeploymentError: there is none, or it is not well, and the current one stays.
    """
    if not layout.previous.exists() or not is_whole(layout.previous.resolve()):
        raise DeploymentError("no release ran here before the current one, so there is none to go back to")
    switch(layout, layout.previous.resolve(), wait_s)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
