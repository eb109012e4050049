"""digitcam's V4L2 adapter on a real V4L2 device."""

import json
import time
from pathlib import Path

from pi.machine import Machine
from pi.page import lay

SOURCE = "--source v4l2:/dev/video0"
SETTLE_S = 300  # longest wait for a reading; a few seconds on idle cores


def test_cameras_lists_it(pi: Machine, installed: str) -> None:
    listed = pi.ssh(f"{installed} cameras").stdout
    assert listed.startswith("v4l2:/dev/video0  vivid  ")
    assert "YUYV 640x480" in listed
    assert "video1" not in listed  # the output side gives no pictures


def test_check_finds_nothing_wrong(pi: Machine, installed: str, pages: dict[Path, str]) -> None:
    lay(pi, next(iter(pages)))
    told = json.loads(pi.ssh(f"{installed} check --json {SOURCE}").stdout)
    assert told["ok"]
    camera = next(check for check in told["checks"] if check["name"] == "camera")
    assert camera["state"] == "ok"
    assert "640x480" in camera["found"]


def test_it_reads_known_digits_one_page_after_the_other(pi: Machine, installed: str, pages: dict[Path, str]) -> None:
    """Each page laid under the camera is read as what stands there, by one process that goes on."""
    pi.ssh(f"nohup {installed} run --json {SOURCE} >readings 2>log </dev/null & echo $! >pid")
    try:
        for page, text in pages.items():
            lay(pi, page)
            end = time.monotonic() + SETTLE_S
            while (said := _last(pi)) != text and time.monotonic() < end:
                time.sleep(1)
            assert said == text, page.name
    finally:
        pi.ssh("kill -INT $(cat pid); tail --pid=$(cat pid) -f /dev/null")
    assert "Traceback" not in pi.ssh("cat log").stdout


def _last(pi: Machine) -> str:
    """The newest stable reading."""
    lines = pi.ssh("cat readings").stdout.splitlines()
    return str(json.loads(lines[-1])["text"]) if lines else ""


def test_a_camera_in_use_is_told_as_busy(pi: Machine, installed: str) -> None:
    pi.ssh(
        "v4l2-ctl -d /dev/video0 --stream-mmap --stream-to=/dev/null >/dev/null 2>&1 </dev/null & echo $! >pid; sleep 1"
    )
    try:
        refused = pi.ssh(f"{installed} run {SOURCE}", check=False)
    finally:
        pi.ssh("kill $(cat pid)")
    assert refused.returncode == 1
    assert "busy" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_output_side_is_no_camera(pi: Machine, installed: str) -> None:
    refused = pi.ssh(f"{installed} run --source v4l2:/dev/video1", check=False)
    assert refused.returncode == 1
    assert "gives no pictures" in refused.stderr


def test_a_user_outside_group_video_is_told_what_to_do(pi: Machine, installed: str) -> None:
    refused = pi.ssh(f"sudo setpriv --reuid=nobody --clear-groups {installed} run {SOURCE}", check=False)
    assert refused.returncode == 1
    assert "usermod -aG video" in refused.stderr
