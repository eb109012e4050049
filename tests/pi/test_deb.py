"""The Debian package, installed by a card's first start, with a network. What one test does, the next one sees."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pi.conftest import switched_on
from tests.pi.journal import WAIT_S, Journal
from tests.pi.newcomer import PATIENCE_S, Newcomer, build
from tests.pi.test_install import LARGEST_EXPOSURE, LOOPBACK, TRACES

from pi.image import REPOSITORY, Image
from pi.machine import Hardware, Machine
from pi.page import lay

SEED = "/var/lib/cloud/seed/nocloud"
OVER = "systemctl --quiet is-active digitcam && test ! -e /etc/systemd/system/digitcam-first-boot.service"
# The emulated Pi's network is set up already, and it is known by its host key.
KEPT = r"printf 'network: {config: disabled}\nssh_deletekeys: false\n' | sudo tee /etc/cloud/cloud.cfg.d/99-kept.cfg"


@pytest.fixture(scope="module")
def deb() -> Path:
    """The package, built here."""
    build("deb")
    (path,) = (REPOSITORY / "build/deb").glob("digitcam_*_all.deb")
    return path


@pytest.fixture(scope="module")
def pi(made: Image) -> Iterator[Machine]:
    """A Pi that nobody has used yet, and that reaches Debian's archive."""
    yield from switched_on("deb", made, Hardware())


@pytest.fixture(scope="module")
def journal(pi: Machine) -> Journal:
    return Journal(pi)


@pytest.fixture(scope="module")
def newcomer(pi: Machine, pages: dict[Path, str]) -> Newcomer:
    """Someone at that Pi, whose pip has all that it would download."""
    lay(pi, next(iter(pages)))
    someone = Newcomer(pi)
    someone.types(
        "printf '[global]\\nno-index = true\\nfind-links = /home/pi/wheels /home/pi/numpy\\n' | sudo tee /etc/pip.conf"
    )
    return someone


@pytest.fixture(scope="module")
def first_boot(pi: Machine, newcomer: Newcomer, deb: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the journal says of a first start with a card that was prepared, once that is over."""
    card = tmp_path_factory.mktemp("card")
    for name in ("digitcam-first-boot.sh", "user-data"):
        shutil.copy(REPOSITORY / "packaging/first-boot" / name, card)
    shutil.copy(deb, card)
    pi.copy(card, "card")
    newcomer.types("sudo apt-get update && sudo apt-get install --yes --no-install-recommends cloud-init")
    newcomer.types("sudo mkdir -p /boot/firmware && sudo cp card/*.deb card/*.sh /boot/firmware/")
    newcomer.types("sudo cloud-init schema --config-file card/user-data")
    newcomer.types(f"sudo mkdir -p {SEED} && sudo cp card/user-data {SEED}/ && sudo touch {SEED}/meta-data")
    newcomer.types(f"{KEPT} && sudo cloud-init clean --logs")
    pi.reboot()
    end = time.monotonic() + PATIENCE_S
    while newcomer.types(f"{{ {OVER} ; }} && echo over", check=False) != "over\n":
        assert time.monotonic() < end, newcomer.types("journalctl -b -u digitcam-first-boot -u cloud-final --no-pager")
        time.sleep(5)
    return newcomer.types("sudo journalctl -b -u digitcam-first-boot --no-pager -o cat")


def test_the_first_start_ends_with_the_pages_address(first_boot: str) -> None:
    page = r"digitcam: http://raspberrypi\.local:8000 or http://[\d.]+:8000 \(password: "
    assert re.search(page, first_boot), first_boot


@pytest.mark.usefixtures("first_boot")
def test_nothing_of_the_first_start_is_left(newcomer: Newcomer) -> None:
    assert newcomer.types("find /usr/local /etc -name 'digitcam-first-boot*' 2>/dev/null", check=False) == ""


@pytest.mark.usefixtures("first_boot")
def test_the_service_is_on_and_hardened(newcomer: Newcomer, journal: Journal) -> None:
    assert journal.show("UnitFileState") == "enabled"
    assert journal.show("ActiveState") == "active"
    said = newcomer.types("systemd-analyze security digitcam --no-pager")
    exposure = re.search(r"Overall exposure level for digitcam.service: ([\d.]+)", said)
    assert exposure, said
    assert float(exposure[1]) <= LARGEST_EXPOSURE


@pytest.mark.usefixtures("first_boot")
def test_the_page_answers_with_readings(newcomer: Newcomer, pages: dict[Path, str]) -> None:
    wanted = next(iter(pages.values()))
    end = time.monotonic() + WAIT_S
    while True:
        status, _, body = newcomer.asks(f"{LOOPBACK}/api/reading").partition(" ")
        if status == "200" and json.loads(body)["text"] == wanted:
            return
        assert time.monotonic() < end, (status, body)


@pytest.mark.usefixtures("first_boot")
def test_apts_numpy_and_opencv_are_the_ones_that_are_used(newcomer: Newcomer) -> None:
    where = "import cv2, numpy; print(cv2.__file__, numpy.__file__)"
    found = newcomer.types(f'/usr/lib/digitcam/environment/bin/python -c "{where}"').split()
    assert all(path.startswith("/usr/lib/python3/dist-packages/") for path in found), found


@pytest.mark.usefixtures("first_boot")
def test_installed_again_it_keeps_settings_password_and_environment(newcomer: Newcomer) -> None:
    state = "sudo sh -c 'digitcam password; cat /etc/digitcam.toml; readlink /usr/lib/digitcam/environment'"
    newcomer.types("echo '# mine' | sudo tee -a /etc/digitcam.toml")
    before = newcomer.types(state)
    newcomer.types("sudo apt-get install --yes --reinstall /boot/firmware/digitcam_*_all.deb")
    assert newcomer.types(state) == before


@pytest.mark.usefixtures("first_boot")
def test_make_install_leaves_it_alone(newcomer: Newcomer) -> None:
    said = newcomer.install(check=False)
    assert any("is installed there as a Debian package" in line for line in said), said


@pytest.mark.usefixtures("first_boot")
def test_purged_it_leaves_nothing_but_what_the_user_made(newcomer: Newcomer) -> None:
    """The last of all."""
    newcomer.types("sudo rm -rf /boot/firmware/digitcam*")
    newcomer.types("sudo mkdir -p /var/lib/private/digitcam/record && sudo touch /var/lib/private/digitcam/record/mine")
    newcomer.types("sudo apt-get purge --yes digitcam")
    left = set(newcomer.types(f"sudo {TRACES}").split())
    mine = {"/var/lib/private/digitcam", "/var/lib/digitcam"}
    assert {path for path in left if "cloud" not in path and "journal" not in path} == mine
    newcomer.types("sudo ls /var/lib/private/digitcam/record/mine")
