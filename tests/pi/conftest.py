"""The emulated Pi, switched on once with a new disk and no network but SSH, and digitcam deployed to it as users do."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.pi.journal import Journal
from tests.pi.user import Task, User

from pi.image import RELEASES, REPOSITORY, Image, cache, image
from pi.machine import Hardware, Machine
from pi.page import lay

SAMPLES = REPOSITORY / "device" / "digitcam" / "samples"
CONFIG = """\
[camera]
source = "v4l2:/dev/video0"
"""


@pytest.fixture(scope="session")
def release() -> str:
    """Of Debian; `make test-pi RELEASE=bookworm` chooses."""
    return os.environ.get("DIGITCAM_PI_RELEASE") or RELEASES[0]


@pytest.fixture(scope="session")
def made(release: str) -> Image:
    """The image, built now where that has not been done."""
    try:
        return image(release)
    except SystemExit as failure:
        pytest.fail(str(failure), pytrace=False)


def switched_on(name: str, made: Image, hardware: Hardware) -> Iterator[Machine]:
    """A Pi that nobody has used yet, until its test is over; several of other names may run beside it."""
    machine = Machine(cache() / "machines" / f"{name}-{made.release}", hardware)
    machine.renew(made)
    machine.start()
    yield machine
    machine.cut_power()


@pytest.fixture(scope="session")
def pi(made: Image) -> Iterator[Machine]:
    """A Pi that all share which make none of their own."""
    yield from switched_on("test", made, Hardware(offline=True))


@pytest.fixture(scope="session")
def pages() -> dict[Path, str]:
    """The shipped frames, and what is to be read on each."""
    frames = json.loads((SAMPLES / "frames.json").read_text(encoding="utf-8"))["frames"]
    return {SAMPLES / frame["image"]: "\n".join(frame["lines"]) for frame in frames}


@pytest.fixture(scope="session")
def journal(pi: Machine) -> Journal:
    return Journal(pi)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout, to be broken."""
    for name in ("device/digitcam", "host/digitlab"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "wheels").symlink_to(REPOSITORY / "build" / "wheels")
    return tmp_path


@pytest.fixture(scope="session")
def user(pi: Machine) -> User:
    return User(pi)


@pytest.fixture(scope="session")
def deployed(pi: Machine, user: User, pages: dict[Path, str]) -> Task:
    """The first deployment, to a Pi with its owner's settings and a page under its camera."""
    pi.ssh("sudo tee /etc/digitcam.toml >/dev/null", stdin=CONFIG.encode())
    lay(pi, next(iter(pages)))
    task = user.deploy()
    assert task.status == 0, task.said
    return task


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the shipped model with another card: another release, with the same environment."""
    folder = tmp_path_factory.mktemp("models")

    def model(name: str) -> Path:
        shipped = REPOSITORY / "models" / "digits.tflite"
        path = folder / f"{name}.tflite"
        path.write_bytes(shipped.read_bytes())
        card = json.loads(shipped.with_suffix(".json").read_text(encoding="utf-8"))
        path.with_suffix(".json").write_text(json.dumps({**card, "about": {"name": name}}), encoding="utf-8")
        return path

    return model
