"""Facts in, steps out."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.deploy.boards import BITS_32, BOOKWORM, board

from digitlab.deploy.packing.release import Release
from digitlab.deploy.planning.plan import Plan, Wishes, plan
from digitlab.deploy.planning.steps import CopyFiles

Planned = Callable[..., Plan]


@pytest.fixture
def planned(pack: Callable[..., Release]) -> Planned:
    """What would be done on a board; `ENVIRONMENT` and `RELEASE` stand for the names of those to be deployed."""

    def one(wishes: Wishes | None = None, **changes: object) -> Plan:
        on = board(**{key: value for key, value in changes.items() if key in {"python", "architecture"}})
        made = pack(on)
        names = {"ENVIRONMENT": made.manifest.environment, "RELEASE": made.manifest.release}
        known = {
            key: [names.get(each, each) for each in value] if isinstance(value, list) else names.get(str(value), value)
            for key, value in changes.items()
            if key != "settings"
        }
        known |= {key: value for key, value in changes.items() if key == "settings"}
        return plan(board(**known), made, wishes or Wishes())

    return one


def copied(found: Plan) -> CopyFiles:
    """The one step that copies."""
    (step,) = [step for step in found.steps if isinstance(step, CopyFiles)]
    return step


def verbs(found: Plan) -> list[str]:
    return [str(step).split()[0] for step in found.steps]


DEPLOYED = {
    "config": True,
    "environments": ["ENVIRONMENT"],
    "releases": ["RELEASE"],
    "current": "RELEASE",
    "active": True,
}


def test_a_first_deployment_does_everything(planned: Planned) -> None:
    found = planned()
    assert verbs(found) == ["copy", "make", "make", "create", "check", "switch", "keep"]
    sources = copied(found).sources
    assert [path.name for path in sources[:2]] == ["manifest.json", "release.zip"]
    assert len(sources) == 5  # two wheels and pip's
    assert all(path.is_file() for path in sources)


def test_a_second_one_with_nothing_changed_does_nothing(planned: Planned) -> None:
    assert planned(**DEPLOYED) == Plan()


def test_new_code_or_a_new_model_does_not_make_the_environment_again(planned: Planned) -> None:
    found = planned(**DEPLOYED | {"releases": ["old"], "current": "old"})
    assert verbs(found) == ["copy", "make", "check", "switch", "keep"]
    assert [path.name for path in copied(found).sources] == ["manifest.json", "release.zip"]
    assert "back to old" in str(found.steps[3])


def test_a_release_that_is_there_and_not_current_is_only_switched_to(planned: Planned) -> None:
    found = planned(**DEPLOYED | {"current": "other"})
    assert verbs(found) == ["copy", "check", "switch", "keep"]
    assert [path.name for path in copied(found).sources] == ["manifest.json"]


def test_a_stopped_service_is_started_again(planned: Planned) -> None:
    assert verbs(planned(**DEPLOYED | {"active": False})) == ["copy", "check", "switch", "keep"]


def test_the_users_settings_are_never_overwritten(planned: Planned) -> None:
    assert not [step for step in planned(config=True).steps if "/etc/digitcam.toml" in str(step)]
    assert [step for step in planned().steps if str(step).startswith("create /etc/digitcam.toml")]


WISHED = Wishes(settings={"camera.source": "v4l2:/dev/video2", "mqtt.host": "nas"})


def test_what_is_asked_for_is_set_with_all_else_as_it_is(planned: Planned) -> None:
    found = planned(WISHED, **DEPLOYED | {"settings": {"mqtt.host": "nas"}})
    assert verbs(found) == ["copy", "set", "check", "switch", "keep"]
    assert str(found.steps[1]) == "set camera.source = v4l2:/dev/video2 in /etc/digitcam.toml"


def test_what_is_asked_for_and_is_set_already_changes_nothing(planned: Planned) -> None:
    assert planned(WISHED, **DEPLOYED | {"settings": WISHED.settings}) == Plan()


def test_what_is_asked_for_stands_in_settings_that_are_created(planned: Planned) -> None:
    (created,) = [str(step) for step in planned(WISHED).steps if str(step).startswith("create")]
    assert created.endswith("the page on and behind a password, camera.source = v4l2:/dev/video2, mqtt.host = nas")


@pytest.mark.parametrize(
    ("there", "free_mb", "enough"),
    [({}, 449, False), ({}, 450, True), ({"environments": ["ENVIRONMENT"]}, 49, False), (DEPLOYED, 0, True)],
)
def test_too_full_a_disk_is_refused(planned: Planned, there: dict[str, Any], free_mb: int, *, enough: bool) -> None:
    found = planned(**there | {"free_mb": free_mb})
    assert bool(found.refusal) is not enough
    if not enough:
        assert f"{free_mb} MB are free there" in found.refusal
        assert not found.steps


def test_apt_is_left_alone_unless_it_is_allowed(planned: Planned) -> None:
    found = planned(packages=["python3-numpy"])
    assert not found.packages
    (note,) = found.notes
    assert note.startswith("python3-picamera2 is missing, which a camera module needs: `sudo apt install")
    found = planned(Wishes(apt=True), packages=["python3-numpy"])
    assert found.packages == ("python3-picamera2",)
    assert str(found.steps[0]) == "install apt's python3-picamera2"


def test_nothing_is_missing_on_a_machine_that_is_no_raspberry_pi(planned: Planned) -> None:
    found = planned(Wishes(apt=True), packages=[], raspberry_pi_os=False)
    assert (found.packages, found.notes) == ((), ())


def test_on_32_bits_apt_supplies_numpy_opencv_and_pillow(planned: Planned) -> None:
    found = planned(Wishes(apt=True), **BOOKWORM, **BITS_32 | {"packages": []})
    assert found.packages == ("python3-numpy", "python3-opencv", "python3-picamera2", "python3-pil")


def test_a_refused_machine_is_not_touched() -> None:
    found = plan(board(systemd=0), None, Wishes())
    assert found.refusal
    assert (found.packages, found.steps) == ((), ())
