"""Three machines at once: containers with systemd and SSH of their own, over one Debian root that is built once."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.needs import need

ROOTS = Path("build/fleet").resolve()
PACKAGES = "systemd-sysv,dbus,openssh-server,sudo,python3-venv,python3-numpy,iproute2,udev"
CONFIG = '[camera]\nsource = "loop:demo"\n'
BOOT_S = 300  # 10 s on an idle machine


@dataclass(frozen=True, slots=True)
class Fleet:
    """The machines.

    Attributes:
        inventory: of all three, after one that is down.
        key: that opens them.
        known_hosts: a file for their keys.
    """

    inventory: Path
    key: Path
    known_hosts: Path

    def ssh(self, port: int, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on one of them."""
        known = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        door = ["-i", str(self.key), "-p", str(port), *known]
        return subprocess.run(
            ["ssh", *door, "pi@127.0.0.1", command], capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of machines that are deployed to, whose owner has settings already."""
    return built("bookworm", PACKAGES, CONFIG)


def built(name: str, packages: str, config: str = "") -> Path:
    """A root of Debian's, with a user `pi` who may do all; built once."""
    if os.geteuid():
        pytest.skip("containers need root: sudo make test-fleet")
    need("containers")
    root = ROOTS / name
    if not root.exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        half = root.with_name("half")
        shutil.rmtree(half, ignore_errors=True)
        made = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm", str(half)]
        subprocess.run(made, check=True, capture_output=True)
        subprocess.run(["chroot", half, "useradd", "-m", "-s", "/bin/bash", "-G", "sudo,video", "pi"], check=True)
        (half / "etc/sudoers.d/pi").write_text("pi ALL=(ALL) NOPASSWD: ALL\n")
        if config:
            (half / "etc/digitcam.toml").write_text(config)
        # where each machine is told its port and key, and its names
        (half / "etc/ssh/sshd_config.d/fleet.conf").touch()
        half.rename(root)
    return root


@pytest.fixture(scope="session")
def fleet(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Three machines, whose disks lie in memory and are forgotten."""
    folder = tmp_path_factory.mktemp("fleet")
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    ports = free_ports(4)
    pis = [f"[pis.{name}]\nport = {port}\n" for name, port in zip(("down", "a", "b", "c"), ports, strict=True)]
    inventory = folder / "inventory.toml"
    inventory.write_text("\n".join(['[defaults]\nhost = "127.0.0.1"\nuser = "pi"\n', *pis]))
    made = Fleet(inventory, key, folder / "known_hosts")
    with ExitStack() as running:
        for port in ports[1:]:
            running.enter_context(Container(root, folder, key, port))
        for port in ports[1:]:
            await_start(made, port)
        yield made


class Container:
    """A machine that runs as long as the context."""

    def __init__(self, root: Path, folder: Path, key: Path, port: int, *more: str) -> None:
        """Give it a port and a key of its own for SSH, and what else nspawn is told."""
        settings = folder / f"{port}.conf"
        settings.write_text(f"Port {port}\nAuthorizedKeysFile /etc/ssh/fleet.pub\n")
        public = key.with_suffix(".pub")
        public.chmod(0o644)
        names = folder / f"{port}.hosts"
        names.write_text(f"127.0.0.1 localhost pi-{port}\n")
        binds = (
            f"--bind-ro={settings}:/etc/ssh/sshd_config.d/fleet.conf",
            f"--bind-ro={public}:/etc/ssh/fleet.pub",
            f"--bind-ro={names}:/etc/hosts",
        )
        self._command = [
            *("systemd-nspawn", "--quiet", f"--directory={root}", "--volatile=overlay", "--boot", "--register=no"),
            *("--keep-unit", "--private-users=no", f"--machine=pi-{port}", f"--hostname=pi-{port}", *binds, *more),
        ]
        self._console = folder / f"{port}.log"

    def __enter__(self) -> None:
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
            )

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)  # nspawn shuts its container down
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def free_ports(count: int) -> list[int]:
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def await_start(fleet: Fleet, port: int) -> None:
    end = time.monotonic() + BOOT_S
    while (done := fleet.ssh(port, "systemctl is-system-running --wait")).stdout.strip() not in {"running", "degraded"}:
        assert time.monotonic() < end, done
        time.sleep(1)  # while it boots, it refuses at once
