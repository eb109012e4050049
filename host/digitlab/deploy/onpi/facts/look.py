"""What a machine is and what is deployed there, as one line of JSON: a program in itself, which changes nothing."""

import fcntl
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

HOME = Path("/opt/digitcam")
CONFIG = Path("/etc/digitcam.toml")
PACKAGES = ("python3-numpy", "python3-opencv", "python3-pil", "python3-picamera2")


def main() -> None:
    """Print it."""
    release = platform.freedesktop_os_release()
    print(
        json.dumps(
            {
                "hostname": socket.gethostname(),
                "model": text(Path("/proc/device-tree/model")),
                # the kernel may have 64 bits where everything else has 32
                "architecture": sysconfig.get_platform().removeprefix("linux-") if sys.maxsize > 2**32 else "armv7l",
                "python": list(sys.version_info[:3]),
                "glibc": platform.libc_ver()[1],
                "system": release.get("PRETTY_NAME", "an unknown system"),
                "raspberry_pi_os": Path("/etc/rpi-issue").exists(),
                "free_mb": free_mb(),
                "systemd": systemd(),
                "numpy": numpy(),
                "packages": packages(),
                "sudo": sudo(),
                "busy": busy(),
                "debian_package": debian_package(),
                "settings": settings(),
                **deployed(),
            }
        )
    )


def text(path: Path) -> str:
    """Read a file without what surrounds its content; empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").strip("\0\n ")
    except OSError:
        return ""


def said(*command: str) -> str:
    """Take what a program prints; empty where it fails or is not there."""
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    return done.stdout.strip() if done.returncode == 0 else ""


def free_mb() -> int:
    """Count the megabytes free where releases lie, or will."""
    folder = HOME
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000


def systemd() -> int:
    """Give the version of the systemd that runs here; 0 where none does."""
    if not Path("/run/systemd/system").is_dir():
        return 0
    version = said("systemctl", "--version").split()
    return int(version[1].partition(".")[0].partition("~")[0]) if len(version) > 1 else 0


def numpy() -> str:
    """Give the version of apt's NumPy; empty where there is none."""
    try:
        return importlib.metadata.version("numpy")
    except importlib.metadata.PackageNotFoundError:
        return ""


def packages() -> list[str]:
    """Tell which of the packages that matter are installed."""
    lines = said("dpkg-query", "--show", "--showformat=${Package} ${db:Status-Abbrev}\n", "python3*").splitlines()
    installed = {line.split()[0] for line in lines if line.split()[1:] == ["ii"]}
    return [name for name in PACKAGES if name in installed]


def sudo() -> str:
    """Tell how root is had: `free`: without a password; `password`: asks for one; `none`: there is no sudo."""
    if os.geteuid() == 0:
        return "free"
    if not shutil.which("sudo"):
        return "none"
    done = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)  # noqa: S607  # found on PATH just now
    return "free" if done.returncode == 0 else "password"


def busy() -> str:
    """Name the process that deploys here just now; empty where none does."""
    try:
        with (HOME / "lock").open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip() or "unknown"
    except OSError:
        pass
    return ""


def deployed() -> dict[str, Any]:
    """List releases and environments that are whole, the current one, and whether it runs."""
    current = HOME / "current"
    return {
        "current": current.resolve().name if current.exists() else "",
        "releases": [folder.parent.name for folder in HOME.glob("releases/*/whole.json")],
        "environments": [folder.parent.name for folder in HOME.glob("environments/*/whole.json")],
        "active": said("systemctl", "show", "digitcam.service", "--property=ActiveState", "--value") == "active",
        "config": CONFIG.exists(),
    }


def debian_package() -> str:
    """Give the version of digitcam that came as a Debian package; empty where none did."""
    version, _, state = said(
        "dpkg-query", "--show", "--showformat=${Version} ${db:Status-Abbrev}", "digitcam"
    ).partition(" ")
    return version if state.strip() == "ii" else ""


def settings() -> dict[str, str]:
    """Read what the file sets of what a deployment may be asked to set, by `section.key`."""
    try:
        import tomllib
    except ImportError:  # an older Python, which is refused
        return {}
    try:
        tree = tomllib.loads(text(CONFIG))
    except tomllib.TOMLDecodeError:
        return {}
    found = {"camera.source": tree.get("camera", {}).get("source"), "mqtt.host": tree.get("mqtt", {}).get("host")}
    return {name: value for name, value in found.items() if isinstance(value, str)}


main()
