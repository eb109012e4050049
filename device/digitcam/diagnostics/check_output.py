"""Whether an output that is switched on can work: what it needs, its passwords, and what itself looks at."""

from collections.abc import Iterator
from typing import Any

import msgspec

from digitcam.config import Config
from digitcam.config.secret import read_secret, secret_path
from digitcam.diagnostics.finding import Check
from digitcam.outputs.base import Finding
from digitcam.outputs.registry import find_output, settings_of
from digitcam.plugins import require


def check_output(name: str, config: Config) -> Check:
    """Look at one output.

    Args:
        name: its section.
        config: with that section switched on.

    Raises:
        ConfigError: its extra is not installed, or a password cannot be read.
        OutputError: its broker does not answer, or its folder cannot be written to.
    """
    plugin, settings = find_output(name), settings_of(config, name)
    require(name, plugin)
    advice = check_passwords(name, msgspec.to_builtins(settings), made=plugin.makes_passwords)
    found = plugin.check(settings) if plugin.check else Finding("")
    said = "; ".join(filter(None, [*advice, found.advice]))
    return Check(name, "note" if said else "ok", found.found, said)


def check_passwords(name: str, settings: dict[str, Any], *, made: bool = False) -> Iterator[str]:
    """Read every file that holds a password; what others could read is told, and what this user cannot.

    Args:
        name: the section.
        settings: its keys and values.
        made: whether one that is missing is made at the start.
    """
    for key, file in settings.items():
        if not (key.endswith("password_file") and file):
            continue
        try:
            secret_path(file).open().close()
        except PermissionError:
            yield f"{file}: only root and the service may read it, as it should be; `sudo digitcam check` does"
            continue
        except FileNotFoundError:
            if made and "/" in file:
                continue  # it is made when the page starts
        if told := read_secret(f"{name}.{key}", file).exposed:
            yield told
