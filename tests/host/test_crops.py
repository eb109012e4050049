"""The crops that training learns from are what the device makes, and say what they show."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from digitcam.classify import NO_DIGIT
from digitcam.normalize import BOX
from digitcam.reading import Box
from digitlab import crops as kept
from digitlab import cut, teach
from digitlab.camera import Labelled, Rendered
from digitlab.crops import VARIANTS, CropsError

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

TRAINED = 1800  # pictures of the drawn stand-in for MNIST that are not set aside


def frame(*labels: Labelled) -> Rendered:
    return Rendered(np.zeros((100, 200), np.uint8), (), list(labels), [])


SEVEN, THREE = Labelled(7, Box(20, 20, 30, 50), 0), Labelled(3, Box(60, 20, 30, 50), 0)


@pytest.mark.parametrize(
    ("box", "label"),
    [
        (Box(20, 20, 30, 50), 7),
        (Box(18, 17, 33, 55), 7),
        (Box(60, 21, 29, 48), 3),
        pytest.param(Box(20, 20, 70, 50), NO_DIGIT, id="two in one"),
        pytest.param(Box(120, 20, 30, 50), NO_DIGIT, id="something else"),
        pytest.param(Box(20, 20, 30, 20), None, id="the bar of the 7"),
        pytest.param(Box(0, 0, 55, 100), None, id="much more than the 7"),
        pytest.param(Box(20, 20, 50, 50), None, id="the 7 and a piece of the 3"),
    ],
)
def test_a_found_box_is_what_stands_in_it(box: Box, label: int | None) -> None:
    assert cut.label_of(box, frame(SEVEN, THREE)) == label


def test_every_kind_is_made_in_the_amount_asked_for(crops: Path) -> None:
    mnist, drawn, scenes, held = (kept.load(crops, kind) for kind in kept.KINDS)
    assert len(mnist.labels) == 2 * TRAINED
    assert np.array_equal(mnist.labels[:TRAINED], mnist.labels[TRAINED:])
    assert len(drawn.labels) == 600
    assert (drawn.labels == NO_DIGIT).sum() == 150
    assert len(scenes.labels) % VARIANTS == 0
    assert len(held.labels) > 50
    for part in (scenes, held):
        assert set(range(10)) <= set(part.labels.tolist())


def test_crops_are_as_the_device_makes_them(crops: Path) -> None:
    for kind in kept.KINDS:
        images = kept.load(crops, kind).images
        assert images.shape[1:] == (28, 28)
        assert images.max(axis=(1, 2)).min() >= 250
        assert max((images.max(axis=axis) > 0).sum(axis=1).max() for axis in (1, 2)) <= BOX


def test_parts_follow_from_their_seeds_alone() -> None:
    first, again = (cut.draw(700, seed=3) for _ in range(2))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, cut.draw(700, seed=4).images)


def test_what_is_there_is_kept_and_what_was_made_otherwise_is_made_again(
    drawn: "Drawn", crops: Path, tmp_path: Path
) -> None:
    for kind in kept.KINDS:
        (tmp_path / f"{kind}.npz").write_bytes((crops / f"{kind}.npz").read_bytes())
    (tmp_path / "drawn.npz").write_bytes(b"broken")
    amounts = [word for name, value in kept.amounts(crops).items() for word in (f"--{name}", str(value))]
    done = drawn.digitlab("crops", *amounts, "--crops", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("there already") == 3
    assert "drawn.npz: 600 crops" in done.stdout
    assert np.array_equal(kept.load(tmp_path, "drawn").images, kept.load(crops, "drawn").images)


def test_a_full_disk_leaves_nothing_half_written(drawn: "Drawn", tmp_path: Path) -> None:
    line = drawn.refused("crops", "--variants", "1", "--crops", tmp_path, largest_kb=100)
    assert "mnist.npz: cannot write: File too large" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("command", "hint"), [("teach", "crops"), ("train", "crops"), ("quantize", "crops")])
def test_without_crops_the_next_step_says_what_to_run(drawn: "Drawn", tmp_path: Path, command: str, hint: str) -> None:
    assert f"missing; run `digitlab {hint}` first" in drawn.refused(command, "--crops", tmp_path)


def test_the_teacher_knows_what_it_says(crops: Path) -> None:
    said, labels = teach.load(crops), kept.load(crops, "mnist").labels
    assert said.shape == (len(labels), 10)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert (said.argmax(axis=1) == labels).mean() > 0.5  # after two epochs; chance is 0.1
    assert len(json.loads((crops / "teacher" / "history.json").read_text())) == 2


def test_a_damaged_word_of_the_teacher_is_named(crops: Path, tmp_path: Path) -> None:
    (tmp_path / teach.TAUGHT).write_bytes((crops / teach.TAUGHT).read_bytes()[:500])
    with pytest.raises(CropsError, match=r"taught.npz: damaged .* delete it and run `digitlab teach`"):
        teach.load(tmp_path)
