"""Who is let in."""

import base64
import logging
import re
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.live.serving import Answer, Site, ask, next_event, stream_of

from digitcam.config import configure
from digitcam.config.secret import make_secret
from digitcam.errors import ConfigError
from digitcam.outputs.registry import open_output
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.access import guard
from digitcam.outputs.web.address import list_addresses
from digitcam.state.service import ServiceState

PASSWORD = "correct horse ä"  # noqa: S105


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\nwhat else stands there\n", encoding="utf-8")
    return path


def basic(password: str, user: str = "anyone") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def refusal(**settings: object) -> str:
    """The one line with which it does not start."""
    with pytest.raises(ConfigError) as caught:
        open_output("web", ServiceState(configure(web=WebConfig(enabled=True, **{"port": 0} | settings))))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


# at the start


@pytest.mark.parametrize("host", ["0.0.0.0", "::", socket.gethostname()])  # noqa: S104
def test_an_address_that_others_reach_needs_a_password_or_a_clear_word(host: str) -> None:
    line = refusal(host=host)
    assert line.startswith(f"web.host: {host} is open to other machines")
    assert "web.password_file" in line
    assert "web.open = true" in line


def test_it_may_be_open_when_that_is_said(site_with: Callable[..., Site]) -> None:
    site = site_with(host="0.0.0.0", open=True)  # noqa: S104
    assert site.ask("/api/health").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_this_machine_alone_needs_none(site_with: Callable[..., Site], host: str) -> None:
    assert site_with(host=host).ask("/").status == 200


def test_a_password_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "password"
    assert (
        refusal(password_file=str(missing)) == f"web.password_file: {missing}: cannot write: No such file or directory"
    )
    assert refusal(password_file="credential") == (  # noqa: S106
        "web.password_file: credential: cannot read: No such file or directory"
    )
    empty = tmp_path / "empty"
    empty.write_text("\n\n")
    assert "its first line is empty" in refusal(password_file=str(empty))
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    assert "no text" in refusal(password_file=str(binary))


def test_a_password_file_that_is_missing_is_made_for_root_and_the_service_alone(
    site_with: Callable[..., Site], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = [tmp_path / "one", tmp_path / "two"]
    passwords = []
    for path in made:
        site = site_with(password_file=str(path))
        passwords.append(path.read_text().rstrip("\n"))
        assert re.fullmatch("[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", passwords[-1])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (site.ask("/").status, site.ask("/", authorization=basic(passwords[-1])).status) == (401, 200)
        assert f"web: a new password stands in {path}: `sudo digitcam password` shows it" in caplog.text
    assert passwords[0] != passwords[1]
    assert not any(password in caplog.text for password in passwords)


def test_a_port_in_use_is_told_and_leaves_nothing_behind(site: Site) -> None:
    port = int(site.address.rpartition(":")[2])
    assert refusal(port=port) == (
        f"web.port: 127.0.0.1 port {port}: cannot listen: Address already in use; give another web.port or web.host"
    )
    assert site.ask("/api/health").status == 200


def test_an_address_of_another_machine_is_told() -> None:
    assert refusal(host="192.0.2.1", open=True).startswith("web.port: 192.0.2.1 port 0: cannot listen")
    assert refusal(host="no.such.name.invalid", open=True).startswith("web.host: no.such.name.invalid: no such address")


# passwords


def test_without_the_password_nothing_is_answered(site_with: Callable[..., Site], password_file: Path) -> None:
    site = site_with(password_file=str(password_file))
    site.show()
    for path in ("/", "/static/page.js", "/api/health", "/api/frame.jpg", "/api/stream", "/metrics", "/nothing"):
        answer = site.ask(path)
        assert answer.status == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
        assert answer.error
        assert site.ask(path, "HEAD" if path == "/api/stream" else "GET", authorization=basic(PASSWORD)).status != 401


@pytest.mark.parametrize(
    "given",
    [
        basic("wrong"),
        basic(""),
        basic(PASSWORD + "x"),
        basic(PASSWORD[:-1]),
        "Basic",
        "Basic !!!",
        "Basic YQ==",
        "x y z",
        basic(PASSWORD).replace("Basic", "Bearer"),
        basic("what else stands there"),
        "Basic \xff",
    ],
)
def test_a_wrong_password_is_refused(site_with: Callable[..., Site], password_file: Path, given: str) -> None:
    assert site_with(password_file=str(password_file)).ask("/", authorization=given).status == 401


def test_any_user_name_goes_with_it(site_with: Callable[..., Site], password_file: Path) -> None:
    site = site_with(password_file=str(password_file))
    assert {site.ask("/", authorization=basic(PASSWORD, user)).status for user in ("", "pi", "ünal")} == {200}


def test_a_client_that_tries_passwords_has_to_wait(site_with: Callable[..., Site], password_file: Path) -> None:
    site = site_with(password_file=str(password_file))
    statuses = [site.ask("/", authorization=basic(f"guess {i}")).status for i in range(guard.WRONG_AT_ONCE + 2)]
    assert statuses[: guard.WRONG_AT_ONCE] == [401] * guard.WRONG_AT_ONCE
    assert statuses[-1] == 429
    # nor is the right one looked at: that would go on answering guesses
    assert site.ask("/", authorization=basic(PASSWORD)).status == 429
    assert site.ask("/").status == 401


def test_the_password_is_shown_nowhere(
    site_with: Callable[..., Site],
    password_file: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    site = site_with(password_file=str(password_file))
    answers: list[Answer] = [site.ask("/", authorization=basic(word)) for word in (PASSWORD, "wrong guess")]
    answers += [
        site.ask(path, authorization=basic(PASSWORD)) for path in ("/api/health", "/metrics", "/api/openapi.json")
    ]
    shown = caplog.text + "".join(capfd.readouterr()) + "".join(answer.body.decode() for answer in answers)
    shown += repr(vars(site.output)) + repr(site.live)
    assert "horse" not in shown
    assert "wrong guess" not in shown


def test_a_credential_of_systemd_is_found(
    site_with: Callable[..., Site], password_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(password_file.parent))
    site = site_with(password_file=password_file.name)
    assert site.ask("/", authorization=basic(PASSWORD)).status == 200
    assert site.ask("/").status == 401


def test_a_password_that_is_changed_holds_at_once_and_ends_what_is_watched(
    site_with: Callable[..., Site], password_file: Path
) -> None:
    site = site_with(password_file=str(password_file))
    with stream_of(site, "/api/stream", authorization=basic(PASSWORD)) as stream:
        site.show()
        next_event(stream)
        new = make_secret(password_file)
        assert site.ask("/", authorization=basic(PASSWORD)).status == 401
        assert site.ask("/", authorization=basic(new)).status == 200
        while stream.readline():
            site.show()  # it ends


def test_a_changed_password_that_cannot_be_read_leaves_the_one_before(
    site_with: Callable[..., Site], password_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = site_with(password_file=str(password_file))
    password_file.write_text("")
    assert site.ask("/", authorization=basic(PASSWORD)).status == 200
    assert "its first line is empty; write the password there; the password is the one before" in caplog.text
    password_file.unlink()
    assert site.ask("/", authorization=basic(PASSWORD)).status == 200
    password_file.write_text("another\n")
    assert [site.ask("/", authorization=basic(word)).status for word in (PASSWORD, "another")] == [401, 200]


def own_address() -> str:
    """One of this machine by which others reach it."""
    found = next((urlsplit(url).hostname for url in list_addresses(WebConfig(host="0.0.0.0"))[-1:]), None)  # noqa: S104
    if not found or not re.fullmatch(r"[\d.]+", found):
        pytest.skip("this machine is in no network")
    return found


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_who_sits_at_the_machine_is_not_asked_and_everyone_else_is(
    site_with: Callable[..., Site], password_file: Path, host: str
) -> None:
    site = site_with(host=host, password_file=str(password_file))
    port = site.output.url.rpartition(":")[2].strip("/")
    here, there = f"127.0.0.1:{port}", f"{own_address()}:{port}"
    assert ask(here, "/").status == ask(here, "/", host=f"localhost:{port}").status == 200
    assert ask(there, "/").status == 401
    assert ask(there, "/", authorization=basic(PASSWORD)).status == 200
    # what a header says of who asks is nobody's word
    assert ask(there, "/", host="127.0.0.1").status == 401


def test_a_proxy_on_the_machine_does_not_let_others_in(site_with: Callable[..., Site], password_file: Path) -> None:
    site = site_with(host="0.0.0.0", password_file=str(password_file), hosts="pi.lan")  # noqa: S104
    here = "127.0.0.1:" + site.output.url.rpartition(":")[2].strip("/")
    assert ask(here, "/").status == 200
    for headers in ({"x_forwarded_for": "192.0.2.9"}, {"forwarded": "for=192.0.2.9"}, {"host": "pi.lan"}):
        assert ask(here, "/", "GET", None, **headers).status == 401, headers
    with socket.create_connection((here.partition(":")[0], int(here.partition(":")[2]))) as plain:
        # nginx, where nothing else is said
        plain.sendall(f"GET / HTTP/1.0\r\nHost: {here}\r\nConnection: close\r\n\r\n".encode())
        assert plain.recv(100).startswith(b"HTTP/1.1 401")


# names and pages of others


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8000", "[::1", "a:b:c"]
)
def test_a_name_that_is_not_this_machines_is_refused(site: Site, name: str) -> None:
    answer = site.ask("/api/frame.jpg", host=name)
    assert answer.status == 421
    assert "web.hosts" in answer.error


def test_addresses_and_names_of_this_machine_are_known(site_with: Callable[..., Site]) -> None:
    site = site_with(hosts="pi.lan, digits.school.example")
    own = socket.gethostname()
    names = ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "192.0.2.7", own, f"{own}.local:80"]
    for name in [*names, "pi.lan", "Digits.School.Example:8000", "pi.lan."]:
        assert site.ask("/", host=name).status == 200, name


def test_a_page_of_another_site_may_not_command(site: Site) -> None:
    foreign = [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"origin": "http://evil.example"}]
    foreign += [{"origin": "null"}, {"origin": f"http://{site.address}", "sec_fetch_site": "cross-site"}]
    for headers in foreign:
        answer = site.ask("/api/pause", "POST", None, **headers)
        assert (answer.status, answer.error) == (403, "another site's page may not ask for this"), headers
    assert site.live.control.pending() == []
    for headers in (
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": f"http://{site.address}"},
    ):
        assert site.ask("/api/pause", "POST", None, **headers).status == 202, headers
