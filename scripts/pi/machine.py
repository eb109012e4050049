"""One emulated Pi: a disk of its own over an image, a QEMU process, and the way in over SSH."""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pi.image import Image

BOOT_S = 600  # 40 s on two idle cores; a busy machine may take long, and only a dead one for ever
HALT_S = 120
HANDSHAKE_S = 30

SSH_CONFIG = """\
Host pi localhost 127.0.0.1
    HostName 127.0.0.1
    Port {port}
    User pi
    IdentityFile "{key}"
    IdentitiesOnly yes
    UserKnownHostsFile "{known_hosts}"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    ConnectTimeout {timeout}
    ServerAliveInterval 15
    ServerAliveCountMax 8
    ControlMaster auto
    ControlPath "{shared}"
    ControlPersist 60
    LogLevel ERROR
"""
# A command of its own connection would take seconds there to be let in. In a short folder, as a socket's path must be.
SHARED = f"{tempfile.gettempdir()}/digitcam-pi-{os.getuid()}-%C"
ALONE = ("-o", "ControlPath=none")  # not over the connection that others share


class MachineError(RuntimeError):
    """The emulated Pi does not start, does not answer, or has ended."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What is emulated.

    Attributes:
        cpu: cortex-a72 (Pi 4) or cortex-a76 (Pi 5).
        cores: of it; those of a real Pi are four, but each costs a core of this machine.
        memory_mb: MiB.
        counting: the clock counts instructions, one nanosecond each, on one core: what is measured there does not
            depend on this machine.
        offline: it reaches nothing; it is still reached over SSH.
    """

    cpu: str = "cortex-a72"
    cores: int = 2
    memory_mb: int = 1024
    counting: bool = False
    offline: bool = False

    def arguments(self, port: int) -> list[str]:
        """For QEMU; `port` of 127.0.0.1 leads to SSH."""
        network = f"user,id=net,hostfwd=tcp:127.0.0.1:{port}-:22" + (",restrict=on" if self.offline else "")
        if self.counting:
            cores = ["-smp", "1", "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"]
        else:
            cores = ["-smp", str(self.cores), "-accel", "tcg,thread=multi"]
        return [
            *("-M", "virt", "-cpu", self.cpu, *cores, "-m", str(self.memory_mb)),
            *("-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-device", "virtio-rng-pci"),
        ]


class Machine:
    """An emulated Pi, in a folder of its own; it runs on when this process ends.

    In the folder: disk.qcow2, and ssh_config, known_hosts, console.log and pid to reach it and to look at it.
    """

    def __init__(self, folder: Path, hardware: Hardware = Hardware()) -> None:
        """A machine that may or may not have a disk, and may or may not run already.

        Args:
            folder: its own.
            hardware: for the next `start`.
        """
        self.folder = folder.resolve()
        self.hardware = hardware

    @property
    def running(self) -> bool:
        """Whether its QEMU process is there."""
        return self._pid() is not None

    @property
    def port(self) -> int:
        """Of 127.0.0.1, for SSH."""
        return int((self.folder / "port").read_text(encoding="ascii"))

    @property
    def ssh_config(self) -> Path:
        """For `ssh -F`; the host's name there is `pi`."""
        return self.folder / "ssh_config"

    @property
    def has_disk(self) -> bool:
        """Whether it was ever given one."""
        return self._disk.exists()

    def made_from(self, image: Image) -> bool:
        """Whether its disk began as this image's."""
        return self._image.exists() and self._image.resolve() == image.folder

    def renew(self, image: Image) -> None:
        """Give it a new disk, as the image's was made; power off first, nothing of the old one stays."""
        self.cut_power()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._image.symlink_to(image.folder)
        over = ("-F", "raw", "-b", image.folder / "disk.ext4")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *over, self._disk], check=True)

    def start(self) -> None:
        """Switch it on, if it is not, and wait until it can be entered.

        Raises:
            MachineError: it does not come up.
        """
        if not self.running:
            self._open_door()
            self._power_on()
        self.wait()

    def wait(self) -> None:
        """Wait until a command can be run on it.

        Raises:
            MachineError: it has ended, or does not answer.
        """
        end = time.monotonic() + BOOT_S
        while self.ssh("true", check=False).returncode:
            if not self.running:
                raise MachineError(f"{self.folder.name}: has ended; see {self.folder / 'console.log'}")
            if time.monotonic() > end:
                raise MachineError(f"{self.folder.name}: no answer in {BOOT_S} s; see {self.folder / 'console.log'}")
            time.sleep(1)

    def ssh(
        self, command: str, *, check: bool = True, stdin: bytes = b"", timeout_s: float = BOOT_S, alone: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell command on it as user pi, and give what it said; `alone`: over a connection of its own.

        Raises:
            MachineError: it failed, and that is not expected (`check`).
            subprocess.TimeoutExpired: it did not end.
        """
        done = subprocess.run(
            ["ssh", "-F", self.ssh_config, *(ALONE if alone else ()), "pi", command],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=timeout_s,
        )
        said = subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
        if check and said.returncode:
            raise MachineError(f"{command}: exit status {said.returncode}\n{said.stdout}{said.stderr}")
        return said

    def copy(self, source: Path, target: str) -> None:
        """Copy a file or a folder of this machine to it.

        Raises:
            subprocess.CalledProcessError: scp failed.
        """
        subprocess.run(["scp", "-q", "-r", "-F", self.ssh_config, source, f"pi:{target}"], check=True)

    def reboot(self) -> None:
        """Reboot it from inside, and wait until it is back."""
        before = self._boot()
        self.ssh("sudo systemctl reboot", check=False)
        # nobody answers on it any more
        subprocess.run(["ssh", "-F", self.ssh_config, "-O", "exit", "pi"], capture_output=True, check=False)
        end = time.monotonic() + BOOT_S
        while self._boot() in {before, ""}:
            if time.monotonic() > end:
                raise MachineError(f"{self.folder.name}: does not come back; see {self.folder / 'console.log'}")
            time.sleep(1)

    def stop(self) -> None:
        """Shut it down properly; where that does not work, cut its power."""
        with suppress(ProcessLookupError), self._process() as process:
            self.ssh("sudo systemctl poweroff", check=False)
            _wait(process, HALT_S)
        self.cut_power()

    def cut_power(self) -> None:
        """Cut its power at once: what was not on its disk yet is lost."""
        with suppress(ProcessLookupError), self._process() as process:
            signal.pidfd_send_signal(process, signal.SIGKILL)
            _wait(process)

    @property
    def key(self) -> Path:
        """The private key that user pi is entered with."""
        return self._image / "id"

    @property
    def known_hosts(self) -> Path:
        """The machine's own host key, for 127.0.0.1 and localhost at its port."""
        return self.folder / "known_hosts"

    def _boot(self) -> str:
        """Which of its starts this is; empty where it does not answer."""
        return self.ssh("cat /proc/sys/kernel/random/boot_id", check=False, alone=True).stdout

    @property
    def _image(self) -> Path:
        return self.folder / "image"

    @property
    def _disk(self) -> Path:
        return self.folder / "disk.qcow2"

    def _open_door(self) -> None:
        """Find a port, and write down how to go through it and whom to expect behind."""
        port = self._free_port()
        (self.folder / "port").write_text(f"{port}\n", encoding="ascii")
        key = " ".join((self._image / "host_key.pub").read_text(encoding="ascii").split()[:2])
        self.known_hosts.write_text(f"[127.0.0.1]:{port},[localhost]:{port} {key}\n", encoding="ascii")
        text = SSH_CONFIG.format(
            port=port, key=self.key, known_hosts=self.known_hosts, timeout=HANDSHAKE_S, shared=SHARED
        )
        self.ssh_config.write_text(text, encoding="utf-8")

    def _power_on(self) -> None:
        command: list[str | Path] = [
            *("qemu-system-aarch64", "-name", f"pi-{self.folder.name}", *self.hardware.arguments(self.port)),
            *("-kernel", self._image / "vmlinuz", "-initrd", self._image / "initrd.img"),
            *("-append", "console=ttyAMA0 quiet"),
            *("-drive", f"if=none,id=disk,file={self._disk},format=qcow2,discard=unmap"),
            *("-device", "virtio-blk-pci,drive=disk"),
            *("-display", "none", "-monitor", "none", "-serial", f"file:{self.folder / 'console.log'}"),
            *("-pidfile", self.folder / "pid", "-daemonize"),
        ]
        started = subprocess.run(command, check=False, capture_output=True, text=True)
        if started.returncode:
            raise MachineError(f"{self.folder.name}: does not start: {started.stderr.strip()}")

    def _free_port(self) -> int:
        """The port that it had before, where that is free, so that what was noted of it stays true."""
        wanted = self.port if (self.folder / "port").exists() else 0
        for port in (wanted, 0):
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return int(probe.getsockname()[1])
        raise MachineError("no free port on 127.0.0.1")

    @contextmanager
    def _process(self) -> Iterator[int]:
        """A descriptor of its QEMU process, which stands for no other, as a number may.

        Raises:
            ProcessLookupError: it is off.
        """
        pid = self._pid()
        if pid is None:
            raise ProcessLookupError
        process = os.pidfd_open(pid)
        try:
            yield process
        finally:
            os.close(process)

    def _pid(self) -> int | None:
        """Of its QEMU process; None where that is gone, or another process has its number by now."""
        try:
            pid = int((self.folder / "pid").read_text(encoding="ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self._disk) in command else None


def _wait(process: int, timeout_s: float | None = None) -> None:
    """Wait until a process has let go of its files too, which is later than its command line goes: pidfd_open(2)."""
    select.select([process], [], [], timeout_s)
