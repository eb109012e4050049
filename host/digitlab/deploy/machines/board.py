"""What a machine is, and what cannot be done there."""

from collections.abc import Iterator

import msgspec

# The last release of tflite-runtime is for this Python, and its successor has no wheels for 32 bits.
LAST_32_BIT = (3, 11)
OLDEST = (3, 11)
NEWEST = (3, 14)  # excluded
# Both runtimes' aarch64 and armv7l wheels ask for glibc 2.34, as their names say.
GLIBC = (2, 34)
ARCHITECTURES = ("aarch64", "armv7l", "x86_64")
# systemd 247 is the first with LoadCredential=; Bookworm has 252, Trixie 257.
SYSTEMD = 247
# An environment takes 160 MB with OpenCV's and LiteRT's wheels, and they 60 MB more until it is made (measured on
# aarch64); the rest is room to grow and for the system to breathe.
SPACE_MB = 400
RELEASE_MB = 50  # code, model and samples, where the environment is there already
FROM_APT = {"numpy": "python3-numpy", "opencv-python-headless": "python3-opencv", "pillow": "python3-pil"}


class Board(msgspec.Struct, frozen=True):
    """A machine's facts, as `onpi/look.py` prints them.

    Attributes:
        hostname: as it calls itself.
        model: `Raspberry Pi 5 Model B Rev 1.0`; empty on other machines.
        architecture: of its Python: `aarch64`, `armv7l`, `x86_64`.
        python: major, minor, micro.
        glibc: `2.36`.
        system: `Debian GNU/Linux 12 (bookworm)`.
        raspberry_pi_os: whether it is that.
        free_mb: megabytes free where releases lie.
        systemd: its version; 0 where it does not run.
        numpy: version of apt's; empty where there is none.
        packages: which of apt's packages that matter are installed.
        sudo: `free`, `password` or `none`.
        debian_package: version of digitcam that came as one; empty where none did.
        settings: what /etc/digitcam.toml sets of what a deployment may be asked to set, by `section.key`.
        busy: process that deploys there just now; empty where none does.
        current: release that `current` points to; empty where none is.
        releases: those that are whole.
        environments: those that are whole.
        active: whether the service is.
        config: whether /etc/digitcam.toml exists.
    """

    hostname: str
    model: str
    architecture: str
    python: tuple[int, int, int]
    glibc: str
    system: str
    raspberry_pi_os: bool
    free_mb: int
    systemd: int
    numpy: str
    packages: tuple[str, ...]
    sudo: str
    busy: str
    debian_package: str
    settings: dict[str, str]
    current: str
    releases: tuple[str, ...]
    environments: tuple[str, ...]
    active: bool
    config: bool

    @property
    def is_32_bit(self) -> bool:
        """Whether its Python is."""
        return self.architecture == "armv7l"

    @property
    def glibc_version(self) -> tuple[int, int]:
        """Major and minor; 0, 0 where it has another library."""
        major, _, minor = self.glibc.partition(".")
        return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)

    @property
    def name(self) -> str:
        """What kind of machine it is, for a person."""
        return self.model or f"{self.hostname} ({self.architecture})"

    @property
    def wanted_packages(self) -> tuple[str, ...]:
        """Apt's packages without which digitcam cannot run there, and which are missing."""
        return tuple(name for name in FROM_APT.values() if name not in self.packages) if self.is_32_bit else ()

    @property
    def useful_packages(self) -> tuple[str, ...]:
        """Apt's packages that a usual camera needs there, and which are missing."""
        missing = self.raspberry_pi_os and "python3-picamera2" not in self.packages
        return ("python3-picamera2",) if missing else ()


def refusal(board: Board, *, apt: bool, sudo_password: bool) -> str:
    """Say why nothing can be deployed to a machine; empty where it can.

    Args:
        board: its facts.
        apt: whether missing packages may be installed there.
        sudo_password: whether one was given.
    """
    return next(_reasons(board, apt=apt, sudo_password=sudo_password), "")


def _reasons(board: Board, *, apt: bool, sudo_password: bool) -> Iterator[str]:
    python = ".".join(map(str, board.python[:2]))
    if board.is_32_bit and board.python[:2] > LAST_32_BIT:
        bits = f"{board.system} has Python {python} with 32 bits"
        yield f"{bits}, for which no TFLite runtime is made; use the 64-bit system, or the 32-bit one of Bookworm"
    if board.architecture not in ARCHITECTURES:
        yield f"its processor is {board.architecture}; TFLite runtimes are made for {', '.join(ARCHITECTURES)}"
    if not OLDEST <= board.python[:2] < NEWEST:
        yield f"{board.system} has Python {python}; 3.11 to 3.13 is needed, as in Bookworm and Trixie"
    if board.glibc_version < GLIBC:
        yield f"its glibc is {board.glibc or 'not told'}, the runtime needs 2.34; install Bookworm or Trixie"
    if board.systemd < SYSTEMD:
        found = f"systemd {board.systemd}" if board.systemd else "no systemd"
        yield f"{found} runs there; the service needs systemd {SYSTEMD} or newer"
    yield from _reasons_now(board, apt=apt, sudo_password=sudo_password)


def _reasons_now(board: Board, *, apt: bool, sudo_password: bool) -> Iterator[str]:
    """List what is so just now, and a person there can change."""
    if board.sudo == "none":
        yield "there is no sudo; log in as root, or install it and allow it to this user"
    if board.sudo == "password" and not sudo_password:
        yield "sudo asks for a password there; add --ask-sudo-password"
    if board.debian_package:
        package = f"digitcam {board.debian_package} is installed there as a Debian package"
        yield f"{package}, and is upgraded as one; `sudo apt remove digitcam` there first, to have this in its place"
    if board.busy:
        yield f"another deployment is at work here (process {board.busy}); wait until it has ended"
    if board.wanted_packages and not apt:
        names = " ".join(board.wanted_packages)
        yield f"{names} is missing; `sudo apt install {names}` there, or allow it here with --apt"
