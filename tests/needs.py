"""Debian's programs that tests talk to. Tests install none: `make tools` does.

A test is skipped without what it needs, and says what to type; it fails where `REQUIRE` in the environment names that,
as in .ci/run: REQUIRE=mosquitto,browser.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Need(NamedTuple):
    """What a test needs.

    Attributes:
        packages: Debian's, that have it.
        places: a program's name, or a pattern of paths, for each.
    """

    packages: tuple[str, ...]
    places: tuple[str, ...]


NEEDS = {
    "mosquitto": Need(("mosquitto", "mosquitto-clients"), ("mosquitto", "mosquitto_sub")),
    "browser": Need(("chromium", "chromium-driver"), ("/usr/bin/chromium", "/usr/bin/chromedriver")),
    "openssl": Need(("openssl",), ("openssl",)),
    "systemd": Need(("systemd",), ("systemd-analyze",)),
    "sshd": Need(("openssh-server", "openssh-client"), ("sshd", "ssh-keygen")),
    "faketime": Need(("faketime",), ("/usr/lib/*/faketime/libfaketimeMT.so.1",)),
    "debian": Need(("dpkg", "lintian"), ("dpkg-deb", "lintian")),
    "rtsp": Need(
        (
            "python3-gi",
            "gir1.2-gst-rtsp-server-1.0",
            "gstreamer1.0-plugins-base",
            "gstreamer1.0-plugins-good",
            "gstreamer1.0-plugins-ugly",
        ),
        (
            "/usr/lib/python3/dist-packages/gi/__init__.py",
            "/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib",
            "/usr/lib/*/gstreamer-1.0/libgstvideotestsrc.so",
            "/usr/lib/*/gstreamer-1.0/libgstrtp.so",
            "/usr/lib/*/gstreamer-1.0/libgstx264.so",
        ),
    ),
    "containers": Need(("mmdebstrap", "systemd-container"), ("mmdebstrap", "systemd-nspawn")),
    "fonts": Need(("fonts-dejavu-core",), ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",)),
}
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")


def missing(name: str) -> str:
    """What to type for what is not here; empty: all is here."""
    packages, places = NEEDS[name]
    lacking = [package for package, place in zip(packages, places, strict=True) if not find(place)]
    return f"sudo apt-get install {' '.join(lacking)}" if lacking else ""


def find(place: str) -> str:
    """The path of a program, which may be an administrator's, or of what a pattern fits; empty: it is not here."""
    if "/" in place:
        return str(next(iter(sorted(Path("/").glob(place.removeprefix("/")))), ""))
    return shutil.which(place) or shutil.which(place, path="/usr/sbin:/sbin") or ""


def need(name: str) -> None:
    """Skip the test without it, or fail where it is required."""
    import pytest

    if how := missing(name):
        if name in required():
            pytest.fail(f"{name} is required and not here: {how}", pytrace=False)
        pytest.skip(f"needs {name}: {how}")


def required() -> list[str]:
    """The names of what must be here."""
    return [name for name in os.environ.get("REQUIRE", "").split(",") if name]


def main() -> None:
    """Install what is missing of what is required, or else of everything; start nothing of it."""
    lacking = {package for name in required() or NEEDS if missing(name) for package in NEEDS[name].packages}
    if not lacking:
        return
    command = [*INSTALL, *sorted(lacking)]
    if os.geteuid() or not shutil.which("apt-get"):
        sys.exit(f"the tests need: sudo {' '.join(command)}")
    print(f"installing {' '.join(sorted(lacking))} ...")
    # Debian starts no service where the runlevel is that of a single user
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for step in (["apt-get", "update"], command):
        done = subprocess.run(step, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(step)}: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
