"""A password in a file of its own: never on a command line, never in a configuration that is shown."""

import os
import secrets
import stat
from pathlib import Path

from digitcam.errors import ConfigError
from digitcam.files import read_text, write_atomically

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what LoadCredential= names: https://systemd.io/CREDENTIALS

# Three groups of four of these are typed on a phone without a doubt, and hold 58 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 3, 4


class Secret:
    """A password that shows itself to nobody who does not ask for it."""

    def __init__(self, text: str, *, exposed: str = "") -> None:
        """Keep `text`; `exposed` says what is wrong with how it is kept, empty where nothing is."""
        self.text = text
        self.exposed = exposed

    def __repr__(self) -> str:
        return "Secret(***)"


def read_secret(setting: str, name: str) -> Secret:
    """Read the first line of a file.

    Args:
        setting: which setting names the file, for messages.
        name: a path, or the bare name of a credential that systemd gave this service.

    Raises:
        ConfigError: it cannot be read, or its first line is empty.
    """
    path = secret_path(name)
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no text in UTF-8"
        raise ConfigError(f"{setting}: {path}: cannot read: {reason}") from error
    password = text.partition("\n")[0].strip("\r")
    if not password:
        raise ConfigError(f"{setting}: {path}: its first line is empty; write the password there")
    return Secret(password, exposed=exposed(path))


def secret_path(name: str) -> Path:
    """Tell where a password lies: `name` itself, or the credential of that name where systemd gives some."""
    folder = os.environ.get(CREDENTIALS)
    return Path(folder, name) if folder and "/" not in name else Path(name)


def make_secret(path: Path) -> str:
    """Write a new password that nobody can guess, in place of one that stands there.

    Raises:
        OutputError: it cannot be written.
    """
    text = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    write_atomically(path, f"{text}\n".encode(), private=True)
    return text


def exposed(path: Path) -> str:
    """Tell what is wrong with who may read a file that others should not; empty where nothing is."""
    return f"every user can read {path}: chmod 600 it" if path.stat().st_mode & stat.S_IROTH else ""
