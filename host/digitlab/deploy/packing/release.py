"""A release, packed: what a machine gets beside its wheels."""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import digitcam
from digitcam.files import write_atomically
from digitcam.model.card import card_path, read_model
from digitlab.deploy.machines.board import Board
from digitlab.deploy.onpi.layout import PROGRAM, UNIT
from digitlab.deploy.onpi.manifest import NAME, Manifest, Sent
from digitlab.deploy.packing.archive import BUILD, make_folder, zipped
from digitlab.deploy.packing.wheels import Wheels

CONTENT = "release.zip"
CODE = Path(str(files(digitcam)))
MODELS = Path("code/digitcam/models")
SHIPPED = MODELS / "digits.tflite"
COMPILED = MODELS / "digits_edgetpu.tflite"
ID = 12  # hexadecimal digits of a hash that names something
LAUNCHER = b"""#!/bin/sh
# digitcam with this release's code and environment, whoever calls it, wherever, and whatever links led here.
here=$(dirname "$(dirname "$(readlink -f "$0")")")
export PYTHONPATH="$here/code" PYTHONSAFEPATH=1 PYTHONNOUSERSITE=1
exec "$here/environment/bin/python" -m digitcam "$@"
"""
LEFT_OUT = "__pycache__"


@dataclass(frozen=True, slots=True)
class Release:
    """What is sent to machines of one kind.

    Attributes:
        manifest: names and hashes.
        folder: where the zip and the manifest lie.
        wheels: of its environment.
    """

    manifest: Manifest
    folder: Path
    wheels: Wheels

    @property
    def megabytes(self) -> int:
        """Size of the wheels."""
        return sum((self.wheels.folder / name).stat().st_size for name in self.wheels.sha256) // 1_000_000


def pack(board: Board, wheels: Wheels, model: Path | None = None, *, build: Path = BUILD) -> Release:
    """Pack code, model, unit and program.

    Args:
        board: a machine of the kind that it is for.
        wheels: of its environment.
        model: in place of the shipped one: a .tflite with its card beside it, and `_edgetpu.tflite` where there is one.
        build: where to put it.

    Raises:
        ModelError: the model and its card do not belong together.
        OutputError: it cannot be written.
    """
    content = _content(model)
    python = ".".join(map(str, board.python[:2]))
    environment = _named([python, board.architecture, sorted(wheels.sha256.values())])
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    release = _named([environment, sorted(digests.items())])
    packed = zipped(content)
    manifest = Manifest(
        release,
        digitcam.__version__,
        digests[str(SHIPPED)],
        environment,
        Sent(CONTENT, hashlib.sha256(packed).hexdigest()),
        tuple(Sent(name, digest) for name, digest in sorted(wheels.sha256.items())),
        Sent(wheels.pip, hashlib.sha256((wheels.folder / wheels.pip).read_bytes()).hexdigest()),
    )
    folder = build / release
    make_folder(folder)
    # another deployment may be sending the same
    write_atomically(folder / CONTENT, packed)
    write_atomically(folder / NAME, json.dumps(asdict(manifest), indent=2).encode())
    return Release(manifest, folder, wheels)


def _content(model: Path | None) -> dict[str, bytes]:
    """List every file of the release's folder, by its path there."""
    code = {str("code/digitcam" / path.relative_to(CODE)): path.read_bytes() for path in _walk(CODE)}
    if model:
        read_model(model)
        compiled = model.with_name(f"{model.stem}_edgetpu.tflite")
        code[str(SHIPPED)] = model.read_bytes()
        code[str(card_path(SHIPPED))] = card_path(model).read_bytes()
        code.pop(str(COMPILED), None)
        if compiled.is_file():
            code[str(COMPILED)] = compiled.read_bytes()
    unit = Path(str(files("digitlab.deploy.packing") / UNIT)).read_bytes()
    return {**code, PROGRAM: LAUNCHER, UNIT: unit}


def _walk(folder: Path) -> list[Path]:
    """Walk everything below a folder; `rglob` goes into no linked one before Python 3.13, and models/ is a link."""
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name != LEFT_OUT:
            found += _walk(path) if path.is_dir() else [path]
    return found


def _named(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:ID]
