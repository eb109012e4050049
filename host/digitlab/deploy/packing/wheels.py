"""The wheels that a machine needs, resolved here for its Python and processor, so that it needs no internet.

pip chooses the versions, but reads the markers of its requirements (`; python_version < "3.13"`) for the Python that it
runs on, and not for the one that was asked for. So what it downloaded is gone through once more with the right markers:
what is not needed is left out, and what is missing is asked for. uv reads the markers right, but knows no 32-bit ARM
and downloads no wheels, so that pip would still have to.
"""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from digitlab.deploy.errors import DeployError
from digitlab.deploy.machines.board import FROM_APT, Board

SECOND_RUNTIME = "litert"  # an extra for whoever compares both; a deployment has one runtime
CACHE = Path("build/wheels")
LIST = "wheels.json"
OLDEST_GLIBC = 17  # manylinux2014, the oldest that wheels are still made for
# PyPI has few wheels for 32-bit ARM; Raspberry Pi OS itself looks here too. https://www.piwheels.org
PIWHEELS = "https://www.piwheels.org/simple"


@dataclass(frozen=True, slots=True)
class Wheels:
    """What was resolved.

    Attributes:
        folder: where they lie.
        sha256: by file name; what belongs into the environment.
        pip: the file name of the wheel that installs them.
    """

    folder: Path
    sha256: Mapping[str, str]
    pip: str


@dataclass(frozen=True, slots=True)
class Platform:
    """What wheels must fit.

    Attributes:
        python: major and minor.
        architecture: `aarch64`.
        glibc: minor version.
        supplied: what the machine has already, by name; its version, or empty for one that is not told.
    """

    python: tuple[int, int]
    architecture: str
    glibc: int
    supplied: tuple[tuple[str, str], ...]

    @property
    def tags(self) -> list[str]:
        """As pip calls such machines, newest first."""
        newest = [f"manylinux_2_{minor}_{self.architecture}" for minor in range(self.glibc, OLDEST_GLIBC - 1, -1)]
        return [*newest, f"manylinux2014_{self.architecture}", f"linux_{self.architecture}"]

    @property
    def environment(self) -> dict[str, str]:
        """What markers are read with."""
        version = ".".join(map(str, self.python))
        told = {"python_version": version, "python_full_version": f"{version}.0", "platform_machine": self.architecture}
        fixed = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
        names = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return {**default_environment(), **told, **fixed, **names}  # type: ignore[dict-item]


def platform_of(board: Board, requirements: Iterable[str]) -> Platform:
    """Tell what fits a machine: apt's NumPy is kept wherever digitcam can use it; picamera2 was built with it."""
    bare = Platform(board.python[:2], board.architecture, board.glibc_version[1], ())
    numpy = next(each for each in roots(bare, requirements) if canonicalize_name(each.name) == "numpy")
    if board.is_32_bit:
        supplied = tuple((name, board.numpy if name == "numpy" else "") for name in FROM_APT)
    elif board.numpy and numpy.specifier.contains(board.numpy):
        supplied = (("numpy", board.numpy),)
    else:
        supplied = ()
    return Platform(bare.python, bare.architecture, bare.glibc, supplied)


def requirements() -> list[str]:
    """List what digitcam requires, with all of its extras: a change of settings should need no deployment."""
    return importlib.metadata.requires("digitcam") or []


def roots(platform: Platform, required: Iterable[str]) -> list[Requirement]:
    """Keep those that hold for a platform, without their markers."""
    extras = set(importlib.metadata.metadata("digitcam").get_all("Provides-Extra") or [])
    held = _holding(required, platform.environment, ["", *sorted(extras - {SECOND_RUNTIME})])
    # an extra that is others together names digitcam itself
    return [each for each in held if canonicalize_name(each.name) != "digitcam"]


def resolve(platform: Platform, required: Sequence[str], *, cache: Path = CACHE, refresh: bool = False) -> Wheels:
    """Resolve, or take what was resolved before: the same requirements give the same wheels until `refresh`.

    Raises:
        DeployError: a wheel cannot be had.
    """
    asked = json.dumps([platform.tags, platform.python, platform.supplied, sorted(required)])
    version = "".join(map(str, platform.python))
    folder = cache / f"cp{version}-{platform.architecture}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"
    if refresh or not (folder / LIST).is_file():
        _download(platform, required, folder)
    kept = json.loads((folder / LIST).read_text(encoding="utf-8"))
    return Wheels(folder, kept["sha256"], kept["pip"])


def _download(platform: Platform, required: Sequence[str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    asked = roots(platform, required)
    print(
        f"resolving wheels for Python {'.'.join(map(str, platform.python))} on {platform.architecture} ...",
        file=sys.stderr,
    )
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        here = Path(name)
        while True:
            _pip_download(platform, asked, here)
            needed, missing = closure(platform, asked, sorted(here.glob("*.whl")))
            if not missing:
                break
            asked = [*asked, *missing]
        pip = next(path for path in here.glob("pip-*.whl"))
        hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in needed}
        for path in here.iterdir():
            if path not in needed and path != pip:
                path.unlink()
        (here / LIST).write_text(json.dumps({"sha256": hashes, "pip": pip.name}, indent=2), encoding="utf-8")
        here.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        here.rename(folder)  # whole, or not there


def _pip_download(platform: Platform, asked: Sequence[Requirement], into: Path) -> None:
    constraints = into / "constraints.txt"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in platform.supplied if version))
    names = {name for name, _ in platform.supplied}
    wanted = [str(each) for each in asked if canonicalize_name(each.name) not in names]
    kind = [word for tag in platform.tags for word in ("--platform", tag)]
    python = ["--implementation", "cp", "--python-version", ".".join(map(str, platform.python))]
    # what apt supplies has no wheel there that pip could take into account
    more = ["--no-deps", "--extra-index-url", PIWHEELS] if platform.architecture == "armv7l" else []
    quiet = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:", f"--constraint={constraints}"]
    command = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        *quiet,
        f"--dest={into}",
        *kind,
        *python,
        *more,
        "pip",
        *wanted,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # pip
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        what = f"Python {'.'.join(map(str, platform.python))} on {platform.architecture}"
        raise DeployError(f"no wheels for {what}: {(errors or done.stderr.splitlines() or ['pip failed'])[-1]}")
    constraints.unlink()


def closure(
    platform: Platform, asked: Iterable[Requirement], wheels: Iterable[Path]
) -> tuple[list[Path], list[Requirement]]:
    """Find which of the wheels are needed there, and what is still missing.

    Raises:
        DeployError: a wheel needs another version of something than there is.
    """
    found = {parse_wheel_filename(path.name)[0]: path for path in wheels}
    supplied = dict(platform.supplied)
    needed: dict[str, Path] = {}
    missing: list[Requirement] = []
    waiting = [(each, "digitcam") for each in asked]
    while waiting:
        each, whose = waiting.pop()
        name = canonicalize_name(each.name)
        version = (
            supplied[name]
            if name in supplied
            else str(parse_wheel_filename(found[name].name)[1])
            if name in found
            else ""
        )
        if version and not each.specifier.contains(version, prereleases=True):
            raise DeployError(f"{whose} needs {each}, but version {version} is what there is")
        if name in supplied or (name in needed and not each.extras):
            continue
        if name not in found:
            missing.append(each)
            continue
        needed[name] = found[name]
        waiting += [(more, found[name].name) for more in _requires(found[name], platform.environment, each.extras)]
    return sorted(needed.values()), missing


def _requires(wheel: Path, environment: Mapping[str, str], extras: Iterable[str]) -> Iterable[Requirement]:
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    return _holding(metadata.get_all("Requires-Dist") or [], environment, ["", *extras])


def _holding(texts: Iterable[str], environment: Mapping[str, str], extras: Sequence[str]) -> Iterable[Requirement]:
    for text in texts:
        each = Requirement(text)
        if each.marker is None or any(each.marker.evaluate({**environment, "extra": extra}) for extra in extras):
            each.marker = None
            yield each
