"""Facts in, steps out: what a deployment will do on one machine. Nothing is done here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from digitlab.deploy.machines.board import RELEASE_MB, SPACE_MB, Board, refusal
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import NAME
from digitlab.deploy.onpi.steps.checks import CheckRelease
from digitlab.deploy.onpi.steps.environment import MakeEnvironment
from digitlab.deploy.onpi.steps.prune import PruneReleases
from digitlab.deploy.onpi.steps.release import MakeRelease
from digitlab.deploy.onpi.steps.settings import ChangeSettings, CreateSettings
from digitlab.deploy.onpi.steps.switch import SwitchRelease
from digitlab.deploy.packing.release import Release
from digitlab.deploy.planning.steps import CopyFiles, InstallPackages, Step


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for.

    Attributes:
        apt: whether missing packages may be installed there.
        wait_s: seconds within which a release must read, or wait for its camera.
        keep: how many releases stay.
        sudo_password: whether one was given.
        settings: what is to be set there, by `section.key`.
    """

    apt: bool = False
    wait_s: float = 90.0
    keep: int = 3
    sudo_password: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done on one machine.

    Attributes:
        refusal: why nothing will be; empty where something may.
        notes: what is worth knowing.
        steps: in this order; the same are told in a dry run and carried out in a deployment.
    """

    refusal: str = ""
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def packages(self) -> tuple[str, ...]:
        """Of apt, that are to be installed."""
        return tuple(name for step in self.steps if isinstance(step, InstallPackages) for name in step.names)


def plan(board: Board, release: Release | None, wishes: Wishes, *, restart: bool = False) -> Plan:
    """Plan a deployment.

    Args:
        board: the machine's facts.
        release: what to deploy there; None where it could not be made, because the machine is one to be refused.
        wishes: what was asked for.
        restart: whether the service is started again in any case, to find what apt brought.
    """
    refused = refusal(board, apt=wishes.apt, sudo_password=wishes.sudo_password)
    if refused or not release:
        return Plan(refused)
    needed = (SPACE_MB if _lacks_environment(board, release) else 0) + (RELEASE_MB if _lacks(board, release) else 0)
    if needed > board.free_mb:
        return Plan(f"{board.free_mb} MB are free there, {needed} MB are needed; make room below /opt")
    notes = () if wishes.apt else tuple(_notes(board))
    return Plan("", notes, tuple(_steps(board, release, wishes, restart=restart)))


def _notes(board: Board) -> Iterator[str]:
    for name in board.useful_packages:
        yield f"{name} is missing, which a camera module needs: `sudo apt install {name}` there, or --apt here"


def _steps(board: Board, release: Release, wishes: Wishes, *, restart: bool) -> Iterator[Step]:
    packages = tuple(sorted({*board.wanted_packages, *board.useful_packages})) if wishes.apt else ()
    other = {name: value for name, value in wishes.settings.items() if board.settings.get(name) != value}
    name, config = release.manifest.release, str(Layout().config)
    if packages:
        yield InstallPackages(packages)
    elif board.current == name and board.active and board.config and not (other or restart):
        return
    yield _copy(board, release)
    if _lacks_environment(board, release):
        yield MakeEnvironment(release.manifest.environment, len(release.manifest.wheels))
    if _lacks(board, release):
        yield MakeRelease(name, board.current)
    if not board.config:
        yield CreateSettings(config, dict(wishes.settings))
    elif other:
        yield ChangeSettings(config, other)
    yield CheckRelease(name, wishes.wait_s)
    yield SwitchRelease(name, board.current, wishes.wait_s)
    yield PruneReleases(wishes.keep)


def _copy(board: Board, release: Release) -> CopyFiles:
    manifest = release.manifest
    sources: list[Path] = [release.folder / NAME]
    if _lacks(board, release):
        sources.append(release.folder / manifest.content.name)
    if _lacks_environment(board, release):
        sources += [release.wheels.folder / each.name for each in (*manifest.wheels, manifest.pip)]
    size = sum(path.stat().st_size for path in sources)
    return CopyFiles(tuple(sources), PurePosixPath(Layout().incoming) / manifest.release, round(size / 1e6))


def _lacks(board: Board, release: Release) -> bool:
    return release.manifest.release not in board.releases


def _lacks_environment(board: Board, release: Release) -> bool:
    return release.manifest.environment not in board.environments
