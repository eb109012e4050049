"""`digitcam address` prints what a browser opens."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from digitcam.outputs.web import WebConfig, address
from digitcam.outputs.web.address import list_addresses

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def responder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pid"
    monkeypatch.setattr(address, "RESPONDER", path)
    return path


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("pi.lan", "http://pi.lan:8000"),
    ],
)
def test_a_page_on_one_address_has_that_alone(host: str, url: str) -> None:
    assert list_addresses(WebConfig(host=host)) == [url]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_a_page_on_every_address_has_each_networks(host: str, responder: Path) -> None:
    del responder
    found = list_addresses(WebConfig(host=host, port=80))
    own = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    assert set(found) <= {f"http://{each}:80" for each in [*own, socket.gethostname()]}
    assert len(found) == len(set(found)) > 0


def test_the_name_that_the_network_answers_to_comes_first(responder: Path) -> None:
    name = socket.gethostname().partition(".")[0]
    before = list_addresses(WebConfig(host="0.0.0.0"))  # noqa: S104
    responder.touch()
    first, *others = list_addresses(WebConfig(host="0.0.0.0"))  # noqa: S104
    assert first == f"http://{name}.local:8000"
    assert others in (before, [])


def test_the_command_prints_a_line_for_each(digitcam: Command, refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text('[web]\nenabled = true\nhost = "0.0.0.0"\nport = 8080\n')
    urls = list_addresses(WebConfig(host="0.0.0.0", port=8080))  # noqa: S104
    assert digitcam("address", "--config", path).stdout.splitlines() == urls
    path.write_text("")
    assert refused("address", "--config", path) == f"digitcam: the page is off: set web.enabled = true in {path}"


def test_the_services_own_settings_are_asked_for_where_no_others_are_named(
    refused: Callable[..., str],
) -> None:
    if Path("/etc/digitcam.toml").exists():
        pytest.skip("this machine has a service")
    for command in ("address", "password"):
        assert refused(command).startswith("digitcam: /etc/digitcam.toml: cannot read the configuration: No such file")
