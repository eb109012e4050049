"""digitcam's V4L2 adapter on a real V4L2 device."""

import json
from pathlib import Path

import pytest
from tests.pi.journal import Journal

from pi.machine import Machine
from pi.page import lay

CAM = "/opt/digitcam/current/bin/digitcam"
SOURCE = "--source v4l2:/dev/video0"

pytestmark = pytest.mark.usefixtures("deployed")


def test_cameras_lists_it(pi: Machine) -> None:
    listed = pi.ssh(f"{CAM} cameras").stdout
    assert listed.startswith("v4l2:/dev/video0  vivid  ")
    assert "YUYV" in listed
    assert "video1" not in listed  # the output side gives no pictures


def test_pages_are_read_one_after_the_other(pi: Machine, journal: Journal, pages: dict[Path, str]) -> None:
    for page, text in pages.items():
        lay(pi, page)
        journal.read(text)


def test_a_camera_in_use_is_told_as_busy(pi: Machine) -> None:
    """The service has it."""
    told = pi.ssh(f"{CAM} check --json {SOURCE}", check=False)
    assert told.returncode == 1
    camera = next(check for check in json.loads(told.stdout)["checks"] if check["name"] == "camera")
    assert camera["state"] == "fault"
    assert "busy" in camera["advice"]


def test_the_output_side_is_no_camera(pi: Machine) -> None:
    refused = pi.ssh(f"{CAM} check {SOURCE.replace('video0', 'video1')}", check=False)
    assert refused.returncode == 1
    assert "gives no pictures" in refused.stdout


def test_a_user_outside_group_video_is_told_what_to_do(pi: Machine) -> None:
    refused = pi.ssh(f"sudo setpriv --reuid=nobody --clear-groups {CAM} check {SOURCE}", check=False)
    assert refused.returncode == 1
    assert "usermod -aG video" in refused.stdout
