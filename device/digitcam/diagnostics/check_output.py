"""Whether an output that is switched on can work: its extra, its passwords, broker and folder."""

import shutil
import socket
from collections.abc import Iterator
from typing import Any

import msgspec

from digitcam.config import Config, MqttConfig
from digitcam.config.secret import read_secret, secret_path
from digitcam.diagnostics.finding import Check
from digitcam.errors import OutputError
from digitcam.outputs.extras import require
from digitcam.outputs.record.retention import MB, Ring
from digitcam.page_address import addresses

ANSWER_S = 3.0


def check_output(name: str, config: Config) -> Check:
    """Look at one output.

    Args:
        name: its section.
        config: with that section switched on.

    Raises:
        ConfigError: its extra is not installed, or a password cannot be read.
        OutputError: its broker does not answer, or its folder cannot be written to.
    """
    require(name)
    settings: dict[str, Any] = msgspec.to_builtins(getattr(config, name))
    advice = "; ".join(passwords(name, settings))
    if name == "mqtt":
        found = _broker(config.mqtt)
    elif name == "record":
        found, doubt = _folder(config)
        advice = "; ".join(filter(None, [advice, doubt]))
    else:
        found = " and ".join(addresses(config.web))
    return Check(name, "note" if advice else "ok", found, advice)


def passwords(name: str, settings: dict[str, Any]) -> Iterator[str]:
    """Read every file that holds a password; what others could read is told, and what this user cannot."""
    for key, file in settings.items():
        if not (key.endswith("password_file") and file):
            continue
        try:
            secret_path(file).open().close()
        except PermissionError:
            yield f"{file}: only root and the service may read it, as it should be; `sudo digitcam check` does"
            continue
        except FileNotFoundError:
            if name == "web" and "/" in file:
                continue  # it is made when the page starts
        if told := read_secret(f"{name}.{key}", file).exposed:
            yield told


def _broker(config: MqttConfig) -> str:
    from digitcam.outputs.mqtt.access import read_access
    from digitcam.outputs.mqtt.connection import address, port_of
    from digitcam.outputs.mqtt.reasons import of_connecting

    where, context = address(config), read_access(config).context
    try:
        with socket.create_connection((config.host, port_of(config)), ANSWER_S) as connected:
            if context:
                context.wrap_socket(connected, server_hostname=config.host).close()
    except (OSError, ValueError) as error:
        raise OutputError(f"{where}: {of_connecting(error, tls=context is not None)}") from error
    return f"a broker answers at {where}{' with TLS' if context else ''}"


def _folder(config: Config) -> tuple[str, str]:
    """What is there, and what is wrong with its times or the clock."""
    doubt = Ring(config.record).doubt
    free = shutil.disk_usage(config.record.folder).free // MB
    if free < config.record.min_free_mb:
        raise OutputError(f"{config.record.folder}: {free} MB free, record.min_free_mb is {config.record.min_free_mb}")
    return f"{config.record.folder} can be written to, {free} MB free", doubt
