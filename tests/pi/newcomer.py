"""Whoever sits at the Pi itself: with a checkout and no second machine, and types."""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
from tests.pi.journal import WAIT_S

from digitlab.deploy.machines.board import Board
from digitlab.deploy.packing.wheels import CACHE, Platform, platform_of, requirements, resolve
from pi.image import REPOSITORY
from pi.machine import Machine

PATIENCE_S = 3600  # a Pi that is emulated on a busy machine
PARTS = ("Makefile", "device", "host", "models", "packaging", "systemd", "docs", "LICENSE", "pyproject.toml")
# Asks for a path of the page with or without the password, as a browser does; prints status and body.
ASK = """
import base64, subprocess, sys, urllib.error, urllib.request
url, known = sys.argv[1], len(sys.argv) > 2
request = urllib.request.Request(url)
if known:
    password = subprocess.check_output(["sudo", "digitcam", "password"], text=True).strip()
    request.add_header("authorization", "Basic " + base64.b64encode(f"me:{password}".encode()).decode())
try:
    with urllib.request.urlopen(request, timeout=60) as answer:
        print(answer.status, answer.read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
except OSError as error:
    print(error)
"""


class Newcomer:
    """Types on the Pi, and reads what comes."""

    def __init__(self, pi: Machine) -> None:
        """Give them a checkout, and what pip would download: the emulated Pi reaches nothing."""
        self._pi = pi
        self.types("rm -rf digitcam wheels numpy")
        with tempfile.TemporaryDirectory() as name:
            checkout = Path(name) / "digitcam"
            checkout.mkdir()
            for part in PARTS:
                _copy(REPOSITORY / part, checkout / part)
            # packed, since scp takes no link to a folder
            packed = Path(shutil.make_archive(f"{checkout}-packed", "tar", name, checkout.name))
            pi.copy(packed, "digitcam.tar")
        self.types("tar -xf digitcam.tar && rm digitcam.tar")
        for folder, target in zip(_wheels(self._board()), ("wheels", "numpy"), strict=True):
            pi.copy(folder, target)

    def types(self, command: str, *, check: bool = True) -> str:
        """Type a command; what is said, on either stream.

        Raises:
            MachineError: it failed, where that is not expected (`check`).
        """
        offline = 'export PIP_NO_INDEX=1 PIP_FIND_LINKS="$HOME/wheels $HOME/numpy"'
        said = self._pi.ssh(f"{offline}; {{ {command} ; }} 2>&1", check=check, timeout_s=PATIENCE_S).stdout
        assert "Traceback" not in said, said
        return said

    def make(self, task: str, *words: str, check: bool = True) -> list[str]:
        """Run a task of the checkout's; the lines that it says."""
        return self.types(f"cd digitcam && make {task} {' '.join(words)}", check=check).splitlines()

    def install(self, *words: str, check: bool = True) -> list[str]:
        """`make install`, with the timeouts that an emulated machine asks for."""
        return self.make("install", f"FLAGS=--wait={WAIT_S}", *words, check=check)

    def asks(self, url: str, *, known: bool = False) -> str:
        """What the page answers, to someone who has the password or has not: status and body."""
        return self._pi.ssh(f"python3 - {url} {'known' if known else ''}", stdin=ASK.encode()).stdout.strip()

    def _board(self) -> Board:
        look = (files("digitlab.deploy") / "onpi" / "facts" / "look.py").read_bytes()
        return msgspec.json.decode(self._pi.ssh("python3 -I -", stdin=look).stdout, type=Board)


def _wheels(board: Board) -> tuple[Path, Path]:
    """Two folders: what digitcam and its installation need, and apt's NumPy, which pip wants to see as well."""
    cache = REPOSITORY / CACHE
    host = tomllib.loads((REPOSITORY / "host/pyproject.toml").read_text(encoding="utf-8"))
    tools = [*host["dependency-groups"]["deploy"], *host["build-system"]["requires"]]
    device = requirements()
    platform = platform_of(board, device)
    bare = Platform(platform.python, platform.architecture, platform.glibc, ())
    numpy = [f"{name}=={version}" for name, version in platform.supplied]
    return (
        resolve(platform, [*device, *tools], cache=cache).folder,
        resolve(bare, numpy, cache=cache).folder,
    )


def _copy(source: Path, target: Path) -> None:
    """Copy what belongs to the checkout, with links as links, and nothing that was built there."""
    if source.is_file():
        shutil.copy(source, target)
    else:
        built = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
        shutil.copytree(source, target, symlinks=True, ignore=built)


def build(task: str) -> None:
    """Run a task of the Makefile here."""
    done = subprocess.run(["make", task, f"PYTHON={sys.executable}"], cwd=REPOSITORY, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
