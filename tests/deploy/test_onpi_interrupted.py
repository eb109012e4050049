"""Cut off at any step, and two at once."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.played import Deploy, Send, current

from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.lock import locked
from digitlab.deploy.onpi.whole import filling, is_whole, sweep


@pytest.mark.parametrize("parent", ["releases", "environments"])
def test_what_was_left_half_made_is_deleted_and_made_again(layout: Layout, deploy: Deploy, parent: str) -> None:
    deploy("one")
    half = getattr(layout, parent) / {"releases": "two", "environments": "env2"}[parent]
    (half / "code").mkdir(parents=True)
    (half / "code/half.py").write_text("")
    deploy("two", environment="env2", real=True)
    assert current(layout) == "two"
    assert not (half / "code/half.py").exists()


def test_a_folder_is_whole_only_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    with filling(folder, {}):
        (folder / "file").write_text("")
        assert not is_whole(folder)
    assert is_whole(folder)
    assert sweep(tmp_path) == []


def test_an_error_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), filling(tmp_path / "folder", {}):
        _ = 1 / 0
    assert not (tmp_path / "folder").exists()


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    with (
        pytest.raises(DeploymentError, match=r"folder: cannot be made: No space left on device$"),
        filling(tmp_path / "folder", {}),
    ):
        Path("/dev/full").write_text("x")
    assert not (tmp_path / "folder").exists()


# Kills itself at the n-th call of something that changes a name or a disk: as if the power went then.
CUT = """
import os, sys
from pathlib import Path
left = int(sys.argv[1])
def cut(event, arguments):
    global left
    if event in ("os.rename", "os.symlink", "os.mkdir", "shutil.rmtree", "os.remove", "subprocess.Popen"):
        left -= 1
        if not left:
            os.kill(os.getpid(), 9)
sys.addaudithook(cut)
from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.install import install
from digitlab.deploy.onpi.layout import Layout
from digitlab.deploy.onpi.steps import checks
service.SETTLE_S, service.POLL_S, checks.NOBODY = 0.0, 0.01, {}
install(Layout(Path(sys.argv[2])), Path(sys.argv[3]))
"""


def test_a_cut_at_any_step_leaves_a_whole_release(layout: Layout, send: Send, deploy: Deploy) -> None:
    deploy("old")
    whole = {"old", "new"}
    seen: list[str] = []
    for step in range(1, 200):
        incoming = layout.incoming / "new"
        if not (incoming / "manifest.json").exists():
            shutil.rmtree(incoming, ignore_errors=True)  # half deleted
            send("new", environment="env2")
        done = subprocess.run(
            [sys.executable, "-c", CUT, str(step), str(layout.prefix), str(incoming)],
            capture_output=True,
            text=True,
            check=False,
        )
        release = layout.current.resolve()
        seen.append(release.name)
        assert release.name in whole, step
        assert is_whole(release), step
        assert is_whole((release / "environment").resolve()), step
        assert layout.unit.read_text() == "well", step
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
    assert seen[0] == "old"
    assert seen[-1] == "new"
    assert step > 10
    assert sorted(path.name for path in layout.releases.iterdir()) == ["new", "old"]


def test_two_at_once_is_one_clear_line(layout: Layout) -> None:
    busy = rf"another deployment is at work here \(process {os.getpid()}\)"
    with locked(layout), pytest.raises(DeploymentError, match=busy), locked(layout):
        pass
    with locked(layout):
        pass


HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(600)
"""


def test_a_lock_dies_with_its_process(layout: Layout) -> None:
    layout.home.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", HOLDER, layout.lock], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with layout.lock.open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        process.kill()
    with locked(layout):
        pass
