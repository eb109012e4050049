"""The emulated Pi, switched on once with a new disk and no network but SSH, and digitcam on it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi.image import RELEASES, REPOSITORY, Image, cache, image
from pi.machine import Hardware, Machine

SAMPLES = REPOSITORY / "device" / "digitcam" / "samples"


@pytest.fixture(scope="session")
def release() -> str:
    """Of Debian; `make test-pi RELEASE=bookworm` chooses."""
    return os.environ.get("DIGITCAM_PI_RELEASE") or RELEASES[0]


@pytest.fixture(scope="session")
def made(release: str) -> Image:
    """The image, built now where that has not been done."""
    return image(release)


@pytest.fixture(scope="session")
def pi(made: Image) -> Iterator[Machine]:
    """A Pi that nobody has used yet."""
    machine = Machine(cache() / "machines" / f"test-{made.release}", Hardware(offline=True))
    machine.renew(made)
    machine.start()
    yield machine
    machine.cut_power()


@pytest.fixture(scope="session")
def pages() -> dict[Path, str]:
    """The shipped frames, and what is to be read on each."""
    frames = json.loads((SAMPLES / "frames.json").read_text(encoding="utf-8"))["frames"]
    return {SAMPLES / frame["image"]: "\n".join(frame["lines"]) for frame in frames}


@pytest.fixture(scope="session")
def installed(pi: Machine, release: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A digitcam in an environment of its own, from wheels that were fetched here: its command."""
    wheels = tmp_path_factory.mktemp("wheels")
    _wheels(wheels, release)
    pi.copy(wheels, "wheels")
    pi.ssh("python3 -m venv --system-site-packages venv")
    pi.ssh("venv/bin/pip install --quiet --no-index --no-deps wheels/*.whl")
    return "venv/bin/digitcam"


def _wheels(folder: Path, release: str) -> None:
    """The wheel of digitcam, and the wheels that it needs for the Pi's Python; NumPy is Debian's."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, REPOSITORY / "device"], check=True)
    python, runtime, opencv = {
        "trixie": ("3.13", "ai-edge-litert", "opencv-python-headless"),
        "bookworm": ("3.11", "tflite-runtime", "opencv-python-headless<4.12"),
    }[release]
    tags = [
        f"--platform={tag}_aarch64" for tag in ("manylinux_2_34", "manylinux_2_28", "manylinux_2_27", "manylinux2014")
    ]
    only = ["--no-deps", "--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *tags]
    subprocess.run([*pip, "download", *only, "--dest", folder, runtime, opencv, "pillow", "msgspec"], check=True)
