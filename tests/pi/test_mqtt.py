"""Readings from the Pi in a broker on the workstation, with a password that the unit hands over as a credential."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.live.brokers import Mosquitto, Watch
from tests.needs import need
from tests.pi.journal import WAIT_S

from pi.machine import ALONE, Machine
from pi.page import lay

PASSWORD = "through systemd alone"  # noqa: S105  # of this broker, for this test
PORT = 18830  # on the Pi; the SSH connection carries it to the broker
SETTINGS = f"""
[mqtt]
host = "127.0.0.1"
port = {PORT}
name = "emulated"
user = "camera"
password_file = "mqtt-password"
"""
DROP_IN = "[Service]\nLoadCredential=mqtt-password:/etc/digitcam/mqtt-password\n"
UNIT = "/etc/systemd/system/digitcam.service.d"

pytestmark = pytest.mark.usefixtures("deployed")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that asks for a password."""
    need("mosquitto")
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "camera", PASSWORD], check=True, capture_output=True)
    asks = ("allow_anonymous false", f"password_file {passwords}")
    with Mosquitto(tmp_path, *asks, client=("-u", "camera", "-P", PASSWORD)) as mosquitto:
        yield mosquitto


@pytest.fixture
def reached(pi: Machine, broker: Mosquitto) -> Iterator[None]:
    """The Pi reaches it: it has no other network than SSH."""
    way = [*ALONE, "-N", "-o", "ExitOnForwardFailure=yes", "-R", f"127.0.0.1:{PORT}:127.0.0.1:{broker.port}"]
    with subprocess.Popen(["ssh", "-F", str(pi.ssh_config), *way, "pi"]) as tunnel:
        yield
        tunnel.terminate()


@pytest.fixture
def told(pi: Machine) -> Iterator[None]:
    """Its owner has set the broker, and where the password is, as docs/mqtt.md and the unit say."""
    pi.ssh(f"sudo mkdir -p /etc/digitcam {UNIT} && sudo cp /etc/digitcam.toml /tmp/kept")
    pi.ssh("sudo tee -a /etc/digitcam.toml >/dev/null", stdin=SETTINGS.encode())
    pi.ssh("sudo install -m 600 /dev/stdin /etc/digitcam/mqtt-password", stdin=f"{PASSWORD}\n".encode())
    pi.ssh(f"sudo tee {UNIT}/broker.conf >/dev/null", stdin=DROP_IN.encode())
    yield
    pi.ssh(f"sudo rm -r {UNIT} /etc/digitcam && sudo cp /tmp/kept /etc/digitcam.toml")
    pi.ssh("sudo systemctl daemon-reload && sudo systemctl restart digitcam")


@pytest.mark.usefixtures("reached", "told")
def test_readings_reach_a_broker_on_the_workstation(pi: Machine, broker: Mosquitto, pages: dict[Path, str]) -> None:
    with Watch(broker) as watch:
        pi.ssh("sudo systemctl daemon-reload && sudo systemctl restart digitcam")
        until(lambda: watch.last("emulated/availability") == b"online", watch)
        for page in list(pages)[:2]:
            lay(pi, page)
            until(partial(_shows, watch, pages[page]), watch)
        pi.ssh("sudo systemctl stop digitcam")
        until(lambda: watch.last("emulated/availability") == b"stopped", watch)


def _shows(watch: Watch, text: str) -> bool:
    state = watch.last("emulated/state")
    return bool(state) and json.loads(state)["text"] == text


def until(holds: Callable[[], bool], watch: Watch) -> None:
    """Wait as long as an emulated machine may take."""
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, watch.seen()[-10:]
        time.sleep(0.1)
