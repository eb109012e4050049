"""pyinfra over some machines: connected, asked, told, let go.

Import this after `gevent.monkey.patch_all`, without which machines would wait for each other.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pyinfra.api.config import Config
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.facts import FactBase, get_facts
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.operation import OperationMeta, add_op
from pyinfra.api.operations import run_ops
from pyinfra.api.output import set_echo
from pyinfra.api.state import BaseStateCallback, State
from pyinfra.connectors.sshuserclient.client import get_host_keys

from digitlab.deploy.machines.facts import Root
from digitlab.deploy.machines.hosts import Machine
from digitlab.deploy.onpi.tell import MARK

# Large files go through here on their way to root's folders; /tmp lies in memory on Trixie.
TEMPORARY = "/var/tmp"  # noqa: S108  # of the other machine, and sticky there

# What pyinfra raises when no machine is left, and what it lets through when a connection ends. Which machine is
# concerned, and why, is told by name in either case.
LOST = (PyinfraError, EOFError)

Answer = TypeVar("Answer")
Operation = Callable[[], OperationMeta]
Result = tuple[str, list[OperationMeta]]  # what went wrong, or nothing; and how each operation went


@dataclass(frozen=True, slots=True)
class Access:
    """How to get in.

    Attributes:
        data: pyinfra's `ssh_*` for all machines, such as a password.
        sudo_password: None where none is needed.
        parallel: how many machines at once; 0 leaves that to pyinfra.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    sudo_password: str | None = None
    parallel: int = 0


class Session:
    """Some machines, as far as they can be reached.

    Attributes:
        down: why others cannot, by name.
    """

    def __init__(self, state: State, down: Mapping[str, str]) -> None:
        """Take a connected state."""
        self._state = state
        self._root: set[Host] = set()
        self.down = down
        with suppress(*LOST):
            self._root = {host for host, is_root in get_facts(state, Root).items() if is_root}

    def facts(self, fact: type[FactBase[Answer | None]]) -> dict[str, Answer]:
        """Ask every machine, as the user who logged in; by name, without those that gave no answer."""
        with suppress(*LOST):
            return {host.name: answer for host, answer in get_facts(self._state, fact).items() if answer}
        return {}

    def carry_out(self, operations: Mapping[str, Sequence[Operation]]) -> dict[str, Result]:
        """Run each machine's operations and show what they print; how it went, by name."""
        self._state.print_output = True
        hosts = {host.name: host for host in self._hosts() if host.name in operations}
        added: dict[str, list[OperationMeta]] = {name: [] for name in hosts}
        with suppress(*LOST):
            for name, host in hosts.items():
                for each in operations[name]:
                    added[name].append(add_op(self._state, each, host=host, _sudo=host not in self._root)[host])
            run_ops(self._state)
        return {
            name: (_why(added[name]) if self._failed(host, added[name]) else "", added[name])
            for name, host in hosts.items()
        }

    def _failed(self, host: Host, operations: Sequence[OperationMeta]) -> bool:
        return host in self._state.failed_hosts or not all(each.is_complete() for each in operations)

    def shell(self, command: str) -> dict[str, bool]:
        """Run a command on every machine at once, as root, and show what it prints; whether it succeeded."""
        rights = {"_sudo_password": self._state.config.SUDO_PASSWORD, "print_output": True}
        running = {
            host.name: self._state.pool.spawn(host.run_shell_command, command, _sudo=host not in self._root, **rights)
            for host in self._hosts()
        }
        return {name: greenlet.get()[0] for name, greenlet in running.items()}

    def _hosts(self) -> list[Host]:
        return list(self._state.inventory.get_active_hosts())


@contextmanager
def session(machines: Sequence[Machine], access: Access) -> Iterator[Session]:
    """Connect to all at once; those that do not answer hold up nobody."""
    _speak()
    # read once in a process, it would not know the keys that the session before this one noted
    get_host_keys.cache.clear()
    names = [(machine.name, {**access.data, **machine.data}) for machine in machines]
    config = Config(SUDO_PASSWORD=access.sudo_password, PARALLEL=access.parallel, TEMP_DIR=TEMPORARY)
    state = State(Inventory((names, {})), config)
    refusals = _Refusals()
    state.add_callback_handler(refusals)
    with suppress(*LOST):
        connect_all(state)
    try:
        yield Session(state, refusals.why)
    finally:
        disconnect_all(state)


class _Refusals(BaseStateCallback):
    """Why machines could not be reached."""

    def __init__(self) -> None:
        self.why: dict[str, str] = {}

    def host_connect_error(self, state: State, host: Host, error: Exception) -> None:  # type: ignore[override]
        del state
        self.why[host.name] = str(error.args[0] if error.args else error)


def _why(operations: Sequence[OperationMeta]) -> str:
    """Tell what the operation that failed said; of what came from the machine, our own part where there is one."""
    said = next((each.stderr for each in operations if each.is_complete() and each.did_error()), "").strip()
    ours = said.partition(MARK)[2]
    return ours or said or "the connection was lost; the machine goes on by itself: look again with `status`"


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Tell whether it is a warning; a missing list of known hosts is none: the first machine begins it."""
    missing = isinstance(record.args, tuple) and any(isinstance(arg, FileNotFoundError) for arg in record.args)
    return record.levelno == logging.WARNING and not missing


def _speak() -> None:
    """Show what machines print; of pyinfra's own log, warnings, such as of a new host key."""
    set_echo(lambda message="", **_: print(message, file=sys.stderr, flush=True))
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_worth_telling)
    logging.getLogger("pyinfra").handlers = [handler]
    logging.getLogger("paramiko").handlers = [logging.NullHandler()]
