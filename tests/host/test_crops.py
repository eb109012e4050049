"""The crops that training learns from are what the device makes, and say what they show."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.host.conftest import AMOUNTS

from digitcam.labels import NO_DIGIT
from digitcam.recognition.finder import Found
from digitcam.recognition.normalize import BOX
from digitlab.crops import cut, store
from digitlab.crops import drawn as crops_drawn
from digitlab.crops.store import CropsError
from digitlab.scenes.scene import SIDE, Label, Mark, Scene
from digitlab.training import teacher

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

TRAINED = 1800  # pictures of the drawn stand-in for MNIST that are not set aside


SEVEN = Label((20, 20, 30, 50), 7, shown=1, printed=False, unsure=False)
THREE = Label((60, 20, 30, 50), 3, shown=1, printed=False, unsure=False)


def found(*boxes: tuple[float, float, float, float]) -> Found:
    count, shares = len(boxes), np.zeros(len(boxes), np.float32)
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    return Found(corners, np.full(count, 0.9, np.float32), np.zeros((count, 4), np.float32), shares, shares, shares)


def places(
    *boxes: tuple[float, float, float, float], labels: list[Label], marks: list[Mark] | None = None
) -> list[cut.Place]:
    scene = Scene(np.zeros((SIDE, SIDE), np.uint8), labels, marks or [])
    return list(cut._places(found(*boxes), scene, np.random.default_rng(1)))  # noqa: SLF001  # its rules are many


def told(*boxes: tuple[float, float, float, float], labels: list[Label]) -> list[int]:
    """What crops of these boxes, and of digits that none of them holds, are labelled."""
    return [place.label for place in places(*boxes, labels=labels)]


@pytest.mark.parametrize(
    ("box", "labels"),
    [
        ((20, 20, 50, 70), [7, 3]),
        ((18, 17, 51, 72), [7, 3]),
        ((60, 21, 89, 69), [3, 7]),
        pytest.param((120, 20, 150, 70), [NO_DIGIT, 7, 3], id="something else"),
        pytest.param((20, 20, 50, 40), [7, 3], id="the bar of the 7: left out, and both are missed"),
        pytest.param((0, 0, 55, 100), [7, 3], id="much more than the 7"),
    ],
)
def test_a_found_box_is_what_stands_in_it_and_what_is_missed_is_cut_out_too(
    box: tuple[float, float, float, float], labels: list[int]
) -> None:
    assert told(box, labels=[SEVEN, THREE]) == labels


@pytest.mark.parametrize(
    "label",
    [SEVEN._replace(unsure=True), SEVEN._replace(shown=0.6), SEVEN._replace(box=(20, 20, 4, 8))],
    ids=["crossed out", "cut", "tiny"],
)
def test_what_a_person_would_not_read_is_not_learned(label: Label) -> None:
    x, y, w, h = label.box
    assert told((x, y, x + w, y + h), labels=[label]) == []


def test_what_nobody_takes_for_a_digit_is_none_though_a_network_may_think_so() -> None:
    bracket, slash = Mark((120, 20, 15, 50), unlike=True), Mark((150, 20, 20, 50), unlike=False)
    seen = places((120, 20, 135, 70), (150, 20, 170, 70), labels=[], marks=[bracket, slash])
    assert [(place.label, place.unlike) for place in seen] == [(NO_DIGIT, True), (NO_DIGIT, False)]
    missed = places(labels=[], marks=[bracket, slash])
    assert [(place.label, place.unlike) for place in missed] == [(NO_DIGIT, True)]
    assert np.abs(missed[0].box - [120, 20, 135, 70]).max() < 10
    # what stands on a digit may be read as that
    assert told(labels=[SEVEN]) == [7]
    assert [place.label for place in places(labels=[SEVEN], marks=[Mark(SEVEN.box, unlike=True)])] == [7]


def test_every_kind_is_made_in_about_the_amount_asked_for(crops: Path) -> None:
    mnist, drawn, scenes, held = (store.load(crops, kind) for kind in store.KINDS)
    assert len(mnist.labels) == 2 * TRAINED
    assert np.array_equal(mnist.labels[:TRAINED], mnist.labels[TRAINED:])
    assert (drawn.labels != NO_DIGIT).sum() == 450
    assert 120 < (drawn.labels == NO_DIGIT).sum() <= 150  # without those that look like a bare 1
    assert len(scenes.labels) > 100
    assert len(held.labels) > 50
    for part in (scenes, held):
        assert set(range(10)) <= set(part.labels.tolist())


def test_crops_are_as_the_device_makes_them(crops: Path) -> None:
    for kind in store.KINDS:
        images = store.load(crops, kind).images
        assert images.shape[1:] == (28, 28)
        assert images.max(axis=(1, 2)).min() >= 250
        assert max((images.max(axis=axis) > 0).sum(axis=1).max() for axis in (1, 2)) <= BOX


def test_parts_follow_from_their_seeds_alone() -> None:
    first, again = (crops_drawn.draw(700, seed=3) for _ in range(2))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, crops_drawn.draw(700, seed=4).images)


def test_what_is_there_is_kept_and_what_is_damaged_is_made_again(
    drawn: "Drawn", crops: Path, scenes: Path, tmp_path: Path
) -> None:
    for kind in store.KINDS:
        for name in (f"{kind}.npz", f"{kind}.npz.made.json"):
            shutil.copy(crops / name, tmp_path)
    (tmp_path / "drawn.npz").write_bytes(b"broken")
    done = drawn.digitlab("crops", *AMOUNTS, "--pool", scenes, "--crops", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("up to date") == 3
    assert f"drawn.npz: {len(store.load(crops, 'drawn').labels)} crops" in done.stdout
    assert np.array_equal(store.load(tmp_path, "drawn").images, store.load(crops, "drawn").images)
    assert store.amounts(tmp_path) == {"variants": 2, "drawn": 600, "scenes": 60, "held": 36, "seed": 1}


def test_a_full_disk_leaves_nothing_half_written(drawn: "Drawn", tmp_path: Path) -> None:
    line = drawn.refused("crops", "--variants", "1", "--crops", tmp_path, largest_kb=100)
    assert "mnist.npz: cannot write: File too large" in line
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.npz.made.json"]  # which says that it was begun


def test_more_scenes_than_were_drawn_are_not_to_be_had(drawn: "Drawn", scenes: Path, tmp_path: Path) -> None:
    amounts = "--variants", "1", "--drawn", "20", "--scenes", "61"
    line = drawn.refused("crops", *amounts, "--pool", scenes, "--crops", tmp_path)
    assert "seen: holds 60 scenes, not 61; run `digitlab scenes` for more" in line


@pytest.mark.parametrize(("command", "hint"), [("teach", "crops"), ("train", "crops"), ("quantize", "crops")])
def test_without_crops_the_next_step_says_what_to_run(drawn: "Drawn", tmp_path: Path, command: str, hint: str) -> None:
    assert f"missing; run `digitlab {hint} --crops {tmp_path}` first" in drawn.refused(command, "--crops", tmp_path)


def test_the_teacher_knows_what_it_says(crops: Path) -> None:
    said, labels = teacher.load(crops), store.load(crops, "mnist").labels
    assert said.shape == (len(labels), 10)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert (said.argmax(axis=1) == labels).mean() > 0.5  # after two epochs; chance is 0.1
    assert len(json.loads((crops / "teacher" / "history.json").read_text())) == 2


def test_a_damaged_word_of_the_teacher_is_named(crops: Path, tmp_path: Path) -> None:
    (tmp_path / teacher.TAUGHT).write_bytes((crops / teacher.TAUGHT).read_bytes()[:500])
    with pytest.raises(CropsError, match=r"taught.npz: damaged .* delete it and run `digitlab teach --crops "):
        teacher.load(tmp_path)
