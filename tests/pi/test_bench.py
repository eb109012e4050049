"""`make bench PI=`: minutes, since a thousand frames are read by an emulated processor."""

import json
from pathlib import Path

import pytest
from tests.pi.journal import Journal
from tests.pi.user import User

pytestmark = pytest.mark.usefixtures("deployed")


def test_the_figures_come_back_into_a_folder_of_the_boards_name(user: User, journal: Journal, tmp_path: Path) -> None:
    task = user.make("bench", f"--folder={tmp_path}")
    assert task.status == 0, task.said
    [path] = tmp_path.glob("*/*.json")
    assert str(path) in task.said
    # the service stood still for it, and reads again
    journal.wait("ActiveState", lambda state: state == "active")
    journal.wait_until_it_reads()
    assert journal.current() in path.name
    figures = json.loads(path.read_text(encoding="utf-8"))
    print(f"\n{path.parent.name}: {figures['ms']}, {task.seconds:.0f} s")
    assert figures["machine"]["cpu"] == "aarch64"
    frames = figures["accuracy"]["frames"]
    assert frames == {"right": frames["of"], "of": frames["of"], "extra": 0}
