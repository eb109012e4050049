"""Passwords, which stand in files of their own: never in the configuration, the environment or a command line."""

import os
from collections.abc import Mapping
from pathlib import Path

from digitcam.errors import ConfigError

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what LoadCredential= names; https://systemd.io/CREDENTIALS


def path_of(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where a password stands.

    Args:
        name: a path, or the bare name of a credential that systemd gave this service.
        environ: where systemd says in which folder.
    """
    folder = environ.get(CREDENTIALS)
    return Path(folder, name) if folder and "/" not in name else Path(name)


def read(setting: str, name: str) -> str:
    """The first line of a password's file.

    Args:
        setting: which setting names it, for the error.
        name: as `path_of` takes it.

    Raises:
        ConfigError: it cannot be read, is no text, or its first line is empty.
    """
    path = path_of(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "no text"
        raise ConfigError(f"{setting}: {path}: cannot read: {reason}") from error
    password = text.partition("\n")[0].strip("\r")
    if not password:
        raise ConfigError(f"{setting}: {path}: its first line is empty; write the password there")
    return password
