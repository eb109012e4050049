"""`make install` on the Pi itself, as a newcomer types it. What one test does, the next one sees."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pi.conftest import switched_on
from tests.pi.journal import WAIT_S, Journal
from tests.pi.newcomer import Newcomer

from pi.image import Image
from pi.machine import Hardware, Machine
from pi.page import lay

LOOPBACK = "http://127.0.0.1:8000"
LARGEST_EXPOSURE = 2.0
TRACES = "find / -xdev \\( -path /proc -o -path /home -o -path /tmp \\) -prune -o -iname '*digitcam*' -print"


@pytest.fixture(scope="module")
def pi(made: Image) -> Iterator[Machine]:
    """A Pi that nobody has used yet."""
    yield from switched_on("install", made, Hardware(offline=True))


@pytest.fixture(scope="module")
def journal(pi: Machine) -> Journal:
    return Journal(pi)


@pytest.fixture(scope="module")
def newcomer(pi: Machine, pages: dict[Path, str]) -> Newcomer:
    """Someone at that Pi."""
    lay(pi, next(iter(pages)))
    return Newcomer(pi)


@pytest.fixture(scope="module")
def installed(newcomer: Newcomer) -> str:
    """The last line of the first installation."""
    began = time.monotonic()
    said = newcomer.install()
    print(f"\nfirst installation: {time.monotonic() - began:.0f} s")
    return said[-1]


def test_it_ends_with_the_pages_address_and_the_camera(pi: Machine, installed: str) -> None:
    name = pi.ssh("hostname").stdout.strip()
    addresses = pi.ssh("hostname -I").stdout.split()
    first = f"http://{name}.local:8000" if pi.ssh("test -e /run/avahi-daemon/pid", check=False).returncode == 0 else ""
    assert installed.startswith(first)
    assert f"http://{next(each for each in addresses if '.' in each)}:8000" in installed
    assert "(password: `sudo digitcam password` there); camera: " in installed
    assert "/dev/video0" in installed


def test_the_page_answers_with_readings(newcomer: Newcomer, installed: str, pages: dict[Path, str]) -> None:
    del installed
    wanted = next(iter(pages.values()))
    end = time.monotonic() + WAIT_S
    while True:
        status, _, body = newcomer.asks(f"{LOOPBACK}/api/reading").partition(" ")
        if status == "200" and json.loads(body)["text"] == wanted:
            return
        assert time.monotonic() < end, (status, body)


def test_it_asks_for_its_password_on_every_other_address(newcomer: Newcomer, installed: str) -> None:
    address = re.findall(r"http://\d[\d.]+:8000", installed)[0]
    assert newcomer.asks(f"{address}/api/health") == "401"
    assert newcomer.asks(f"{address}/api/health", known=True).startswith("200 ")


@pytest.mark.usefixtures("installed")
def test_digitcam_is_on_path_and_changes_the_password_without_a_restart(newcomer: Newcomer, journal: Journal) -> None:
    before = journal.show("InvocationID")
    old = newcomer.types("sudo digitcam password")
    new = newcomer.types("sudo digitcam password --new")
    assert old != new == newcomer.types("sudo digitcam password")
    address = newcomer.types("digitcam address").split()[-1]
    assert newcomer.asks(f"{address}/api/health", known=True).startswith("200 ")
    assert journal.show("InvocationID") == before


@pytest.mark.usefixtures("installed")
def test_the_service_is_as_hardened_as_before(newcomer: Newcomer) -> None:
    said = newcomer.types("systemd-analyze security digitcam --no-pager")
    exposure = re.search(r"Overall exposure level for digitcam.service: ([\d.]+)", said)
    assert exposure, said
    assert float(exposure[1]) <= LARGEST_EXPOSURE


def test_a_second_one_changes_nothing(newcomer: Newcomer, journal: Journal, installed: str) -> None:
    before = journal.current(), journal.show("InvocationID"), newcomer.types("ls -lR /opt/digitcam/ /etc/digitcam.toml")
    said = newcomer.install()
    after = journal.current(), journal.show("InvocationID"), newcomer.types("ls -lR /opt/digitcam/ /etc/digitcam.toml")
    assert after == before
    assert "unchanged" in said[-2]
    assert said[-1] == installed


@pytest.mark.usefixtures("installed")
def test_one_that_fails_leaves_what_ran_running(newcomer: Newcomer, journal: Journal) -> None:
    before = journal.current()
    file = "digitcam/device/digitcam/cli/run.py"
    newcomer.types(f"cp {file} kept && sed -i 's/^def run(.*/&\\n    raise SystemExit(3)/' {file}")
    try:
        said = "\n".join(newcomer.install(check=False))
    finally:
        newcomer.types(f"mv kept {file}")
    assert "exit status 3" in said
    assert f"{before} is back and running" in said
    assert journal.current() == before
    journal.wait_until_it_reads()


@pytest.mark.usefixtures("installed")
def test_a_camera_that_is_not_there_is_waited_for_and_taken_later(newcomer: Newcomer, journal: Journal) -> None:
    said = newcomer.install("CAMERA=v4l2:/dev/video9")
    assert "; waits for its camera: " in said[-1]
    assert "/dev/video9" in said[-1]
    newcomer.types("sudo ln -s video0 /dev/video9")
    try:
        journal.wait_until_it_reads()
    finally:
        newcomer.types("sudo rm -f /dev/video9")


@pytest.mark.usefixtures("installed")
def test_it_goes_without_a_trace(newcomer: Newcomer) -> None:
    """The last of all."""
    said = newcomer.make("uninstall")
    assert any("removed; nothing is left" in line for line in said), said
    assert newcomer.types(f"sudo {TRACES}") == ""
    assert newcomer.types("systemctl is-active digitcam", check=False) == "inactive\n"
