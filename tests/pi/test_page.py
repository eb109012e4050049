"""The page on the machine: a password of its own, asked of everyone but who sits there."""

import base64
import re
from collections.abc import Iterator

import pytest
from tests.pi.journal import Journal

from pi.machine import Machine

CAM = "/opt/digitcam/current/bin/digitcam"
PASSWORD = "/var/lib/digitcam/web-password"  # noqa: S105
WEB = f"""\
[web]
enabled = true
host = "0.0.0.0"
password_file = "{PASSWORD}"
"""
# digitcam answers with Python's own client: a Lite image has no curl
ASK = """\
import sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], headers=dict([sys.argv[2:4]]) if sys.argv[3:] else {})
try:
    print(urllib.request.urlopen(request, timeout=60).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
EXPOSURE = 2.0  # at most, of the ten that systemd-analyze gives a service that may do everything

pytestmark = pytest.mark.usefixtures("deployed", "_page")


@pytest.fixture(scope="module")
def _page(pi: Machine) -> Iterator[None]:
    """Serve it to others; leave the settings as they were."""
    pi.ssh("sudo cp -p /etc/digitcam.toml /tmp/before.toml && sudo sed -i '/^\\[web\\]/,$d' /etc/digitcam.toml")
    pi.ssh("sudo tee -a /etc/digitcam.toml >/dev/null && sudo systemctl restart digitcam", stdin=WEB.encode())
    yield
    pi.ssh("sudo cp -p /tmp/before.toml /etc/digitcam.toml && sudo systemctl restart digitcam")


def status(pi: Machine, url: str, password: str = "") -> int:
    """How a request is answered that is made on the machine itself."""
    token = base64.b64encode(f"pi:{password}".encode()).decode()
    header = f"Authorization 'Basic {token}'" if password else ""
    return int(pi.ssh(f"python3 - {url} {header}", stdin=ASK.encode()).stdout)


def test_the_password_is_made_for_root_and_the_service_and_asked_of_everyone_else(pi: Machine) -> None:
    *_, url = pi.ssh(f"{CAM} address").stdout.split()
    assert url.startswith("http://10.0.2.")  # as QEMU's network has it
    password = pi.ssh(f"sudo {CAM} password").stdout.strip()
    assert pi.ssh(f"sudo stat -c %a {PASSWORD}").stdout.strip() == "600"
    assert pi.ssh(f"cat {PASSWORD}", check=False).returncode
    assert "sudo digitcam password" in pi.ssh(f"{CAM} password", check=False).stderr
    assert status(pi, "http://127.0.0.1:8000/") == 200
    assert [status(pi, url), status(pi, url, "wrong"), status(pi, url, password)] == [401, 401, 200]


def test_a_new_password_holds_without_a_restart(pi: Machine, journal: Journal) -> None:
    *_, url = pi.ssh(f"{CAM} address").stdout.split()
    before = journal.show("InvocationID")
    old = pi.ssh(f"sudo {CAM} password").stdout.strip()
    new = pi.ssh(f"sudo {CAM} password --new").stdout.strip()
    assert [status(pi, url, old), status(pi, url, new)] == [401, 200]
    assert journal.show("InvocationID") == before
    pi.ssh("sudo systemctl restart digitcam")
    assert status(pi, url, new) == 200


def test_the_unit_lets_the_service_do_no_more_than_before(pi: Machine) -> None:
    said = pi.ssh("sudo systemd-analyze security --no-pager digitcam").stdout
    exposure = re.search(r"Overall exposure level for digitcam.service: ([\d.]+)", said)
    assert exposure, said
    assert float(exposure[1]) <= EXPOSURE
