"""What pyinfra asks a machine; nothing is changed there, and nothing is copied there."""

from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, TypeVar

import msgspec
from pyinfra.api.command import QuoteString, StringCommand
from pyinfra.api.exceptions import FactProcessError
from pyinfra.api.facts import FactBase

from digitlab.deploy.machines.board import Board
from digitlab.deploy.machines.status import Status

Answer = TypeVar("Answer", Board, Status)


def _python(name: str) -> StringCommand:
    """Hand a program of `onpi` to the machine's own Python on its command line."""
    source = (files("digitlab.deploy") / "onpi" / "facts" / name).read_text(encoding="utf-8")
    return StringCommand("python3", "-I", "-c", QuoteString(source))


def _decoded(lines: list[str], kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(lines[-1], type=kind)
    except msgspec.MsgspecError as error:
        raise FactProcessError(f"the machine's answer is not what was asked for: {error}") from error


class Root(FactBase[bool]):
    """Whether who logged in is root, and needs no sudo, which may not be there."""

    def command(self) -> str:
        """Ask for the user's number."""
        return "id -u"

    def process(self, output: list[str]) -> bool:
        """Take its last line."""
        return output[-1].strip() == "0"


class Digests(FactBase[dict[str, str]]):
    """SHA-256 of each file in a folder, by name."""

    default = dict

    def command(self, folder: str) -> StringCommand:
        """Have all of them summed at once."""
        return StringCommand(
            "find", QuoteString(folder), "-maxdepth", "1", "-type", "f", "-exec", "sha256sum", "{}", "+"
        )

    def process(self, output: list[str]) -> dict[str, str]:
        """One a line, before its path."""
        return {PurePosixPath(path).name: digest for digest, path in (line.split(maxsplit=1) for line in output)}


class Look(FactBase[Board | None]):
    """What the machine is, and what is deployed there."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str | None:  # noqa: ANN401  # as pyinfra has it
        """Ask for Python, without which there is nothing to look with."""
        del args, kwargs
        return "python3"

    def command(self) -> StringCommand:
        """Run `look.py`."""
        return _python("look.py")

    def process(self, output: list[str]) -> Board | None:
        """Take its last line; what stands before comes from the machine's own start-up files."""
        return _decoded(output, Board)


class Ask(FactBase[Status | None]):
    """How the service is."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str | None:  # noqa: ANN401  # as pyinfra has it
        """Ask for Python, without which there is no service."""
        del args, kwargs
        return "python3"

    def command(self) -> StringCommand:
        """Run `ask.py`."""
        return _python("ask.py")

    def process(self, output: list[str]) -> Status | None:
        """Take its last line."""
        return _decoded(output, Status)
