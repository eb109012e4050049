"""Facts in, operations out: what a deployment will do on one machine. Nothing is done here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from digitlab.deploy.machines.board import RELEASE_MB, SPACE_MB, Board, refusal
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.manifest import NAME
from digitlab.deploy.packing.release import Release


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for.

    Attributes:
        apt: whether missing packages may be installed there.
        wait_s: seconds within which a release must read.
        keep: how many releases stay.
        sudo_password: whether one was given.
    """

    apt: bool = False
    wait_s: float = 90.0
    keep: int = 3
    sudo_password: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """A file to copy.

    Attributes:
        source: here.
        target: there.
    """

    source: Path
    target: PurePosixPath


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done on one machine, in this order.

    Attributes:
        refusal: why nothing will be; empty where something may.
        notes: what is worth knowing.
        packages: of apt, to install.
        copies: files to copy.
        incoming: folder there that the copies go to; None where nothing is to be installed.
        steps: the same in words, one a line, with what is done there.
    """

    refusal: str = ""
    notes: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    incoming: PurePosixPath | None = None
    steps: tuple[str, ...] = ()


def plan(board: Board, release: Release | None, wishes: Wishes) -> Plan:
    """Plan a deployment.

    Args:
        board: the machine's facts.
        release: what to deploy there; None where it could not be made, because the machine is one to be refused.
        wishes: what was asked for.
    """
    refused = refusal(board, apt=wishes.apt, sudo_password=wishes.sudo_password)
    if refused or not release:
        return Plan(refused)
    manifest = release.manifest
    new_environment, new_release = (
        manifest.environment not in board.environments,
        manifest.release not in board.releases,
    )
    needed = (SPACE_MB if new_environment else 0) + (RELEASE_MB if new_release else 0)
    if needed > board.free_mb:
        return Plan(f"{board.free_mb} MB are free there, {needed} MB are needed; make room below /opt")
    packages = tuple(sorted({*board.wanted_packages, *board.useful_packages})) if wishes.apt else ()
    notes = () if wishes.apt else tuple(_notes(board))
    if board.current == manifest.release and board.active and not packages:
        return Plan(notes=notes)
    incoming = PurePosixPath(Layout().incoming) / manifest.release
    copies = [Copy(release.folder / NAME, incoming / NAME)]
    if new_release:
        copies.append(Copy(release.folder / manifest.content.name, incoming / manifest.content.name))
    if new_environment:
        wheels = (*manifest.wheels, manifest.pip)
        copies += [Copy(release.wheels.folder / each.name, incoming / each.name) for each in wheels]
    steps = tuple(_steps(board, release, wishes, packages, new=(new_environment, new_release)))
    return Plan("", notes, packages, tuple(copies), incoming, steps)


def _notes(board: Board) -> Iterator[str]:
    for name in board.useful_packages:
        yield f"{name} is missing, which a camera module needs: `sudo apt install {name}` there, or --apt here"


def _steps(
    board: Board, release: Release, wishes: Wishes, packages: tuple[str, ...], *, new: tuple[bool, bool]
) -> Iterator[str]:
    manifest = release.manifest
    if packages:
        yield f"install apt's {', '.join(packages)}"
    if new[0]:
        yield f"copy {len(manifest.wheels)} wheels, {release.megabytes} MB"
        yield f"make environment {manifest.environment} from them, without touching apt's packages"
    if new[1]:
        yield f"make release {manifest.release} beside {board.current or 'nothing'}"
    if not board.config:
        yield f"create {Layout().config} with every setting explained"
    yield f"check release {manifest.release}: settings, model, one shipped frame"
    back = f"back to {board.current}" if board.current else "stop it"
    yield f"switch to it, and wait up to {wishes.wait_s:.0f} s until it reads; else {back}"
    yield f"keep the newest {wishes.keep} releases"
