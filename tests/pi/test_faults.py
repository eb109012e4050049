"""What goes wrong with `make deploy`: a whole release runs afterwards, the old one where the new one is no good."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.pi.journal import WAIT_S, Journal
from tests.pi.user import User

from pi.image import REPOSITORY
from pi.machine import Machine

Models = Callable[[str], Path]

pytestmark = pytest.mark.usefixtures("deployed")

RUN = Path("device/digitcam/cli/run.py")


@pytest.fixture(autouse=True)
def _alone(pi: Machine) -> None:
    """What an earlier test began there has ended."""
    free(pi)


def free(pi: Machine) -> None:
    """Wait until no deployment is at work there."""
    end = time.monotonic() + WAIT_S
    while pi.ssh("sudo flock --nonblock /opt/digitcam/lock true", check=False).returncode:
        assert time.monotonic() < end
        time.sleep(1)


def broken(checkout: Path, what: str) -> None:
    """Break a checkout so that `digitcam check` is content and `digitcam run` is not."""
    source = checkout / RUN
    text = source.read_text(encoding="utf-8")
    start = "    if arguments.annotate:\n"
    assert text.count(start) == 1
    source.write_text(text.replace(start, f"    {what}\n{start}"), encoding="utf-8")


def test_a_corrupt_model(user: User, journal: Journal, checkout: Path) -> None:
    model = checkout / "device/digitcam/models/digits.tflite"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 0xFF
    model.write_bytes(data)
    before = journal.current(), journal.show("InvocationID")
    task = user.deploy_from(checkout, f"--wait={WAIT_S}")
    assert task.status
    assert "damaged" in task.said
    assert (journal.current(), journal.show("InvocationID")) == before  # it was never stopped


def test_a_daemon_that_crashes_at_its_start(user: User, journal: Journal, checkout: Path) -> None:
    broken(checkout, "raise SystemExit(3)")
    before = journal.current()
    task = user.deploy_from(checkout, f"--wait={WAIT_S}")
    assert task.status
    assert "exit status 3" in task.said
    assert "is back and running" in task.said
    assert journal.current() == before


def test_a_daemon_that_never_gets_ready(user: User, journal: Journal, checkout: Path) -> None:
    broken(checkout, "__import__('time').sleep(1e6)")
    before = journal.current()
    task = user.deploy_from(checkout, "--wait=60")
    assert task.status
    assert "was not ready" in task.said
    assert journal.current() == before
    journal.wait_until_it_reads()


def test_settings_that_the_new_release_cannot_read(pi: Machine, user: User, journal: Journal, models: Models) -> None:
    before = journal.current(), journal.show("InvocationID")
    pi.ssh("sudo cp /etc/digitcam.toml /tmp/kept && echo '[camra]' | sudo tee -a /etc/digitcam.toml")
    try:
        task = user.deploy(f"--model={models('settings')}")
    finally:
        pi.ssh("sudo cp /tmp/kept /etc/digitcam.toml")
    assert task.status
    assert "did you mean camera?" in task.said
    assert (journal.current(), journal.show("InvocationID")) == before


def test_a_full_disk(pi: Machine, user: User, journal: Journal, models: Models) -> None:
    before = journal.current()
    pi.ssh("sudo fallocate -l $(df --output=avail -B1 / | tail -1) /filler; sudo dd if=/dev/zero of=/filler2 || true")
    try:
        task = user.deploy(f"--model={models('full')}")
    finally:
        pi.ssh("sudo rm -f /filler /filler2")
    assert task.status
    assert "MB are free there" in task.said or "No space left" in task.said
    assert journal.current() == before
    user.sees_it_read()


def test_two_deployments_at_once(user: User, journal: Journal, models: Models) -> None:
    before = journal.current()
    with deploying(user, models("first")) as first:
        until(first, "starting")
        second = user.deploy(f"--model={models('second')}")
        assert second.status
        assert "another deployment is at work" in second.said
        assert first.wait() == 0
    assert journal.current() != before


def test_a_cut_connection(pi: Machine, user: User, journal: Journal, models: Models) -> None:
    """What was begun on the Pi is brought to its end there."""
    before = journal.current()
    with deploying(user, models("cut")) as deployment:
        until(deployment, "starting")
        pi.ssh("sudo pkill -f '^sshd(-session)?: pi'", check=False)
        assert deployment.wait() != 0
    free(pi)
    assert journal.current() != before
    user.sees_it_read()


@pytest.mark.parametrize("step", ["unpacking", "checking", "starting", "running"])
def test_the_power_fails(step: str, pi: Machine, user: User, journal: Journal, models: Models) -> None:
    """After each step; whatever it was, a whole release runs after the next start, and the next deployment succeeds."""
    model = models(f"power-{step}")
    with deploying(user, model) as deployment:
        until(deployment, step)
        pi.cut_power()
    pi.start()
    journal.wait_until_it_reads()
    assert journal.current()
    task = user.deploy(f"--model={model}")
    assert task.status == 0, task.said


def test_a_daemon_that_is_killed(pi: Machine, journal: Journal) -> None:
    before = journal.show("MainPID")
    pi.ssh("sudo systemctl kill --kill-whom=main --signal=KILL digitcam")
    journal.wait("MainPID", lambda pid: pid not in {before, "0"})
    began = time.monotonic()
    journal.wait_until_it_reads()
    print(f"\nreads again {time.monotonic() - began:.0f} s after its new start")
    assert journal.show("NRestarts") == "1"


def test_a_daemon_that_hangs(pi: Machine, journal: Journal) -> None:
    before = journal.show("MainPID")
    pi.ssh("sudo systemctl kill --kill-whom=main --signal=STOP digitcam")
    noticed = journal.wait("MainPID", lambda pid: pid not in {before, "0"})
    print(f"\na hung daemon was replaced after {noticed:.0f} s")
    journal.wait_until_it_reads()


def test_undeploy_leaves_what_its_user_made_and_says_so(pi: Machine, user: User) -> None:
    """The last of all: it takes everything away."""
    task = user.make("undeploy")
    assert task.status == 0, task.said
    assert "/etc/digitcam.toml (your settings)" in task.said
    gone = "ls -d /opt/digitcam /etc/systemd/system/digitcam.service /etc/systemd/system/*/digitcam.service"
    assert pi.ssh(gone, check=False).stdout == ""
    assert pi.ssh("systemctl is-active digitcam", check=False).stdout == "inactive\n"
    assert user.make("status").status


@contextmanager
def deploying(user: User, model: Path) -> "Iterator[subprocess.Popen[str]]":
    """A deployment that goes on meanwhile; it is ended here at the end, if it has not ended by itself."""
    with subprocess.Popen(
        user.command("deploy", f"--wait={WAIT_S}", f"--model={model}"),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # make and what it runs
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def until(deployment: "subprocess.Popen[str]", word: str) -> None:
    """Wait for a line of it."""
    assert deployment.stdout
    said = []
    for line in deployment.stdout:
        said.append(line)
        if word in line:
            return
    raise AssertionError("".join(said))
