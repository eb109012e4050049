"""Boards as they describe themselves, and wheels with next to nothing in them."""

import hashlib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec

from digitlab.deploy.machines.board import Board

PI_5: dict[str, Any] = {
    "hostname": "raspberrypi",
    "model": "Raspberry Pi 5 Model B Rev 1.0",
    "architecture": "aarch64",
    "python": [3, 13, 5],
    "glibc": "2.41",
    "system": "Debian GNU/Linux 13 (trixie)",
    "raspberry_pi_os": True,
    "free_mb": 20000,
    "systemd": 257,
    "numpy": "2.2.4",
    "packages": ["python3-numpy", "python3-picamera2"],
    "sudo": "free",
    "busy": "",
    "debian_package": "",
    "settings": {},
    "current": "",
    "releases": [],
    "environments": [],
    "active": False,
    "config": False,
}
BOOKWORM: dict[str, Any] = {
    "python": [3, 11, 2],
    "glibc": "2.36",
    "system": "Debian GNU/Linux 12 (bookworm)",
    "systemd": 252,
    "numpy": "1.24.2",
}
BITS_32: dict[str, Any] = {
    "architecture": "armv7l",
    "packages": ["python3-numpy", "python3-opencv", "python3-pil", "python3-picamera2"],
}


def facts(**changes: object) -> dict[str, Any]:
    """What `look.py` prints on a Raspberry Pi 5 with Trixie, with changes."""
    return PI_5 | changes


def board(**changes: object) -> Board:
    """The same, understood."""
    return msgspec.convert(facts(**changes), Board)


def wheel(folder: Path, name: str, version: str = "1.0", *requires: str, tag: str = "py3-none-any") -> Path:
    """A wheel with nothing in it but a module of its name."""
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    with ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
