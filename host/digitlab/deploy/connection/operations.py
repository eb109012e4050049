"""A plan as pyinfra's operations."""

from collections.abc import Generator
from functools import partial
from pathlib import Path

from pyinfra.api.command import QuoteString, StringCommand
from pyinfra.api.operation import operation
from pyinfra.operations import apt, files

from digitlab.deploy.planning.plan import Plan, Wishes
from digitlab.deploy.connection.session import Operation

# In memory, root's own, and gone with the next start.
PROGRAM = "/run/digitcam-deployment.pyz"


def packages(plan: Plan) -> list[Operation]:
    """What installs the packages of a plan."""
    return [partial(apt.packages, packages=list(plan.packages), update=True, no_recommends=True, _sudo=True)]


def install(plan: Plan, wishes: Wishes, program: Path) -> list[Operation]:
    """What carries out the rest of a plan."""
    # root's alone: nobody may change what was checked before it is installed
    folder = partial(files.directory, path=str(plan.incoming), mode="700", _sudo=True)
    copies = [partial(files.put, src=str(each.source), dest=str(each.target), _sudo=True) for each in plan.copies]
    asked = ["install", str(plan.incoming), f"--wait={wishes.wait_s:g}", f"--keep={wishes.keep}"]
    return [folder, *copies, *verb(program, *asked)]


def verb(program: Path, *arguments: str) -> list[Operation]:
    """What runs one of the verbs of `onpi`."""
    return [
        partial(files.put, src=str(program), dest=PROGRAM, mode="644", _sudo=True),
        partial(on_the_machine, arguments=list(arguments), _sudo=True),
    ]


@operation(is_idempotent=False)
def on_the_machine(arguments: list[str]) -> Generator[StringCommand, None, None]:
    """Run `onpi` as a unit of its own: it goes on when the connection is cut.

    Args:
        arguments: the verb and what it takes.
    """
    unit = ["systemd-run", "--quiet", "--collect", "--pipe", "--wait", "--service-type=exec"]
    yield StringCommand(*unit, "--", "python3", PROGRAM, *(QuoteString(each) for each in arguments))
