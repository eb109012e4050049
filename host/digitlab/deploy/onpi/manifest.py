"""What was sent: names and hashes."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from digitlab.deploy.onpi.errors import DeploymentError

NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent.

    Attributes:
        name: within its folder.
        sha256: hexadecimal.
    """

    name: str
    sha256: str

    def verified(self, folder: Path) -> Path:
        """Give its path, once its content is known to be right.

        Raises:
            DeploymentError: it is missing or damaged.
        """
        path = folder / self.name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DeploymentError(f"{path}: cannot read: {error.strerror}; deploy again") from error
        if found != self.sha256:
            raise DeploymentError(f"{path}: damaged on its way (SHA-256 {found[:16]}...); deploy again")
        return path


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release, as it was sent.

    Attributes:
        release: its name: the hash of everything in it.
        version: digitcam's.
        model: the model's SHA-256.
        environment: the name of its environment: the hash of its wheels and its Python.
        content: a zip of the release's folder.
        wheels: of its environment.
        pip: the wheel that installs them.
    """

    release: str
    version: str
    model: str
    environment: str
    content: Sent
    wheels: tuple[Sent, ...]
    pip: Sent

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from the folder that everything was sent to.

        Raises:
            DeploymentError: it is missing or damaged.
        """
        path = folder / NAME
        try:
            tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            wheels = tuple(Sent(**each) for each in tree.pop("wheels"))
            return cls(**tree | {"wheels": wheels, "content": Sent(**tree["content"]), "pip": Sent(**tree["pip"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DeploymentError(f"{path}: cannot be read: {error}; deploy again") from error
