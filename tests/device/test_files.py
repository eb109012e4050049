"""What cannot be written leaves what stood there as it was."""

import subprocess
import sys
from pathlib import Path

import pytest

from digitcam.errors import OutputError
from digitcam.files import write_atomically

# The limit on a file's size stands in for a full disk: both fail in the middle of writing.
FULL_DISK = """
import resource, sys
from pathlib import Path
from digitcam.errors import OutputError
from digitcam.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), bytes(5000))
except OutputError as error:
    sys.exit(str(error))
"""


def test_a_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"old")
    write_atomically(tmp_path / "a", b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"new")]


def test_a_written_file_can_be_read_by_whoever_can_read_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr == f"{path}: cannot write: File too large\n"
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"old")]


@pytest.mark.parametrize(
    ("place", "reason"),
    [("missing/a", "No such file or directory"), ("file/a", "Not a directory"), ("folder", "Is a directory")],
)
def test_a_place_that_takes_no_file_is_named(place: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError) as raised:
        write_atomically(tmp_path / place, b"data")
    assert str(raised.value) == f"{tmp_path / place}: cannot write: {reason}"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


def test_a_file_system_that_refuses_is_reported() -> None:
    # /proc takes no files from anyone, root included
    with pytest.raises(OutputError, match=r"^/proc/a: cannot write: "):
        write_atomically(Path("/proc/a"), b"data")


@pytest.mark.parametrize("link", ["there/real", "nothing/yet"])
def test_a_link_stays_one_and_what_it_points_to_is_written(link: str, tmp_path: Path) -> None:
    for folder in ("there", "nothing"):
        (tmp_path / folder).mkdir()
    (tmp_path / "there/real").write_bytes(b"old")
    (tmp_path / "second").symlink_to(link)
    (tmp_path / "first").symlink_to("second")
    write_atomically(tmp_path / "first", b"new")
    assert (tmp_path / "first").readlink() == Path("second")
    assert (tmp_path / link).read_bytes() == b"new"
    assert [file.name for file in (tmp_path / link).parent.iterdir()] == [Path(link).name]


def test_links_in_a_ring_are_reported(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="Too many levels of symbolic links"):
        write_atomically(tmp_path / "a", b"data")
    assert (tmp_path / "a").is_symlink()


def test_a_device_stays_one(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left on device"):
        write_atomically(tmp_path / "full", b"data")
    (tmp_path / "null").symlink_to("/dev/null")
    write_atomically(tmp_path / "null", b"data")
    assert all(Path("/dev", name).is_char_device() for name in ("full", "null"))
