"""Each `digitcam ...` command of README and docs does what the page says, typed as it is printed there."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitcam.cli.main import main
from digitcam.config.secret import make_secret
from digitcam.recognition.adoption.shipped import SAMPLES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = "read|run|bench|check|card|config|cameras|address|password"
TYPED = re.compile(rf"(?:\w+=\S+ )*(?:sudo )?(?:\S+/)?digitcam (?:{COMMANDS})\b.*")
# what is only named, without the picture or model that it takes
NAMED = re.compile(r"digitcam (read|card)( --\w+)*")
# a thousand readings take a minute; test_bench.py has them
SLOW = re.compile(r"\bdigitcam bench\b")
SECONDS = 300
# `digitcam`, whose machine's service has its settings in this folder
PROGRAM = """\
#!{python}
import sys
from pathlib import Path
from digitcam.cli import terminal
from digitcam.cli.main import main
terminal.INSTALLED = Path("installed.toml")
sys.exit(main())
"""


def printed() -> Iterator[tuple[str, str]]:
    """Page and command: lines of its shell blocks, and what stands between backticks."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        lines = [line for block in blocks for line in block.splitlines()]
        prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        for typed in [*lines, *re.findall(r"`([^`\n]+)`", prose)]:
            command = re.sub(r"\s+# .*", "", typed).strip()
            if TYPED.fullmatch(command) and not NAMED.fullmatch(command):
                yield page.name, command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a person who reads the docs has before them."""
    for place in (".venv-device/bin", "digitcam-env/bin", "bin"):
        program = tmp_path / place / "digitcam"
        program.parent.mkdir(parents=True)
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
    (tmp_path / "bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (tmp_path / "bin/sudo").chmod(0o755)
    (tmp_path / "page.jpg").write_bytes((SAMPLES / "frame-0.png").read_bytes())
    (tmp_path / "build/tutorial").mkdir(parents=True)
    for name in ("mine.tflite", "mine-int8.tflite", "build/tutorial/int8.tflite"):
        (tmp_path / name).write_bytes((ROOT / "tests/device/models/zero-to-255.tflite").read_bytes())
    (tmp_path / "digitcam.toml").write_text('[model]\ncoral = "off"\nfinder_coral = "off"\n')
    make_secret(tmp_path / "web-password")
    page = f'enabled = true\nhost = "0.0.0.0"\npassword_file = "{tmp_path / "web-password"}"\n'
    (tmp_path / "installed.toml").write_text(f"[web]\n{page}")
    return tmp_path


@pytest.mark.parametrize("command", dict.fromkeys(command for _, command in printed() if SLOW.search(command)))
def test_a_slow_command_takes_its_arguments(command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*shlex.split(command)[1:], "--help"])
    assert ended.value.code == 0


def test_the_docs_have_commands() -> None:
    commands = [command for _, command in printed()]
    assert len(commands) > 15
    named = {re.search(rf"digitcam ({COMMANDS})", command)[1] for command in commands}  # type: ignore[index]
    assert named == set(COMMANDS.split("|"))


@pytest.mark.parametrize(
    ("page", "command"), [each for each in dict.fromkeys(printed()) if not SLOW.search(each[1])], ids=str
)
def test_a_command_works_as_it_is_printed(page: str, command: str, folder: Path) -> None:
    del page
    command = command.replace("/etc/digitcam.toml", "installed.toml")
    # the camera is the shipped clip, where the command names none
    environ = {
        **os.environ,
        "HOME": str(folder),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "DIGITCAM_CAMERA_SOURCE": "demo",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in done.stderr
    device = re.search(r"--source v4l2:(\S+)", command)
    if device and not Path(device[1]).exists():
        assert done.returncode == 1
        assert re.search(rf"^digitcam: {device[1]}: no such device", done.stderr, re.MULTILINE)
    else:
        assert done.returncode == 0, done.stdout + done.stderr
