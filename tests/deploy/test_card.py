"""A card that Raspberry Pi Imager wrote is made to install digitcam at its first start."""

import subprocess
from pathlib import Path

import pytest

CALL = "sh /boot/firmware/digitcam-first-boot.sh"
ITEM = "- [sh, /boot/firmware/digitcam-first-boot.sh]"
FIRSTRUN = """\
#!/bin/bash
set +e
raspi-config nonint do_hostname shed
rm -f /boot/firmware/firstrun.sh
sed -i 's| systemd.run.*||g' /boot/firmware/cmdline.txt
exit 0
"""


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """A card's boot partition."""
    folder = tmp_path / "boot fs"
    folder.mkdir()
    (folder / "cmdline.txt").touch()
    (folder / "config.txt").touch()
    return folder


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    path = tmp_path / "digitcam_0.2.0_all.deb"
    path.write_bytes(b"deb")
    return path


def card(deb: Path, boot: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["packaging/card.sh", deb, boot], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#cloud-config\nhostname: shed\n", f"#cloud-config\nhostname: shed\nruncmd:\n  {ITEM}\n"),
        ("#cloud-config\nruncmd:\n- [a]\nhostname: b\n", f"#cloud-config\nruncmd:\n{ITEM}\n- [a]\nhostname: b\n"),
        ("#cloud-config\nruncmd:\n    - a\n", f"#cloud-config\nruncmd:\n    {ITEM}\n    - a\n"),
        ("#cloud-config\nruncmd:\n", f"#cloud-config\nruncmd:\n  {ITEM}\n"),
    ],
)
def test_what_imager_wrote_for_cloud_init_calls_the_script(boot: Path, deb: Path, before: str, after: str) -> None:
    (boot / "user-data").write_text(before)
    for _ in range(2):  # the second time, nothing is added
        done = card(deb, boot)
        assert done.returncode == 0, done.stderr
        assert (boot / "user-data").read_text() == after
    assert (boot / "digitcam_0.2.0_all.deb").read_bytes() == b"deb"
    assert (boot / "digitcam-first-boot.sh").is_file()


def test_what_imager_wrote_for_bookworm_calls_the_script_before_it_deletes_itself(boot: Path, deb: Path) -> None:
    (boot / "firstrun.sh").write_text(FIRSTRUN)
    assert card(deb, boot).returncode == 0
    lines = (boot / "firstrun.sh").read_text().splitlines()
    assert lines.index(CALL) == lines.index("rm -f /boot/firmware/firstrun.sh") - 1
    assert [line for line in lines if line != CALL] == FIRSTRUN.splitlines()


def test_another_version_takes_the_place_of_the_one_before(boot: Path, deb: Path) -> None:
    (boot / "user-data").write_text("#cloud-config\n")
    (boot / "digitcam_0.1.0_all.deb").touch()
    assert card(deb, boot).returncode == 0
    assert [path.name for path in boot.glob("*.deb")] == [deb.name]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (None, "", "has neither user-data nor firstrun.sh: write the card with Raspberry Pi Imager"),
        ("firstrun.sh", "exit 0\n", "firstrun.sh is not as Raspberry Pi Imager writes it"),
    ],
)
def test_a_card_that_is_not_so_is_one_clear_line(boot: Path, deb: Path, name: str | None, text: str, said: str) -> None:
    if name:
        (boot / name).write_text(text)
    done = card(deb, boot)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(boot.glob("digitcam*"))
    assert not list(boot.glob("*.new"))


def test_what_is_no_boot_partition_is_left_alone(tmp_path: Path, deb: Path) -> None:
    done = card(deb, tmp_path)
    assert done.returncode == 1
    assert "is no boot partition of a Raspberry Pi" in done.stderr
