"""What `make dist` and `make deb` build."""

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.needs import find, need

REPOSITORY = Path(__file__).resolve().parents[2]
MODELS = [f"digitcam/models/{name}" for name in ("digits.tflite", "digits.json", "finder.tflite", "finder.json")]


def make(task: str) -> None:
    done = subprocess.run(
        ["make", task, f"PYTHON={sys.executable}"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def dist() -> Path:
    """The folder of both distributions, which twine has checked."""
    make("dist")
    return REPOSITORY / "build/dist"


@pytest.fixture(scope="module")
def deb() -> Path:
    need("debian")
    make("deb")
    (path,) = (REPOSITORY / "build/deb").glob("*.deb")
    return path


def test_both_distributions_are_built(dist: Path) -> None:
    kinds = {(path.name.partition("-")[0], path.suffix) for path in dist.iterdir()}
    assert kinds == {("digitcam", ".whl"), ("digitcam", ".gz"), ("digitlab", ".whl"), ("digitlab", ".gz")}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        (
            "digitcam",
            [*MODELS, "digitcam/samples/demo.mp4", "digitcam/outputs/web/static/page.js", "digitcam/py.typed"],
        ),
        ("digitlab", ["digitlab/deploy/packing/digitcam.service", "digitlab/deploy/onpi/facts/look.py"]),
    ],
)
def test_a_wheel_and_an_sdist_hold_all_that_is_needed(dist: Path, name: str, files: list[str]) -> None:
    (wheel,) = dist.glob(f"{name}-*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        assert set(files) <= set(names)
        (licence,) = [each for each in names if each.endswith("/licenses/LICENSE")]
        assert b"Apache License" in archive.read(licence)
        (path,) = [each for each in names if each.endswith("METADATA")]
        metadata = HeaderParser().parsestr(archive.read(path).decode())
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["Summary"]
    (source,) = dist.glob(f"{name}-*.tar.gz")
    with tarfile.open(source) as archive:
        members = {member.name.partition("/")[2]: member for member in archive}
    for each in [*files, "LICENSE", "README.md", "pyproject.toml"]:
        assert members[each].isfile(), each  # a link would lead out of the archive
        assert members[each].size or each.endswith("py.typed")


def told(deb: Path, option: str) -> Iterator[str]:
    return iter(
        subprocess.run(["dpkg-deb", option, deb], capture_output=True, text=True, check=True).stdout.splitlines()
    )


def test_the_debian_package_is_for_every_machine_and_depends_on_what_apt_has(deb: Path) -> None:
    fields = dict(line.partition(": ")[::2] for line in told(deb, "--info") for line in [line.strip()] if ": " in line)
    assert fields["Architecture"] == "all"
    assert {"python3-numpy", "python3-opencv", "python3-pil", "python3-venv"} <= set(fields["Depends"].split(", "))


def test_it_holds_models_service_and_settings(deb: Path) -> None:
    names = {line.split()[5] for line in told(deb, "--contents")}
    assert {f"./usr/share/digitcam/{each}" for each in MODELS} <= names
    assert {"./usr/bin/digitcam", "./usr/lib/systemd/system/digitcam.service"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_its_service_and_lists_are_what_the_others_say(deb: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "--extract", deb, tmp_path], check=True)
    unit = (tmp_path / "usr/lib/systemd/system/digitcam.service").read_text()
    assert "ExecStart=/usr/bin/digitcam run --config /etc/digitcam.toml --json" in unit
    assert "/opt/" not in unit
    required = (tmp_path / "usr/share/digitcam/requirements.txt").read_text()
    assert "msgspec" in required
    assert "starlette" in required
    assert "numpy" not in required
    assert "opencv" not in required
    assert "enabled = true" in (tmp_path / "usr/share/digitcam/digitcam.toml").read_text()


def test_the_same_checkout_gives_the_same_package(deb: Path) -> None:
    before = deb.read_bytes()
    make("deb")
    assert deb.read_bytes() == before


def test_lintian_finds_nothing(deb: Path) -> None:
    done = subprocess.run(
        [find("lintian"), "--allow-root", "--fail-on=error,warning", deb], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
