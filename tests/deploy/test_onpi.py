"""What runs on the machine, in a folder: real environments, releases and links; systemd is played by a script."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pip
import pytest
from tests.deploy.boards import digest, wheel

from digitlab.deploy.onpi import checks, service
from digitlab.deploy.onpi.bench import bench
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.install import install, prune
from digitlab.deploy.onpi.layout import UNIT, Layout
from digitlab.deploy.onpi.lock import locked
from digitlab.deploy.onpi.remove import remove
from digitlab.deploy.onpi.switch import back
from digitlab.deploy.onpi.whole import MARK, filling, is_whole, sweep

# Answers `show` from the unit that `current` leads to: a release is well, crashes, ends, or never gets ready, as the
# text of its unit says.
SYSTEMCTL = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$*" in
*restart*) echo $(( $(cat "$here/starts" 2>/dev/null || echo 0) + 1 )) > "$here/starts" ;;
*stop*) rm -f "$here/starts" ;;
show*)
    kind=inactive
    [ -e "$here/starts" ] && kind=$(cat "$here/root/etc/systemd/system/digitcam.service" 2>/dev/null || echo inactive)
    restarts=0 result=success status=
    case $kind in
    well) active=active sub=running status="9.0 readings a second, 5.0 ms each" ;;
    mute) active=active sub=running status="0.0 readings a second; camera: gone" ;;
    slow) active=activating sub=start ;;
    crash) active=activating sub=auto-restart result=exit-code ;;
    *) active=inactive sub=dead ;;
    esac
    echo "ActiveState=$active"
    echo "SubState=$sub"
    echo "StatusText=$status"
    echo "NRestarts=$restarts"
    echo "Result=$result"
    echo "ExecMainStatus=1"
    echo "InvocationID=$(cat "$here/starts" 2>/dev/null)" ;;
esac
"""
JOURNALCTL = """#!/bin/sh
case "$*" in *INVOCATION*) echo "the last line" ;; esac
"""
# Plays digitcam: reads the file of settings, and its one frame.
PROGRAM = """
import json, sys
from pathlib import Path
words = sys.argv[1:]
if words[:2] == ["config", "--schema"]:
    print("{}")
elif words[:2] == ["config", "--example"]:
    print("# A section.\\n[camera]\\n# Where frames come from.\\nsource = \\"picamera2\\"")
elif words[0] == "check":
    text = Path(words[-1]).read_text()
    bad = "bad" in text
    checks = [{"name": "configuration", "state": "fault" if bad else "ok", "found": "", "advice": "what is bad?"},
              {"name": "camera", "state": "fault", "found": "", "advice": "in use"}]
    print(json.dumps({"ok": False, "checks": checks}))
else:
    print(json.dumps({"text": READS}))
"""
LAUNCHER = (
    '#!/bin/sh\nhere=$(dirname "$(dirname "$(readlink -f "$0")")")\nexport PYTHONPATH="$here/code"\n'
    'exec "$here/environment/bin/python" -m digitcam "$@"\n'
)


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


Send = Callable[..., Path]


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

    def one(name: str, kind: str = "well", reads: str = "12\n3", environment: str = "env") -> Path:
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
        return incoming

    return one


@pytest.fixture
def deploy(layout: Layout, send: Send) -> Callable[..., None]:
    """Sends a release and installs it; most tests need no more of their environment than that it is whole."""

    def one(name: str, kind: str = "well", *, wait_s: float = 5.0, real: bool = False, **more: str) -> None:
        incoming = send(name, kind, **more)
        folder = layout.environments / more.get("environment", "env")
        if not real and not folder.exists():
            (folder / "bin").mkdir(parents=True)
            (folder / "bin/python").symlink_to(sys.executable)
            (folder / MARK).write_text("{}")
        install(layout, incoming, wait_s, keep=3)

    return one


Deploy = Callable[..., None]


def current(layout: Layout) -> str:
    return layout.current.resolve().name if layout.current.exists() else ""


def test_a_first_release_runs(
    layout: Layout, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    assert current(layout) == "one"
    assert layout.unit.read_text() == layout.wanted.read_text() == "well"
    assert not layout.current.readlink().is_absolute()
    assert (layout.current / "config.schema.json").read_text() == "{}\n"
    assert list(layout.incoming.iterdir()) == []
    assert "9.0 readings a second" in capsys.readouterr().out
    calls = (tmp_path / "calls").read_text()
    assert calls.index("daemon-reload") < calls.index("restart")


def test_the_environment_sees_the_system_and_holds_what_was_sent(layout: Layout, deploy: Deploy) -> None:
    deploy("one", real=True)
    environment = layout.environments / "env"
    assert "include-system-site-packages = true" in (environment / "pyvenv.cfg").read_text()
    installed = [path.name for path in environment.glob("lib/python*/site-packages/*")]
    assert "spam.py" in installed
    assert "pip" not in installed


def test_settings_are_created_with_everything_explained_and_nothing_set(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    lines = layout.config.read_text().splitlines()
    assert lines == ["# A section.", "[camera]", "# Where frames come from.", '# source = "picamera2"']
    assert layout.config.stat().st_mode & 0o777 == 0o644


def test_the_users_settings_stay(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text("# mine\n")
    deploy("one")
    assert layout.config.read_text() == "# mine\n"


def test_a_second_release_shares_the_environment(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    made = (layout.environments / "env" / MARK).stat().st_ino
    deploy("two")
    assert (layout.environments / "env" / MARK).stat().st_ino == made
    assert (current(layout), layout.previous.resolve().name) == ("two", "one")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("crash", r"two ended soon after its start \(exit-code, exit status 1\); one is back and running"),
        ("ended", "two ended by itself: does camera.source have an end.; one is back"),
        ("slow", r"two was not ready \(activating\) within 0 s; one is back"),
        ("mute", "two read nothing within 0 s: 0.0 readings a second; camera: gone; one is back"),
    ],
)
def test_a_release_that_is_not_well_gives_way_to_the_one_before(
    layout: Layout, deploy: Deploy, kind: str, said: str
) -> None:
    deploy("one")
    with pytest.raises(DeploymentError, match=said) as error:
        deploy("two", kind, wait_s=0.3)
    assert current(layout) == "one"
    assert layout.unit.read_text() == "well"
    if kind != "ended":
        assert str(error.value).endswith("\n    the last line")
    assert service.state().reads


def test_a_first_release_that_is_not_well_leaves_nothing_running(layout: Layout, deploy: Deploy) -> None:
    with pytest.raises(DeploymentError, match="none ran before it, so none runs now"):
        deploy("one", "crash")
    assert current(layout) == ""
    assert not layout.unit.is_symlink()
    assert not layout.wanted.is_symlink()


def test_settings_that_the_new_release_cannot_read_stop_it_before_the_switch(
    layout: Layout, deploy: Deploy, tmp_path: Path
) -> None:
    deploy("one")
    starts = (tmp_path / "starts").read_text()
    layout.config.write_text("bad")
    with pytest.raises(DeploymentError, match=r"two: configuration: what is bad\?; nothing was changed"):
        deploy("two")
    assert (current(layout), (tmp_path / "starts").read_text()) == ("one", starts)


def test_a_release_that_misreads_its_frame_stops_before_the_switch(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    with pytest.raises(DeploymentError, match=r"two: reads frame.png as '99', not '12\\n3'; nothing was changed"):
        deploy("two", reads="99")
    assert current(layout) == "one"


@pytest.mark.parametrize("damaged", ["release.zip", "spam-1.0-py3-none-any.whl"])
def test_what_was_damaged_on_its_way_is_not_installed(layout: Layout, send: Send, damaged: str) -> None:
    incoming = send("one")
    (incoming / damaged).write_bytes(b"PK")
    with pytest.raises(DeploymentError, match=f"{damaged}: damaged on its way"):
        install(layout, incoming, 5, keep=3)
    assert current(layout) == ""
    assert not (layout.releases / "one").exists()


def test_going_back_and_forth(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    with pytest.raises(DeploymentError, match="none to go back to"):
        back(layout, 5)
    deploy("two")
    back(layout, 5)
    assert (current(layout), layout.previous.resolve().name) == ("one", "two")
    back(layout, 5)
    assert current(layout) == "two"


def test_three_releases_stay_and_what_they_need(layout: Layout, deploy: Deploy) -> None:
    for number, name in enumerate(("a", "b", "c", "d")):
        deploy(name, environment=f"env{number // 2}")
        os.utime(layout.releases / name, (number, number))
    assert sorted(path.name for path in layout.releases.iterdir()) == ["b", "c", "d"]
    deploy("e", environment="env1")
    assert sorted(path.name for path in layout.releases.iterdir()) == ["c", "d", "e"]
    assert sorted(path.name for path in layout.environments.iterdir()) == ["env1"]


def test_the_current_and_the_previous_one_stay_however_old(layout: Layout, deploy: Deploy) -> None:
    deploy("a")
    deploy("b")
    os.utime(layout.releases / "a", (0, 0))
    prune(layout, keep=1)
    assert sorted(path.name for path in layout.releases.iterdir()) == ["a", "b"]


# measured


def measures(layout: Layout, answer: str) -> None:
    """Have the current release's benchmark do that."""
    launcher = layout.current / "bin/digitcam"
    launcher.chmod(0o755)
    launcher.write_text(f"#!/bin/sh\n{answer}\n")


def test_a_benchmark_ends_when_the_service_reads_again(
    layout: Layout, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    measures(layout, "echo '{\"ms\": 1}'")
    (tmp_path / "calls").unlink()
    capsys.readouterr()
    bench(layout, 5)
    assert capsys.readouterr().out == '{"ms": 1}\n'
    calls = (tmp_path / "calls").read_text().splitlines()
    started = calls.index(f"--no-block restart {UNIT}")
    assert calls.index(f"stop {UNIT}") < started
    # it was asked how it is after it was started, and was well
    assert any(call.startswith("show") for call in calls[started:])
    assert service.state().reads


def test_a_service_that_is_not_well_after_a_benchmark_is_told(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    measures(layout, f"echo slow > {layout.current / UNIT}; echo '{{}}'")
    with pytest.raises(DeploymentError, match=r"measured, but the service was not ready \(activating\) within 0 s"):
        bench(layout, 0.3)
    assert capsys.readouterr().out.endswith("{}\n")


def test_a_benchmark_that_fails_leaves_the_service_running(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    measures(layout, "echo digitcam: no shipped sample >&2; exit 1")
    with pytest.raises(DeploymentError, match="no shipped sample"):
        bench(layout, 5)
    assert service.state().reads


def test_a_service_that_stood_still_before_a_benchmark_stays_so(layout: Layout, deploy: Deploy, tmp_path: Path) -> None:
    deploy("one")
    (tmp_path / "starts").unlink()
    measures(layout, "echo '{}'")
    bench(layout, 5)
    assert service.state().active == "inactive"


# interrupted


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
from digitlab.deploy.onpi import checks, service
from digitlab.deploy.onpi.bench import bench
from digitlab.deploy.onpi.install import install
from digitlab.deploy.onpi.layout import Layout
service.SETTLE_S, service.POLL_S, checks.NOBODY = 0.0, 0.01, {}
install(Layout(Path(sys.argv[2])), Path(sys.argv[3]), 5.0, 3)
"""


def test_a_cut_at_any_step_leaves_a_whole_release(layout: Layout, send: Send, deploy: Deploy) -> None:
    deploy("old")
    whole = {"old", "new"}
    seen: list[str] = []
    for step in range(1, 200):
        incoming = layout.incoming / "new"
        if not incoming.exists():
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


# at once


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


# taken away


def test_nothing_is_left_but_what_the_user_made(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    layout.state.mkdir(parents=True)
    remove(layout)
    assert capsys.readouterr().out.splitlines()[-1] == "removed; nothing is left"
    left = [path for path in layout.prefix.rglob("*") if not path.is_dir()]
    assert left == []
    assert not layout.home.exists()


def test_what_the_user_made_is_left_and_named(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    layout.config.write_text("# mine\n")
    layout.state.mkdir(parents=True)
    (layout.state / "record").write_text("")
    layout.drop_ins.mkdir()
    (layout.drop_ins / "override.conf").write_text("")
    remove(layout)
    told = capsys.readouterr().out
    for path in (layout.config, layout.state, layout.drop_ins):
        assert path.exists()
        assert str(path) in told
    assert not layout.unit.is_symlink()


def test_settings_that_were_there_before_are_the_users(layout: Layout, deploy: Deploy) -> None:
    layout.config.write_text("")
    deploy("one")
    remove(layout)
    assert layout.config.exists()


def test_the_hash_of_the_created_settings_is_kept(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    assert layout.record.read_text() == sha256(layout.config.read_bytes()).hexdigest()
