"""TLS with an authority made here, passwords from files, and what is said of both."""

import logging
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.live.brokers import Mosquitto, until
from tests.live.test_mqtt import live_at, state, text

from digitcam.config import configure, load, section_of
from digitcam.config.secret import read_secret
from digitcam.diagnostics.check_output import check_output
from digitcam.errors import ConfigError, OutputError
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.access import read_access
from digitcam.outputs.registry import open_output


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and a broker's and a camera's key that it vouches for."""
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority")
    openssl("req", "-x509", *key, "-keyout", "other.key", "-out", "other.crt", "-subj", "/CN=other")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("broker", "camera"):
        # as mosquitto-tls(7) says, and with the name that Python asks for
        openssl("req", *key[:-2], "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
        openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.crt", *signed)
    for path in folder.iterdir():
        path.chmod(0o600)
    return folder


@pytest.fixture
def broker(authority: Path, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that speaks TLS and lets in whom the authority vouches for."""
    own = [f"cafile {authority}/ca.crt", f"certfile {authority}/broker.crt", f"keyfile {authority}/broker.key"]
    client = [
        "--cafile",
        f"{authority}/ca.crt",
        "--cert",
        f"{authority}/camera.crt",
        "--key",
        f"{authority}/camera.key",
    ]
    with Mosquitto(tmp_path, *own, "require_certificate true", "allow_anonymous true", client=client) as mosquitto:
        yield mosquitto


def certificates(authority: Path, name: str = "camera") -> dict[str, str]:
    return {"cert_file": f"{authority}/{name}.crt", "key_file": f"{authority}/{name}.key"}


def test_tls_with_an_authority_and_a_certificate(broker: Mosquitto, authority: Path) -> None:
    live = live_at(broker.port, tls="on", ca_file=f"{authority}/ca.crt", **certificates(authority))
    with closing(open_output("mqtt", live)):
        until(lambda: state(live) == "ok", "connected")
        assert text(live) == f"connected to 127.0.0.1:{broker.port} with TLS"
        until(lambda: broker.retained("digitcam/pi/availability") == "online", "online")
    assert broker.retained("digitcam/pi/availability") == "stopped"


def test_a_broker_that_nobody_vouches_for_is_not_talked_to(broker: Mosquitto, authority: Path) -> None:
    live = live_at(broker.port, tls="on", ca_file=f"{authority}/other.crt", **certificates(authority))
    with closing(open_output("mqtt", live)):
        until(lambda: state(live) == "fault", "the fault is reported")
    assert "its certificate is not trusted" in text(live)
    assert "mqtt.ca_file" in text(live)


def test_insecure_is_never_silent(broker: Mosquitto, authority: Path) -> None:
    live = live_at(broker.port, tls="insecure", **certificates(authority))
    with closing(open_output("mqtt", live)):
        until(lambda: state(live) == "note", "connected, with a note")
    assert 'mqtt.tls is "insecure": whoever answers is taken for the broker' in text(live)


@pytest.mark.parametrize("name", ["", "other"])
def test_a_camera_that_the_broker_does_not_know_is_told(broker: Mosquitto, authority: Path, name: str) -> None:
    own = certificates(authority, name) if name else {}
    live = live_at(broker.port, tls="on", ca_file=f"{authority}/ca.crt", **own)
    with closing(open_output("mqtt", live)):
        until(lambda: state(live) == "fault", "the fault is reported")
    assert f"127.0.0.1:{broker.port}: " in text(live)
    assert "want a certificate? see mqtt.cert_file" in text(live)


def test_tls_with_a_broker_that_has_none_is_told(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        live = live_at(broker.port, tls="on")
        with closing(open_output("mqtt", live)):
            until(lambda: state(live) == "fault", "the fault is reported")
        assert "speaks no TLS there, it seems: " in text(live)
        assert 'or mqtt.tls to "off"' in text(live)
        with pytest.raises(OutputError, match="speaks no TLS there"):
            check_output("mqtt", live.config)


def test_no_tls_with_a_broker_that_wants_it_is_told(broker: Mosquitto) -> None:
    live = live_at(broker.port)
    with closing(open_output("mqtt", live)):
        until(lambda: state(live) == "fault", "the fault is reported")
    assert "closed the connection unanswered; does it want TLS there? see mqtt.tls and mqtt.port" in text(live)


def test_what_takes_tls_for_an_unfinished_message_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = configure(mqtt=MqttConfig(host="127.0.0.1", port=silent.getsockname()[1], tls="on"))
        with pytest.raises(OutputError, match="speaks no TLS there"):
            check_output("mqtt", config)


DATED = """\
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = more
[names]
commonName = supplied
[more]
subjectAltName = IP:127.0.0.1
"""


@pytest.mark.parametrize(
    ("first", "last", "address", "words"),
    [
        ("20700101000000Z", "20710101000000Z", "127.0.0.1", "is not valid yet by this machine's clock, which says 20"),
        ("20000101000000Z", "20010101000000Z", "127.0.0.1", "has expired by this machine's clock, which says 20"),
        ("20000101000000Z", "20710101000000Z", "127.0.0.2", "is for another name: "),
    ],
)
def test_a_certificate_of_another_time_or_name_is_told_as_that(
    first: str, last: str, address: str, words: str, authority: Path, tmp_path: Path
) -> None:
    (tmp_path / "own.cnf").write_text(DATED.replace("127.0.0.1", address))
    (tmp_path / "index").touch()
    signed = ["-cert", f"{authority}/ca.crt", "-keyfile", f"{authority}/ca.key", "-in", f"{authority}/broker.csr"]
    dated = ["-startdate", first, "-enddate", last, "-out", "broker.crt"]
    command = ["openssl", "ca", "-batch", "-config", "own.cnf", *signed, *dated]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    own = [f"certfile {tmp_path}/broker.crt", f"keyfile {authority}/broker.key", "allow_anonymous true"]
    with Mosquitto(tmp_path, *own) as broker:
        live = live_at(broker.port, tls="on", ca_file=f"{authority}/ca.crt")
        with closing(open_output("mqtt", live)):
            until(lambda: state(live) == "fault", "the fault is reported")
        assert f"its certificate {words}" in text(live)
        assert "mqtt.ca_file" not in text(live)
        with pytest.raises(OutputError, match=words):
            check_output("mqtt", live.config)


def test_a_broker_is_asked_whether_it_is_there(broker: Mosquitto, authority: Path) -> None:
    trusted = {"tls": "on", "ca_file": f"{authority}/ca.crt"}
    found = check_output("mqtt", live_at(broker.port, **trusted).config)
    assert (found.state, found.found) == ("ok", f"a broker answers at 127.0.0.1:{broker.port} with TLS")
    found = check_output("mqtt", live_at(broker.port).config)
    assert (found.state, found.found) == ("ok", f"a broker answers at 127.0.0.1:{broker.port}")
    broker.kill()
    with pytest.raises(OutputError, match="nobody listens there"):
        check_output("mqtt", live_at(broker.port).config)


# passwords


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("open sesame\nnot this\n")
    path.chmod(0o600)
    return path


def test_a_password_is_the_first_line_of_its_file(secret: Path) -> None:
    password = read_secret("mqtt.password_file", str(secret))
    assert (password.text, password.exposed) == ("open sesame", "")


def test_a_byte_order_mark_is_no_part_of_a_password(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"\xef\xbb\xbfopen sesame\r\n")
    assert read_secret("mqtt.password_file", str(path)).text == "open sesame"


def test_a_bare_name_is_a_credential_of_systemd(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secret.parent))
    assert read_secret("mqtt.password_file", "secret").text == "open sesame"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.chdir(secret.parent)
    assert read_secret("mqtt.password_file", "secret").text == "open sesame"


def test_a_password_that_everyone_can_read_is_noted_and_nowhere_shown(
    secret: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret.chmod(0o644)
    caplog.set_level(logging.DEBUG)
    with Mosquitto(tmp_path) as broker:
        live = live_at(broker.port, user="cam", password_file=str(secret))
        with closing(open_output("mqtt", live)):
            until(lambda: state(live) == "note", "connected, with a note")
        assert f"every user can read {secret}: chmod 600 it" in text(live)
    access = read_access(section_of(live.config, "mqtt", MqttConfig))
    assert "sesame" not in f"{caplog.text} {live.health.parts()} {live.config} {access} {access.password}"


BAD = {
    "a missing password": ({"user": "cam", "password_file": "/no/such"}, "/no/such: cannot read: No such file"),
    "a folder for a password": ({"user": "cam", "password_file": "/etc"}, "/etc: cannot read: Is a directory"),
    "an empty password": ({"user": "cam", "password_file": "/dev/null"}, "/dev/null: its first line is empty"),
    "no text": ({"user": "cam", "password_file": "/bin/true"}, "/bin/true: cannot read: no text in UTF-8"),
    "a password for nobody": ({"password_file": "/dev/null"}, "set mqtt.user too"),
    "TLS's files without TLS": ({"ca_file": "x"}, 'mqtt.ca_file is set, but mqtt.tls is "off"'),
    "a missing authority": ({"tls": "on", "ca_file": "/no/such"}, "mqtt.ca_file: /no/such: cannot read"),
    "no authority": ({"tls": "on", "ca_file": "/etc/passwd"}, "/etc/passwd: no PEM certificate"),
    "a key alone": ({"tls": "on", "key_file": "x"}, "of no use without mqtt.cert_file"),
    "a missing certificate": ({"tls": "on", "cert_file": "/no/such"}, "mqtt.cert_file: /no/such: cannot read"),
    "no certificate": ({"tls": "on", "cert_file": "/etc/passwd"}, "/etc/passwd: no PEM certificate with the key"),
}


@pytest.mark.parametrize(("settings", "words"), BAD.values(), ids=BAD.keys())
def test_what_cannot_work_is_refused_at_the_start(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=r"^mqtt\.\w+") as refused:
        read_access(MqttConfig(host="x", **settings))  # type: ignore[arg-type]
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_key_with_a_password_is_refused_and_not_asked_for(authority: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    command = ["openssl", "ec", "-in", f"{authority}/camera.key", "-aes128", "-passout", "pass:x", "-out", str(locked)]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(ConfigError, match="without a password"):
        read_access(MqttConfig(tls="on", cert_file=f"{authority}/camera.crt", key_file=str(locked)))


def test_without_an_authority_the_machines_own_are_trusted() -> None:
    context = read_access(MqttConfig(tls="on")).context
    assert context
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("key", "value"), [("name", "a/b"), ("name", "a b"), ("topic", "/x"), ("topic", "x/#"), ("discovery", "a/+")]
)
def test_what_no_topic_can_hold_is_refused(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"mqtt\.{key}: "):
        load(environ={f"DIGITCAM_MQTT_{key.upper()}": value})
