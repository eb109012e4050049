"""What lies beside an output and says how it was made: NAME.made.json."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitlab.steps.source import digest_sources


class Input(Struct, frozen=True):
    """A file or folder that something was made from: its path, as it was given, and its digest."""

    path: str
    digest: str


class Manifest(Struct, frozen=True):
    """How an output was made.

    Attributes:
        module: whose source decides it, with that of all modules that it imports.
        parameters: that were given.
        inputs: what it was made from, by its name.
        sources: names of modules, and their digests.
        outputs: names of what was made, and their digests; empty as long as it is not finished.
    """

    module: str
    parameters: dict[str, Any]
    inputs: dict[str, Input]
    sources: dict[str, str]
    outputs: dict[str, str] = {}

    def differences(self, now: "Manifest") -> list[str]:
        """Say what has changed since, a few words each."""
        said = [
            f"{name} was {self.parameters.get(name)}, is {now.parameters.get(name)}"
            for name in sorted({*self.parameters, *now.parameters})
            if self.parameters.get(name) != now.parameters.get(name)
        ]
        before, after = ({name: one.digest for name, one in made.inputs.items()} for made in (self, now))
        changed = [*_unlike(before, after), *_unlike(self.sources, now.sources)]
        return said + [f"{name} has changed" for name in changed]


def _unlike(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]


def describe(module: str, parameters: Mapping[str, Any], inputs: Iterable[Path]) -> Manifest:
    """Say how something would be made now by `module`."""
    known = {path.name: Input(str(path), digest(path)) for path in inputs}
    return Manifest(module, msgspec.to_builtins(dict(parameters)), known, digest_sources(module))


def manifest_path(output: Path) -> Path:
    """Tell where the manifest of a file or folder lies."""
    return output.with_name(f"{output.name}.made.json")


def read_manifest(output: Path) -> Manifest | None:
    """Read how an output was made; None where that is not known: nothing is noted, or the note is damaged."""
    try:
        return msgspec.json.decode(manifest_path(output).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return None


def write_manifest(output: Path, manifest: Manifest) -> None:
    """Note how an output was made, or is being made.

    Raises:
        OutputError: it cannot be written.
    """
    path = manifest_path(output)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent}: cannot make this folder: {error.strerror}") from error
    write_atomically(path, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def digest(path: Path) -> str:
    """Give a digest of what a file holds; empty where there is none.

    Of a folder, its manifest and the names and sizes of its files count: it holds gigabytes, which follow from them.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        listed = "\n".join(f"{file.relative_to(path)} {file.stat().st_size}" for file in files)
        made = read_manifest(path)
        recipe = msgspec.json.encode(msgspec.structs.replace(made, outputs={})) if made else b""
        return hashlib.sha256(recipe + listed.encode()).hexdigest()
    try:
        known = path.stat()
        return _hash(path, known.st_mtime_ns, known.st_size)
    except OSError:
        return ""


@cache
def _hash(path: Path, changed_ns: int, size: int) -> str:  # noqa: ARG001  # a file that changes is read again
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
