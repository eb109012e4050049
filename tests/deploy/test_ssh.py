"""Over real SSH, against Debian's own server, started here for the user who runs the tests."""

import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.needs import find, need

Run = Callable[..., subprocess.CompletedProcess[str]]
SFTP = "/usr/lib/openssh/sftp-server"


@pytest.fixture(scope="module")
def sshd() -> str:
    """Path of the server."""
    need("sshd")
    return find("sshd")


@pytest.fixture
def server(sshd: str, tmp_path: Path) -> Iterator[str]:
    """The address of a server that takes the key `tmp_path/key`."""
    for name in ("key", "host_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host_key\nAuthorizedKeysFile {tmp_path}/key.pub\n"
        f"StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nSubsystem sftp {SFTP}\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
    with subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        # it says so once it listens
        for line in process.stderr:
            if b"listening on" in line:
                break
        yield f"{pwd.getpwuid(os.geteuid()).pw_name}@127.0.0.1:{port}"
        process.terminate()
        process.stderr.read()


@pytest.fixture
def digitlab(server: str, tmp_path: Path) -> Run:
    def run(verb: str, *words: str) -> subprocess.CompletedProcess[str]:
        access = ["--key", str(tmp_path / "key"), "--known-hosts", str(tmp_path / "known_hosts")]
        return subprocess.run(
            [sys.executable, "-m", "digitlab.deploy", verb, server, *access, *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    return run


def test_the_facts_of_this_machine_are_read(digitlab: Run) -> None:
    """Whatever this machine is, it is refused in a clear line, or planned for."""
    done = digitlab("deploy", "--dry-run", "--apt")
    told = done.stdout.splitlines()
    assert told[1].startswith(("  refused: ", "  1. ")), done
    assert "Traceback" not in done.stderr
    if not Path("/run/systemd/system").is_dir():
        assert told[1] == "  refused: no systemd runs there; the service needs systemd 247 or newer"


def test_the_key_of_a_host_that_was_never_seen(digitlab: Run, tmp_path: Path) -> None:
    done = digitlab("status", "--host-keys", "known")
    assert "down: SSH error" in done.stdout
    assert not (tmp_path / "known_hosts").exists()
    assert "known_hosts" not in done.stderr
    done = digitlab("status")
    assert "Failed to load" not in done.stderr
    assert done.returncode == 1
    assert "nothing is deployed" in done.stdout, done.stderr
    assert "ssh-ed25519" in (tmp_path / "known_hosts").read_text()
    assert "nothing is deployed" in digitlab("status", "--host-keys", "known").stdout


def test_a_host_whose_key_changed_is_refused(digitlab: Run, tmp_path: Path) -> None:
    digitlab("status")
    known = tmp_path / "known_hosts"
    other = (tmp_path / "key.pub").read_text().split()[1]
    known.write_text(" ".join([known.read_text().split()[0], "ssh-ed25519", other]) + "\n")
    done = digitlab("status", "--host-keys", "new")
    assert done.returncode == 1
    assert "down: SSH host key error" in done.stdout
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in done.stderr


def test_a_key_that_is_not_taken(digitlab: Run, tmp_path: Path) -> None:
    (tmp_path / "key").unlink()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    (tmp_path / "other").rename(tmp_path / "key")
    done = digitlab("status")
    assert done.returncode == 1
    assert "down: Authentication error" in done.stdout
    assert "Traceback" not in done.stderr
