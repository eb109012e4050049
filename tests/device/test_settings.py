"""What is set and what can be: as TOML, as an example, as a schema; and never a password."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from digitcam.config import load, sections
from digitcam.config.describe import effective, everything, example, schema
from digitcam.redact import redact
from digitcam.state.health import Health

Command = Callable[..., subprocess.CompletedProcess[str]]

DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_in_the_docs_is_the_one_that_is_printed() -> None:
    # `digitcam config --example >docs/digitcam.toml` writes it again
    assert (DOCS / "digitcam.toml").read_text(encoding="utf-8") == example() + "\n"


def test_the_example_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text(example())
    assert load(path, {}) == everything()


def test_the_example_explains_every_setting() -> None:
    lines = example().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"(# )?\w+ =", line):
            assert lines[number - 1].startswith("# "), f"{line} is not explained below it in config.py"


def test_what_is_in_force_can_be_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    config = load(None, {"DIGITCAM_CAMERA_SOURCE": 'a "quoted"\tback\\slash \x7f ü', "DIGITCAM_TRACK_FRAMES": "7"})
    path.write_text(effective(config), encoding="utf-8")
    assert effective(load(path, {})) == effective(config)
    assert load(path, {}).camera == config.camera


def test_the_schema_knows_every_setting_its_meaning_and_its_range() -> None:
    tree = json.loads(schema())
    for section in sections.names():
        kind = sections.kind_of(section)
        assert kind
        assert set(tree["$defs"][kind.__name__]["properties"]) == set(kind.__struct_fields__)
    share = tree["$defs"]["ModelConfig"]["properties"]["min_confidence"]
    assert (share["type"], share["minimum"], share["maximum"], share["default"]) == ("number", 0, 1, 0.7)
    assert share["description"].startswith("A place whose likeliest digit")


def test_settings_are_explained_without_what_reads_pictures(tmp_path: Path) -> None:
    # as where the Debian package is built; and showing them need not wait for it
    for name in ("numpy", "cv2", "PIL"):
        (tmp_path / f"{name}.py").write_text("raise ImportError")
    program = "from digitcam.config import describe; print(describe.example())"
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=60, env={**os.environ, "PYTHONPATH": paths}
    )
    assert done.stdout == example() + "\n"


def test_the_command_prints_all_three(digitcam: Command, tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text('[camera]\nsource = "rtsp://me:pa/ss@w0rd@cam.lan/live"\n')
    shown = digitcam("config", "--config", path, "--min-confidence", "0.6")
    assert tomllib.loads(shown.stdout)["camera"]["source"] == "rtsp://***@cam.lan/live"
    assert tomllib.loads(shown.stdout)["model"]["min_confidence"] == 0.6
    assert json.loads(digitcam("config", "--schema").stdout) == json.loads(schema())
    assert digitcam("config", "--example").stdout == example() + "\n"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://me:secret@cam/live: no answer", "rtsp://***@cam/live: no answer"),
        ("rtsp://me:se@c/ret@cam/live", "rtsp://***@cam/live"),
        ("http://cam/video?user=me&pwd=secret; try again", "http://cam/video?*** try again"),
        ("'http://cam/video?pwd=secret' and v4l2:/dev/video0", "'http://cam/video?***' and v4l2:/dev/video0"),
        ("me@example.org, http://cam/live", "me@example.org, http://cam/live"),
    ],
)
def test_what_may_be_a_password_is_masked(text: str, masked: str) -> None:
    assert redact(text) == masked


def test_no_password_of_a_url_is_shown_anywhere(digitcam: Command) -> None:
    for command in ("run", "check", "config"):
        done = digitcam(command, "--source", "rtsp://me:secret@127.0.0.1:1/live")
        assert "127.0.0.1" in done.stdout + done.stderr
        assert "secret" not in done.stdout + done.stderr
    health = Health()
    health.report("camera", "fault", "rtsp://me:secret@127.0.0.1:1/live: gone")
    assert "secret" not in health.parts()["camera"].text


def test_the_schema_is_one_that_msgspec_itself_agrees_with() -> None:
    assert json.loads(schema())["$ref"] == msgspec.json.schema(type(everything()))["$ref"]
