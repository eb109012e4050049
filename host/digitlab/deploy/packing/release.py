"""A release, packed: what a machine gets beside its wheels."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import digitcam
import digitlab.deploy
from digitcam.errors import OutputError
from digitcam.files import write_atomically
from digitcam.model.card import card_path, read_model
from digitlab.deploy.machines.board import Board
from digitlab.deploy.onpi.layout import UNIT
from digitlab.deploy.onpi.manifest import NAME, Manifest, Sent
from digitlab.deploy.packing.wheels import Wheels

BUILD = Path("build/deploy")
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
    packed = _zip(content)
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
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot make this folder: {error.strerror}") from error
    # another deployment may be sending the same
    write_atomically(folder / CONTENT, packed)
    write_atomically(folder / NAME, json.dumps(asdict(manifest), indent=2).encode())
    return Release(manifest, folder, wheels)


def program(build: Path = BUILD) -> Path:
    """What runs on the Pi, as one file that its Python runs.

    Raises:
        OutputError: it cannot be written.
    """
    here = Path(str(files(digitlab.deploy)))
    content = dict.fromkeys(("digitlab/__init__.py", "digitlab/deploy/__init__.py"), b"")
    content |= {f"digitlab/deploy/onpi/{path.name}": path.read_bytes() for path in (here / "onpi").glob("*.py")}
    content["__main__.py"] = b"import sys\n\nfrom digitlab.deploy.onpi.cli import main\n\nsys.exit(main())\n"
    path = build / "deployment.pyz"
    try:
        build.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{build}: cannot make this folder: {error.strerror}") from error
    write_atomically(path, _zip(content))
    return path


def _content(model: Path | None) -> dict[str, bytes]:
    """Every file of the release's folder, by its path there."""
    code = {str("code/digitcam" / path.relative_to(CODE)): path.read_bytes() for path in _walk(CODE)}
    if model:
        read_model(model)
        compiled = model.with_name(f"{model.stem}_edgetpu.tflite")
        code[str(SHIPPED)] = model.read_bytes()
        code[str(card_path(SHIPPED))] = card_path(model).read_bytes()
        code.pop(str(COMPILED), None)
        if compiled.is_file():
            code[str(COMPILED)] = compiled.read_bytes()
    unit = Path(str(files(digitlab.deploy) / UNIT)).read_bytes()
    return {**code, "bin/digitcam": LAUNCHER, UNIT: unit}


def _walk(folder: Path) -> list[Path]:
    """Everything below a folder; `rglob` goes into no linked one before Python 3.13, and models/ is a link."""
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name != LEFT_OUT:
            found += _walk(path) if path.is_dir() else [path]
    return found


def _zip(content: Mapping[str, bytes]) -> bytes:
    """The same content gives the same bytes: ZipInfo's date is fixed."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    return packed.getvalue()


def _named(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:ID]
