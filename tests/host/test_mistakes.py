"""Scenes in which a finder is mistaken are shown to the next one more often."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from digitcam.config import ModelConfig
from digitlab.evaluation.mistakes import count
from digitlab.render.strokes import draw_set
from digitlab.scenes import mistakes
from digitlab.scenes.fill import write
from digitlab.scenes.scene import SIDE, Label, Scene
from digitlab.scenes.views import KNOWN
from digitlab.training.feed import Feed

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

FINDING = ("--views", "128", "--batch", "8")  # as of the fixture
BLANK = np.full((SIDE, SIDE), 230, np.uint8)


def write_page() -> Scene:
    """Write two lines of three digits."""
    pictures, digits = draw_set(6, np.random.default_rng(4), height=60)
    page, labels = BLANK.copy(), []
    for place, (picture, digit) in enumerate(zip(pictures, digits.tolist(), strict=True)):
        (h, w), x, y = picture.shape, 40 + 110 * (place % 3), 80 + 130 * (place // 3)
        page[y : y + h, x : x + w] = 230 - 0.8 * picture
        labels.append(Label((x, y, w, h), digit, 1, printed=False, unsure=False))
    return Scene(page, labels)


def test_false_finds_and_missed_digits_are_counted(tmp_path: Path) -> None:
    page, labels, _ = write_page()
    nothing = Label((100, 100, 40, 60), 3, 1, printed=False, unsure=False)
    tiny = nothing._replace(box=(100, 100, 4, 6))
    scenes = [
        Scene(page, labels),
        Scene(page, labels[1:]),
        Scene(page, []),
        Scene(BLANK, [nothing]),
        Scene(BLANK, [tiny]),
        Scene(BLANK, []),
    ]
    write(scenes, tmp_path, 0)
    assert count(Path(ModelConfig().finder), tmp_path, 1).tolist() == [0, 1, len(labels), 1, 0, 0]


@pytest.mark.parametrize(("odds", "share"), [(None, 0.5), ([1, 0], 0), ([1, 3], 0.75), ([0, 2], 1)])
def test_scenes_are_shown_by_their_odds(tmp_path: Path, odds: list[float] | None, share: float) -> None:
    whole = Label((0, 0, SIDE, SIDE), 8, 1, printed=False, unsure=False)
    write([Scene(BLANK, []), Scene(BLANK, [whole])], tmp_path, 0)
    with closing(Feed(tmp_path, 32, None if odds is None else np.array(odds, np.float64))) as feed:
        shown = [batch.targets for batch in feed.batches([1], 20, 2)]
    holds = [any(level[view, ..., KNOWN].any() for level in batch) for batch in shown for view in range(32)]
    assert np.mean(holds) == pytest.approx(share, abs=0.06)


def test_a_training_takes_up_the_mistakes(drawn: "Drawn", scenes: Path, finder: Path, tmp_path: Path) -> None:
    path = tmp_path / mistakes.MISTAKES
    words = ("finder", *FINDING, "--pool", scenes, "--out", tmp_path / "on", "--mistakes", path)
    assert f"{path}: no counts of mistakes" in drawn.refused(*words)
    mistakes.save(np.ones(3, np.int64), path)
    assert f"{path}: counts mistakes of 3 scenes, and there are" in drawn.refused(*words)
    done = drawn.digitlab("finder-mistakes", "--model", finder / "finder.tflite", "--pool", scenes, "--out", tmp_path)
    assert f"train on: digitlab finder --mistakes {path}" in done.stdout
    trained = drawn.digitlab(*words)
    assert trained.returncode == 0, trained.stderr
    # other scenes are shown than to the one that was trained alike, but for the mistakes
    losses, others = (json.loads((folder / "history.json").read_text()) for folder in (tmp_path / "on", finder))
    assert losses[0]["score"] != pytest.approx(others[0]["score"], rel=0.005)
