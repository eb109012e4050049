"""A release small enough to be made in a moment, and a machine in a folder to install it on."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pip
import pytest
from tests.deploy.boards import board, digest, wheel
from tests.deploy.played import JOURNALCTL, LAUNCHER, PROGRAM, SYSTEMCTL, Deploy, Send, current

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.install import install
from digitlab.deploy.onpi.layout import UNIT, Layout
from digitlab.deploy.onpi.steps import checks
from digitlab.deploy.onpi.steps.checks import CheckRelease
from digitlab.deploy.onpi.steps.environment import MakeEnvironment
from digitlab.deploy.onpi.steps.listing import NAME, OnTheMachine, listed
from digitlab.deploy.onpi.steps.prune import PruneReleases
from digitlab.deploy.onpi.steps.release import MakeRelease
from digitlab.deploy.onpi.steps.settings import ChangeSettings, CreateSettings
from digitlab.deploy.onpi.steps.switch import SwitchRelease
from digitlab.deploy.onpi.whole import MARK
from digitlab.deploy.packing import release
from digitlab.deploy.packing.release import Release
from digitlab.deploy.packing.wheels import Wheels


@pytest.fixture
def wheels(tmp_path: Path) -> Wheels:
    """A resolved environment."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    made = [wheel(folder, "spam"), wheel(folder, "eggs")]
    return Wheels(folder, {path.name: digest(path) for path in made}, wheel(folder, "pip").name)


@pytest.fixture
def pack(tmp_path: Path, wheels: Wheels) -> Callable[..., Release]:
    """Packs this checkout for a board."""
    return lambda on=None, **more: release.pack(on or board(), wheels, build=tmp_path / "build", **more)


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """An empty machine."""
    for name, text in (("systemctl", SYSTEMCTL), ("journalctl", JOURNALCTL)):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(service, "SETTLE_S", 0.0)
    monkeypatch.setattr(service, "POLL_S", 0.01)
    # nobody may look into a test's folders
    monkeypatch.setattr(checks, "NOBODY", {})
    (tmp_path / "root/etc").mkdir(parents=True)
    return Layout(tmp_path / "root")


@pytest.fixture(scope="session")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pip that runs this, as a wheel."""
    path = tmp_path_factory.mktemp("pip") / "pip-1-py3-none-any.whl"
    source = Path(pip.__file__).parent
    with ZipFile(path, "w") as archive:
        for each in source.rglob("*"):
            if each.suffix != ".pyc":
                archive.write(each, each.relative_to(source.parent))
    return path


@pytest.fixture
def send(layout: Layout, installer: Path) -> Send:
    """Sends a release: what its service will be, and what it reads in its frame."""

    def one(
        name: str,
        kind: str = "well",
        reads: str = "12\n3",
        environment: str = "env",
        wait_s: float = 5.0,
        asked: Mapping[str, str] = {},
    ) -> Path:
        incoming = layout.incoming / name
        incoming.mkdir(parents=True)
        content = incoming / "release.zip"
        frames = {"frames": [{"image": "frame.png", "lines": ["12", "3"]}]}
        with ZipFile(content, "w") as archive:
            archive.writestr("bin/digitcam", LAUNCHER)
            archive.writestr("code/digitcam/__init__.py", "")
            archive.writestr("code/digitcam/__main__.py", PROGRAM.replace("READS", repr(reads)))
            archive.writestr("code/digitcam/samples/frames.json", json.dumps(frames))
            archive.writestr(UNIT, kind)
        wheels = [wheel(incoming, "spam")]
        shutil.copy(installer, incoming)
        sent = {
            "release": name,
            "version": "1",
            "model": "m",
            "environment": environment,
            "content": {"name": content.name, "sha256": digest(content)},
            "wheels": [{"name": path.name, "sha256": digest(path)} for path in wheels],
            "pip": {"name": installer.name, "sha256": digest(installer)},
        }
        (incoming / "manifest.json").write_text(json.dumps(sent))
        config, runs = str(layout.config), current(layout)
        change = layout.config.exists() and asked
        steps: list[OnTheMachine] = [
            MakeEnvironment(environment, 1),
            MakeRelease(name, runs),
            ChangeSettings(config, asked) if change else CreateSettings(config, asked),
            CheckRelease(name, wait_s),
            SwitchRelease(name, runs, wait_s),
            PruneReleases(3),
        ]
        (incoming / NAME).write_text(listed(steps))
        return incoming

    return one


@pytest.fixture
def deploy(layout: Layout, send: Send) -> Deploy:
    """Sends a release and installs it; most tests need no more of their environment than that it is whole."""

    def one(name: str, kind: str = "well", *, environment: str = "env", real: bool = False, **more: object) -> None:
        incoming = send(name, kind, environment=environment, **more)
        folder = layout.environments / environment
        if not real and not folder.exists():
            (folder / "bin").mkdir(parents=True)
            (folder / "bin/python").symlink_to(sys.executable)
            (folder / MARK).write_text("{}")
        install(layout, incoming)

    return one
