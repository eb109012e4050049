"""A plan's steps as pyinfra's operations. Whether they need sudo, the session knows."""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from io import StringIO
from pathlib import Path

from pyinfra.api.command import FileUploadCommand, QuoteString, StringCommand
from pyinfra.api.operation import operation
from pyinfra.context import host
from pyinfra.operations import apt

from digitlab.deploy.connection.session import Operation
from digitlab.deploy.machines.facts import Digests
from digitlab.deploy.onpi.steps.listing import NAME, listed
from digitlab.deploy.planning.plan import Plan
from digitlab.deploy.planning.steps import CopyFiles, InstallPackages

# In memory, root's own, and gone with the next start.
PROGRAM = "/run/digitcam-deployment.pyz"


def packages(plan: Plan) -> list[Operation]:
    """Give what installs the packages of a plan."""
    return [partial(apt.packages, packages=list(plan.packages), update=True, no_recommends=True)]


def install(plan: Plan, program: Path) -> Iterator[Operation]:
    """Give what carries out the rest of a plan: files are copied, then the machine does its part by itself."""
    there = [step for step in plan.steps if not isinstance(step, InstallPackages | CopyFiles)]
    for step in plan.steps:
        if isinstance(step, CopyFiles):
            yield partial(
                copy_files, sources=list(map(str, step.sources)), steps=listed(there), folder=str(step.folder)
            )
            yield from verb(program, "install", str(step.folder))


def verb(program: Path, *arguments: str) -> list[Operation]:
    """Give what runs one of the verbs of `onpi`."""
    return [partial(on_the_machine, program=str(program), arguments=list(arguments))]


@operation()
def copy_files(
    sources: Sequence[str], steps: str, folder: str
) -> Generator[StringCommand | FileUploadCommand, None, None]:
    """Copy files into a folder, but those that lie there since a connection was cut.

    pyinfra's own operation asks about each file four times, which takes minutes where a process starts slowly.

    Args:
        sources: here.
        steps: what the machine is to do, as it is sent.
        folder: there.
    """
    # root's alone: nobody may change what was checked before it is installed
    yield StringCommand("install", "-d", "-m", "700", QuoteString(folder))
    lying = host.get_fact(Digests, folder=folder)
    for source in map(Path, sources):
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if lying.get(source.name) != digest:
            yield _upload(str(source), f"{folder}/{source.name}")
    yield _upload(StringIO(steps), f"{folder}/{NAME}")


@operation(is_idempotent=False)
def on_the_machine(program: str, arguments: Sequence[str]) -> Generator[StringCommand | FileUploadCommand, None, None]:
    """Run `onpi` as a unit of its own: it goes on when the connection is cut.

    Args:
        program: `onpi`, packed, here.
        arguments: the verb and what it takes.
    """
    yield _upload(program, PROGRAM)
    unit = ["systemd-run", "--quiet", "--collect", "--pipe", "--wait", "--service-type=exec"]
    yield StringCommand(*unit, "--", "python3", PROGRAM, *(QuoteString(each) for each in arguments))


def _upload(source: str | StringIO, target: str) -> FileUploadCommand:
    return FileUploadCommand(source, target, remote_temp_filename=host.get_temp_filename(target))
