"""A plan's steps as pyinfra's operations. Whether they need sudo, the session knows."""

from collections.abc import Generator, Iterator
from functools import partial
from io import StringIO
from pathlib import Path

from pyinfra.api.command import QuoteString, StringCommand
from pyinfra.api.operation import operation
from pyinfra.operations import apt, files

from digitlab.deploy.connection.session import Operation
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
            # root's alone: nobody may change what was checked before it is installed
            yield partial(files.directory, path=str(step.folder), mode="700")
            for source in step.sources:
                yield partial(files.put, src=str(source), dest=str(step.folder / source.name))
            yield partial(files.put, src=StringIO(listed(there)), dest=str(step.folder / NAME))
            yield from verb(program, "install", str(step.folder))


def verb(program: Path, *arguments: str) -> list[Operation]:
    """Give what runs one of the verbs of `onpi`."""
    return [
        partial(files.put, src=str(program), dest=PROGRAM, mode="644"),
        partial(on_the_machine, arguments=list(arguments)),
    ]


@operation(is_idempotent=False)
def on_the_machine(arguments: list[str]) -> Generator[StringCommand, None, None]:
    """Run `onpi` as a unit of its own: it goes on when the connection is cut.

    Args:
        arguments: the verb and what it takes.
    """
    unit = ["systemd-run", "--quiet", "--collect", "--pipe", "--wait", "--service-type=exec"]
    yield StringCommand(*unit, "--", "python3", PROGRAM, *(QuoteString(each) for each in arguments))
