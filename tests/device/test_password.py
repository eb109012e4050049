"""`digitcam password` shows the page's password, and makes a new one."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
Refused = Callable[..., str]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "digitcam.toml"
    path.write_text(f'[web]\npassword_file = "{tmp_path / "password"}"\n')
    return path


def test_it_is_shown_and_a_new_one_is_shown_and_written(digitcam: Command, config: Path) -> None:
    file = config.with_name("password")
    file.write_text("horse\n")
    file.chmod(0o640)
    assert digitcam("password", "--config", config).stdout == "horse\n"
    made = digitcam("password", "--new", "--config", config).stdout
    assert made != "horse\n"
    assert file.read_text() == made == digitcam("password", "--config", config).stdout
    # whoever could read it can still, and nobody else
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_new_one_is_its_owners_or_its_folders_owners(digitcam: Command, config: Path) -> None:
    file = config.with_name("password")
    os.chown(file.parent, 1234, 2345)
    digitcam("password", "--new", "--config", config)
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o600)
    os.chown(file, 3456, 4567)
    digitcam("password", "--new", "--config", config)
    assert (file.stat().st_uid, file.stat().st_gid) == (3456, 4567)


def test_what_cannot_be_shown_is_said_in_one_line(refused: Refused, config: Path) -> None:
    file = config.with_name("password")
    assert refused("password", "--config", config) == (
        f"digitcam: web.password_file: {file}: cannot read: No such file or directory"
    )
    config.write_text("")
    assert refused("password", "--config", config) == (
        f"digitcam: the page has no password: set web.password_file in {config}"
    )
    config.write_text('[web]\npassword_file = "web"\n')
    assert "which systemd hands to the service" in refused("password", "--config", config)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run the tests as a user")
def test_another_user_is_told_to_be_root(refused: Refused, config: Path) -> None:
    config.with_name("password").write_text("horse\n")
    config.with_name("password").chmod(0)
    assert "this user may not read it: sudo digitcam password" in refused("password", "--config", config)
