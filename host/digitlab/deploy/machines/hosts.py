"""Which machines: one, several, or an inventory file."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from digitcam.files import read_text
from digitlab.deploy.errors import DeployError
from digitlab.deploy.options import HERE

ADDRESS = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<ip>[0-9a-fA-F:%.\w]+)\]|(?P<host>[^@:\s\[\]]+))(?::(?P<port>\d{1,5}))?"
)
FORM = "user@host, user@host:port, several with commas between, or a .toml inventory"


@dataclass(frozen=True, slots=True)
class Machine:
    """How to reach one.

    Attributes:
        name: as the person wrote it; unlike every other's.
        data: pyinfra's `ssh_*`.
    """

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One machine of an inventory; what is left out is as in `[defaults]`, and that as in ~/.ssh/config."""

    host: str = ""
    user: str = ""
    port: int = 0
    key: str = ""


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An inventory: `[pis.NAME]` for each machine, in the order in which they are deployed to, and `[defaults]`."""

    pis: dict[str, Entry]
    defaults: Entry = Entry()


def machines(text: str) -> list[Machine]:
    """Understand what the person wrote.

    Raises:
        DeployError: it names no machine, or one twice, or is no inventory.
    """
    if text == HERE:
        return [Machine(HERE)]
    if text.endswith(".toml"):
        found = _inventory(Path(text))
    else:
        found = [_machine(part.strip()) for part in text.split(",") if part.strip()]
    if not found:
        raise DeployError(f"which Pi? {FORM}")
    names = [machine.name for machine in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise DeployError(f"{twice} is named twice")
    return found


def _machine(text: str) -> Machine:
    found = ADDRESS.fullmatch(text)
    if not found:
        raise DeployError(f"{text!r} is no address of a machine; write {FORM}")
    host = found["ip"] or found["host"]
    return Machine(text, _data(Entry(host, found["user"] or "", int(found["port"] or 0))))


def _inventory(path: Path) -> list[Machine]:
    try:
        tree = tomllib.loads(read_text(path))
        inventory = msgspec.convert(tree, Inventory)
    except OSError as error:
        raise DeployError(f"{path}: cannot read the inventory: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DeployError(f"{path}: not an inventory: it is not in UTF-8; save it as that") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DeployError(f"{path}: not an inventory: {error}") from error
    usual = inventory.defaults
    return [
        Machine(
            name,
            _data(
                Entry(
                    entry.host or usual.host or name,
                    entry.user or usual.user,
                    entry.port or usual.port,
                    entry.key or usual.key,
                )
            ),
        )
        for name, entry in inventory.pis.items()
    ]


def _data(entry: Entry) -> dict[str, Any]:
    told = {"ssh_hostname": entry.host, "ssh_user": entry.user, "ssh_port": entry.port, "ssh_key": entry.key}
    return {key: value for key, value in told.items() if value}
