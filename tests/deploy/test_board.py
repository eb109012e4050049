import re
from typing import Any

import pytest
from tests.deploy.boards import BITS_32, BOOKWORM, board

from digitlab.deploy.machines.board import refusal

TRIXIE_32: dict[str, Any] = {**BITS_32, "system": "Raspbian GNU/Linux 13 (trixie)"}


def refused(*, apt: bool = False, sudo_password: bool = False, **changes: object) -> str:
    return refusal(board(**changes), apt=apt, sudo_password=sudo_password)


@pytest.mark.parametrize(
    "changes",
    [{}, BOOKWORM, {**BOOKWORM, **BITS_32}, {"architecture": "x86_64", "raspberry_pi_os": False, "model": ""}],
    ids=["trixie", "bookworm", "bookworm 32", "x86-64"],
)
def test_todays_systems_are_taken(changes: dict[str, Any]) -> None:
    assert refused(**changes) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            TRIXIE_32,
            "Trixie.* has Python 3.13 with 32 bits, for which no TFLite runtime is made; use the 64-bit system",
        ),
        ({"architecture": "riscv64"}, "its processor is riscv64"),
        ({"architecture": "armv6l"}, "its processor is armv6l"),
        ({"python": [3, 9, 2], "system": "Debian GNU/Linux 11 (bullseye)"}, "bullseye.* has Python 3.9; 3.11 to 3.13"),
        ({"python": [3, 14, 0]}, "3.14; 3.11 to 3.13 is needed"),
        ({"glibc": "2.31"}, "glibc is 2.31, the runtime needs 2.34"),
        ({"glibc": ""}, "glibc is not told"),
        ({"systemd": 0}, "no systemd runs there"),
        ({"systemd": 241}, "systemd 241 runs there; the service needs systemd 247"),
        ({"sudo": "none"}, "no sudo"),
        ({"sudo": "password"}, "add --ask-sudo-password"),
        ({"debian_package": "0.1.0"}, "digitcam 0.1.0 is installed there as a Debian package, .*; `sudo apt remove"),
        ({"busy": "4711"}, r"another deployment is at work here \(process 4711\)"),
        (
            {**BOOKWORM, **BITS_32, "packages": ["python3-numpy"]},
            "python3-opencv python3-pil is missing; `sudo apt install python3-opencv python3-pil` there, or .* --apt",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_one_clear_line(changes: dict[str, Any], said: str) -> None:
    reason = refused(**changes)
    assert "\n" not in reason
    assert re.search(said, reason, re.IGNORECASE), reason


def test_a_password_of_sudo_is_enough() -> None:
    assert refused(sudo="password", sudo_password=True) == ""


def test_missing_packages_are_no_obstacle_where_apt_may_install_them() -> None:
    assert refusal(board(**BOOKWORM, **BITS_32 | {"packages": []}), apt=True, sudo_password=False) == ""


@pytest.mark.parametrize(("glibc", "version"), [("2.36", (2, 36)), ("2.41", (2, 41)), ("", (0, 0)), ("musl", (0, 0))])
def test_the_version_of_glibc(glibc: str, version: tuple[int, int]) -> None:
    assert board(glibc=glibc).glibc_version == version


def test_a_machine_is_named_after_its_board_or_else_itself() -> None:
    assert board().name == "Raspberry Pi 5 Model B Rev 1.0"
    assert board(model="", hostname="shed").name == "shed (aarch64)"
