"""The emulated Pi is what it says, and behaves as a machine."""

import subprocess
from pathlib import Path

from pi.image import Image
from pi.machine import ALONE, Machine


def test_it_is_a_64_bit_pi_with_todays_debian(pi: Machine, release: str) -> None:
    assert pi.ssh("uname -m; . /etc/os-release; echo $VERSION_CODENAME").stdout.split() == ["aarch64", release]
    assert "Python 3." + {"trixie": "13", "bookworm": "11"}[release] in pi.ssh("python3 -V").stdout


def test_systemd_runs_and_nothing_has_failed(pi: Machine) -> None:
    state = pi.ssh("systemctl is-system-running --wait", check=False).stdout.strip()
    assert state == "running", pi.ssh("systemctl --failed --no-legend").stdout


def test_user_pi_is_who_raspberry_pi_os_makes(pi: Machine) -> None:
    assert pi.ssh("id -un; sudo -n id -un").stdout.split() == ["pi", "root"]
    assert {"sudo", "video", "plugdev"} <= set(pi.ssh("id -Gn").stdout.split())
    pi.ssh("python3 -m venv --system-site-packages --without-pip /tmp/venv && /tmp/venv/bin/python -c 'import numpy'")


def test_another_host_key_is_refused(pi: Machine, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    known = tmp_path / "known_hosts"
    key = " ".join(other.with_suffix(".pub").read_text(encoding="ascii").split()[:2])
    known.write_text(f"[127.0.0.1]:{pi.port} {key}\n", encoding="ascii")
    options = ["-F", str(pi.ssh_config), *ALONE, "-o", f"UserKnownHostsFile={known}"]
    refused = subprocess.run(["ssh", *options, "pi", "true"], check=False, capture_output=True, text=True)
    assert refused.returncode
    assert "Host key verification failed" in refused.stderr


def test_it_reaches_nothing(pi: Machine) -> None:
    pi.ssh("ip route get 10.0.2.2")  # it has a network, which leads nowhere
    gate = "import socket; socket.create_connection(('10.0.2.2', 22), 5)"
    assert "Error" in pi.ssh(f'python3 -c "{gate}"', check=False).stderr


def test_a_power_cut_loses_what_was_not_written(pi: Machine) -> None:
    pi.ssh("echo kept >kept && sync kept && echo lost >lost")
    pi.cut_power()
    assert not pi.running
    pi.start()
    assert pi.ssh("cat kept; rm kept").stdout == "kept\n"
    assert pi.ssh("cat lost", check=False).stdout == ""


def test_a_new_disk_has_nothing_of_its_own(made: Image, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine")
    assert not machine.made_from(made)
    machine.renew(made)
    assert machine.made_from(made)
    assert not machine.running
    assert (tmp_path / "machine" / "disk.qcow2").stat().st_size < 1_000_000  # nor a copy of the image
