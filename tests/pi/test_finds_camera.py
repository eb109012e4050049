"""The service takes whichever camera is there: one that is plugged in later, and one that another program lets go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pi.journal import Journal

from pi.machine import Machine
from pi.page import lay

CAM = "/opt/digitcam/current/bin/digitcam"
DRIVER = "/sys/bus/platform/drivers/vivid"
# A camera that is plugged in gives its picture at once; this one only once `camera-feed` has set it up, and that fails
# where somebody has opened it before: until then it is root's alone.
RULES = "/run/udev/rules.d/99-camera.rules"
RULE = 'SUBSYSTEM=="video4linux", OWNER="root", GROUP="root", MODE="0600"\n'
PLUGGED = f"""
test -e {DRIVER}/vivid.0 || echo vivid.0 | sudo tee {DRIVER}/bind && sudo udevadm settle
sudo systemctl start camera-feed
until pgrep -f '[s]tream-out-mmap'; do sleep 0.5; done
sudo chgrp video /dev/video* && sudo chmod 660 /dev/video*
"""

pytestmark = pytest.mark.usefixtures("deployed", "_auto")


@pytest.fixture(scope="module")
def _auto(pi: Machine) -> Iterator[None]:
    """Name no camera; leave the settings, the camera and the service as they were."""
    pi.ssh("sudo cp -p /etc/digitcam.toml /tmp/digitcam.toml && sudo sed -i '/^source = /d' /etc/digitcam.toml")
    pi.ssh(f"sudo mkdir -p {RULES.rpartition('/')[0]} && sudo tee {RULES}", stdin=RULE.encode())
    pi.ssh("sudo systemctl restart digitcam")
    yield
    plug(pi)
    pi.ssh(f"sudo rm {RULES}")
    pi.ssh("sudo cp -p /tmp/digitcam.toml /etc/digitcam.toml && sudo systemctl restart digitcam")


def unplug(pi: Machine) -> None:
    pi.ssh(f"sudo systemctl stop camera-feed && echo vivid.0 | sudo tee {DRIVER}/unbind")


def plug(pi: Machine) -> None:
    """Plug it in where it is not."""
    pi.ssh(PLUGGED)


def test_a_camera_that_is_plugged_in_after_the_start_is_taken(
    pi: Machine, journal: Journal, pages: dict[Path, str]
) -> None:
    page, text = next(iter(pages.items()))
    lay(pi, page)
    pi.ssh("sudo systemctl stop digitcam")
    unplug(pi)
    pi.ssh("sudo systemctl start digitcam")  # which comes back only once the service is ready
    journal.wait(
        "StatusText", lambda said: said.startswith("waits for its camera: no camera gives pictures; plug one in")
    )
    assert "there is no /dev/video device that gives pictures" in journal.show("StatusText")
    assert "no camera found: " in pi.ssh(f"{CAM} cameras").stdout
    plug(pi)
    journal.read(text)
    journal.wait("StatusText", lambda said: " readings a second" in said and "camera: /dev/video" in said)


def test_a_camera_that_goes_and_comes_while_it_reads_is_taken_again(
    pi: Machine, journal: Journal, pages: dict[Path, str]
) -> None:
    before = journal.show("InvocationID")
    unplug(pi)
    journal.wait("StatusText", lambda said: said.startswith("waits for its camera: "))
    page, text = list(pages.items())[1]
    lay(pi, page)
    plug(pi)
    journal.read(text)
    assert journal.show("InvocationID") == before


def test_a_camera_that_another_program_uses_is_said_to_be_busy_and_taken_when_it_is_free(
    pi: Machine, journal: Journal, pages: dict[Path, str]
) -> None:
    pi.ssh("sudo systemctl stop digitcam")
    node = pi.ssh(f"{CAM} cameras").stdout.split()[0].removeprefix("v4l2:")
    pi.ssh(f"sudo systemd-run --unit=other v4l2-ctl -d {node} --stream-mmap --stream-to=/dev/null")
    pi.ssh("sudo systemctl start digitcam")
    journal.wait("StatusText", lambda said: f"{node}: busy: another program is using it" in said)
    listed = pi.ssh(f"{CAM} cameras").stdout
    assert "busy: another program is using it" in listed
    assert "none of them is free; auto takes the first that is" in listed
    page, text = list(pages.items())[2]
    lay(pi, page)
    pi.ssh("sudo systemctl stop other")
    journal.read(text)
