"""An output and a camera that are added from outside, each in one file, by entry points."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from digitcam.config import shipped_model
from digitcam.plugins import CAMERAS, OUTPUTS
from services import Service

Command = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., Service]

EXAMPLES = Path(__file__).parent / "plugins"
FRAME = Path(shipped_model()).parents[1] / "samples/frame-0.png"
ENTRY_POINTS = """\
[digitcam.outputs]
textfile = text_file:PLUGIN
broken = nowhere:PLUGIN
needy = needy:PLUGIN
Odd-Name = text_file:PLUGIN
none = json:dumps

[digitcam.cameras]
still = still:PLUGIN
"""
NEEDY = """\
from text_file import TextFileConfig, _open
from digitcam.outputs.base import OutputPlugin
PLUGIN = OutputPlugin(
    settings=TextFileConfig, is_wanted=lambda settings: True, open=_open, needs={"no_such_module": "No Such 3"}
)
"""


def install(folder: Path, entry_points: str) -> None:
    """What pip leaves of a package that announces plug-ins."""
    about = folder / "digitcam_examples-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: digitcam-examples\nVersion: 1\n")
    (about / "entry_points.txt").write_text(entry_points)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a package with both examples is installed, and others that are no good."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, ENTRY_POINTS)
    (folder / "needy.py").write_text(NEEDY)
    paths = [str(folder), str(EXAMPLES), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    return folder


def only_examples(folder: Path) -> None:
    """Leave out those that are no good."""
    shutil.rmtree(folder / "digitcam_examples-1.dist-info")
    install(
        folder,
        "".join(
            line
            for line in ENTRY_POINTS.splitlines(keepends=True)
            if "ne" not in line.split("=")[0] and "broken" not in line and "Odd" not in line
        ),
    )


def test_the_output_gets_what_the_camera_gives(installed: Path, tmp_path: Path, service: Start) -> None:
    del installed
    page, text = tmp_path / "page.png", tmp_path / "text.txt"
    shutil.copy(FRAME, page)
    settings = f'[textfile]\npath = "{text}"\nunit = " kWh"\n[still]\nevery = 0.1\n'
    running = service(settings, "--source", f"still:{page}")
    told = running.wait_for(r"^\d", "stdout").split("   ")[0].rstrip()
    running.wait_for("camera: .*a picture, each 0.1 s")
    assert running.end() == 0
    assert text.read_text() == told.replace(" / ", "\n") + " kWh\n"


def test_a_camera_that_fails_is_opened_again_like_any_other(installed: Path, tmp_path: Path, service: Start) -> None:
    del installed
    page = tmp_path / "page.png"
    running = service("[camera]\nwait = true\n[still]\nevery = 0.1\n", "--source", f"still:{page}")
    running.wait_for("camera: .*no such picture yet")
    shutil.copy(FRAME, page)
    running.wait_for(r"^\d", "stdout")
    assert running.end() == 0


def test_an_output_that_fails_is_a_fault_and_the_rest_goes_on(installed: Path, tmp_path: Path, service: Start) -> None:
    del installed
    running = service(f'[textfile]\npath = "{tmp_path}/missing/text.txt"\n', "--source", "replay:demo")
    running.wait_for("textfile: .*cannot write")
    running.wait_for(r"^\d", "stdout")
    assert running.end() == 0


def test_their_settings_are_shown_and_explained_like_all_others(installed: Path, digitcam: Command) -> None:
    only_examples(installed)
    example = digitcam("config", "--example").stdout
    assert '# Keep the newest text in a file.\n[textfile]\n# The file; empty: none.\npath = ""\n' in example
    assert "# Seconds between two looks at it. Above 0 to 3600.\nevery = 1.0" in example
    sections = tomllib.loads(digitcam("config", env={**os.environ, "DIGITCAM_TEXTFILE_UNIT": "m"}).stdout)
    assert sections["textfile"] == {"path": "", "unit": "m"}
    schema = json.loads(digitcam("config", "--schema").stdout)
    assert {"textfile", "still", "web"} <= set(schema["$defs"]["Config"]["properties"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[textfile]\npaht = ""\n', "unknown key textfile.paht; did you mean path?"),
        ('[textfile]\nunit = "far too long"\n', "textfile.unit: expected `str` of length <= 8"),
        ("[still]\nevery = 0\n", "still.every: expected `float` > 0"),
        ("[broken]\n", "digitcam.outputs: broken = nowhere:PLUGIN: cannot be imported: ModuleNotFoundError"),
        ("[none]\n", "digitcam.outputs: none = json:dumps: is no plug-in; it names an OutputPlugin or a CameraPlugin"),
        ("[needy]\n", "[needy] is switched on, but needs No Such 3; install it into "),
    ],
)
def test_what_is_wrong_with_one_is_a_line(
    settings: str, said: str, installed: Path, tmp_path: Path, digitcam: Command
) -> None:
    del installed
    path = tmp_path / "digitcam.toml"
    path.write_text(settings)
    done = digitcam("run", "--config", path, "--source", FRAME)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_check_looks_at_it_like_at_any_other(installed: Path, tmp_path: Path, digitcam: Command) -> None:
    del installed
    path = tmp_path / "digitcam.toml"
    path.write_text(f'[textfile]\npath = "{tmp_path}/text.txt"\n[camera]\nsource = "{FRAME}"\n')
    checks = {each["name"]: each for each in json.loads(digitcam("check", "--json", "--config", path).stdout)["checks"]}
    assert checks["textfile"]["found"] == f"{tmp_path}/text.txt can be written"
    path.write_text(f'[textfile]\npath = "{tmp_path}/missing/text.txt"\n[camera]\nsource = "{FRAME}"\n')
    checks = {each["name"]: each for each in json.loads(digitcam("check", "--json", "--config", path).stdout)["checks"]}
    assert checks["textfile"]["state"] == "fault"


def test_one_that_is_broken_harms_nothing_that_does_not_ask_for_it(installed: Path, digitcam: Command) -> None:
    del installed
    done = digitcam("run", "--source", FRAME)
    assert (done.returncode, done.stderr) == (0, digitcam("run", "--source", FRAME, env=os.environ).stderr)


def test_what_is_installed_is_looked_through_only_for_a_name_that_does_not_ship(installed: Path) -> None:
    del installed
    program = "import sys; from digitcam.cli.main import main; main(sys.argv[1:]); from digitcam import plugins; "
    program += "print(plugins._installed.cache_info().misses)"
    looked = [
        subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
        ).stdout.splitlines()[-1]
        for arguments in (["run", "--source", str(FRAME)], ["read", str(FRAME)], ["run", "--source", f"still:{FRAME}x"])
    ]
    assert looked[:2] == ["0", "0"]
    assert looked[2] != "0"


def test_everything_that_ships_is_there() -> None:
    for point in (OUTPUTS, CAMERAS):
        assert all(point.find(name) for name in point.shipped)
        assert point.find("nothing") is None
