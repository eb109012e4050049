"""A card's first start, by cloud-init, in a container that has the card bound in; each test sees what the last did."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fleet.conftest import PACKAGES, Container, Fleet, built, free_ports

from digitlab.deploy.packing.wheels import Platform, requirements, resolve

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST_BOOT = REPOSITORY / "packaging/first-boot"
BOOKWORM = Platform((3, 11), "x86_64", 36, (("numpy", "1.24.2"),))
OVER = "systemctl --quiet is-active digitcam && test ! -e /etc/systemd/system/digitcam-first-boot.service"
INSTALL_S = 900  # 40 s on an idle machine
FILES = (
    "find / -xdev \\( -path /proc -o -path /boot -o -path /home -o -path /tmp \\) -prune -o -iname '*digitcam*' -print"
)


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card that was prepared: its boot partition, the seed, and what pip would download."""
    done = subprocess.run(["make", "deb"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path_factory.mktemp("card")
    (boot := folder / "boot").mkdir()
    (seed := folder / "seed").mkdir()
    for path in (FIRST_BOOT / "digitcam-first-boot.sh", *REPOSITORY.glob("build/deb/*.deb")):
        shutil.copy(path, boot)
    shutil.copy(FIRST_BOOT / "user-data", seed)
    (seed / "meta-data").touch()
    wheels = resolve(BOOKWORM, requirements(), cache=REPOSITORY / "build/wheels").folder
    shutil.copytree(wheels, folder / "wheels")
    (folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /srv/wheels\n")
    (folder / "network.cfg").write_text("network: {config: disabled}\n")  # it has this machine's
    return folder


@pytest.fixture(scope="module")
def started(card: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, int]]:
    """The machine, on its first start, and its port."""
    root = built("first-boot", f"{PACKAGES},cloud-init,python3-opencv,python3-pil,avahi-daemon,ca-certificates")
    folder = tmp_path_factory.mktemp("first-boot")
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (port,) = free_ports(1)
    binds = {
        "boot": "/boot/firmware",
        "seed": "/var/lib/cloud/seed/nocloud",
        "wheels": "/srv/wheels",
        "pip.conf": "/etc/pip.conf",
        "network.cfg": "/etc/cloud/cloud.cfg.d/99-network.cfg",
    }
    made = Fleet(folder / "none.toml", key, folder / "known_hosts")
    with Container(root, folder, key, port, *(f"--bind-ro={card / name}:{path}" for name, path in binds.items())):
        end = time.monotonic() + INSTALL_S
        while made.ssh(port, OVER).returncode:
            assert time.monotonic() < end, made.ssh(port, "sudo journalctl -b -u digitcam-first-boot").stdout
            time.sleep(2)
        yield made, port


Started = tuple[Fleet, int]


def said(started: Started, command: str) -> str:
    machine, port = started
    return machine.ssh(port, command).stdout


def test_user_data_is_as_cloud_init_wants_it(started: Started) -> None:
    path = "/var/lib/cloud/seed/nocloud/user-data"
    assert "Valid" in said(started, f"sudo cloud-init schema --config-file {path} 2>&1")


def test_the_service_runs_and_waits_for_its_camera(started: Started) -> None:
    assert said(started, "systemctl is-enabled digitcam; systemctl is-active digitcam").split() == ["enabled", "active"]
    assert "waits for its camera" in said(started, "systemctl show digitcam --property=StatusText")


def test_the_journal_ends_with_the_pages_address(started: Started) -> None:
    journal = said(started, "sudo journalctl -b -u digitcam-first-boot --no-pager -o cat")
    addresses = " or ".join(said(started, "digitcam address").split())
    assert ".local:8000" in addresses
    assert f"digitcam: {addresses} (password: `sudo digitcam password`)" in journal


URL = "http://127.0.0.1:8000/api/health"
ASK = f"import urllib.request; print(urllib.request.urlopen('{URL}', timeout=60).read().decode())"


def test_the_page_answers(started: Started) -> None:
    machine, port = started
    end = time.monotonic() + INSTALL_S
    while (done := machine.ssh(port, f'python3 -c "{ASK}"')).returncode:
        assert time.monotonic() < end, done.stderr
    assert json.loads(done.stdout)["parts"]["camera"]["state"] == "fault"


def test_what_had_it_installed_is_gone(started: Started) -> None:
    assert said(started, "find /usr/local /etc -name 'digitcam-first-boot*'") == ""


def test_purged_it_leaves_nothing_but_what_the_user_made(started: Started) -> None:
    """The last of all."""
    said(started, "sudo install -D /dev/null /var/lib/private/digitcam/record/mine")
    said(started, "sudo DEBIAN_FRONTEND=noninteractive apt-get purge --yes digitcam")
    assert set(said(started, f"sudo {FILES}").split()) == {"/var/lib/private/digitcam", "/var/lib/digitcam"}
