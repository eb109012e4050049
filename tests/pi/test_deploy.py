"""`make deploy` and its kin against the emulated Pi, as a user types them. What one test does, the next one sees."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pi.journal import Journal
from tests.pi.user import Task, User

from pi.machine import Machine
from pi.page import lay

Models = Callable[[str], Path]

pytestmark = pytest.mark.usefixtures("deployed")


def test_the_service_is_active_with_its_watchdog_on(deployed: Task, journal: Journal) -> None:
    print(f"\nfirst deployment: {deployed.seconds:.0f} s")
    assert journal.show("ActiveState") == "active"
    assert journal.show("Type") == "notify"
    assert journal.show("WatchdogUSec") not in {"0", "infinity"}
    assert journal.show("NRestarts") == "0"
    assert journal.show("UnitFileState") == "enabled"


def test_known_digits_come_from_the_camera_into_the_journal(
    pi: Machine, journal: Journal, pages: dict[Path, str]
) -> None:
    for page in list(pages)[:2]:
        lay(pi, page)
        journal.read(pages[page])


def test_status_tells_what_an_operator_wants_to_know(user: User, journal: Journal) -> None:
    task = user.sees_it_read()
    assert journal.current() in task.said
    assert "reads" in task.said


def test_logs_show_the_readings(user: User, pages: dict[Path, str]) -> None:
    task = user.make("logs")
    assert task.status == 0, task.said
    assert json.dumps(next(iter(pages.values())))[1:-1] in task.said


def test_the_owners_settings_are_as_they_were(pi: Machine) -> None:
    assert "v4l2:/dev/video0" in pi.ssh("cat /etc/digitcam.toml").stdout


def test_apts_numpy_is_the_one_that_is_used(pi: Machine) -> None:
    where = "import numpy; print(numpy.__file__)"
    python = "/opt/digitcam/current/environment/bin/python"
    assert pi.ssh(f'{python} -c "{where}"').stdout.startswith("/usr/lib/python3/dist-packages/")


def test_deploying_again_changes_nothing(deployed: Task, user: User, journal: Journal) -> None:
    before = journal.current(), journal.show("InvocationID")
    task = user.deploy()
    assert task.status == 0, task.said
    assert (journal.current(), journal.show("InvocationID")) == before
    print(f"\nthe second: {task.seconds:.0f} s, {task.seconds / deployed.seconds:.0%} of the first")
    assert task.seconds < deployed.seconds / 4


def test_another_model_does_not_rebuild_the_environment(
    pi: Machine, user: User, journal: Journal, models: Models
) -> None:
    environments = "stat -c '%n %Z' /opt/digitcam/environments/*"
    before, made = journal.current(), pi.ssh(environments).stdout
    task = user.deploy(f"--model={models('another')}")
    assert task.status == 0, task.said
    assert journal.current() != before
    assert pi.ssh(environments).stdout == made
    print(f"\na model only: {task.seconds:.0f} s")


def test_rollback_runs_the_one_before(user: User, journal: Journal) -> None:
    second = journal.current()
    assert user.make("rollback", "--wait=600").status == 0
    first = journal.current()
    assert first != second
    assert user.make("rollback", "--wait=600").status == 0
    assert journal.current() == second


def test_a_reboot_brings_it_back(pi: Machine, journal: Journal, pages: dict[Path, str]) -> None:
    page, text = list(pages.items())[2]
    lay(pi, page)
    pi.ssh("sync")
    pi.reboot()
    journal.read(text)
    assert journal.show("ActiveState") == "active"
