"""Every tuned number of reading is varied, and what that changes is told."""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.device.readings import reading_of

from digitcam.config import Config
from digitcam.reading import Box
from digitcam.recognition import params
from digitcam.recognition.reader import open_reader
from digitlab.data.augment import as_seen
from digitlab.evaluation.harder import cut_out, misread, on_any_side, random_layout
from digitlab.evaluation.rendered import measure as measure_frames
from digitlab.evaluation.rendered import render_numbered
from digitlab.evaluation.sensitivity import measure, measure_clip, table, variations, varied
from digitlab.evaluation.ways import AS_IT_IS, IN_CLIPS, IN_LINES, WAYS
from digitlab.render.camera import Labelled, Rendered
from digitlab.render.hand import Pictures
from digitlab.render.strokes import draw_set

if TYPE_CHECKING:
    from tests.host.conftest import Drawn


@pytest.fixture(scope="module")
def hands() -> Pictures:
    pictures, labels = draw_set(100, np.random.default_rng(4), height=40)
    return Pictures.sort(as_seen(pictures, 100), labels)


def test_every_number_is_varied_by_a_fifth_in_one_way_and_whole_ones_by_one_at_least() -> None:
    names = [name for way in WAYS for name in way.names]
    assert sorted(names) == sorted(name for name in vars(params) if name.isupper())
    known = {variation.name: variation for variation in variations(AS_IT_IS)}
    assert (known["INK"].less, known["INK"].more) == pytest.approx((0.8 * params.INK, 1.2 * params.INK))
    assert (known["AROUND"].less, known["AROUND"].more) == (params.AROUND - 1, params.AROUND + 1)


def test_a_varied_number_is_as_before_afterwards() -> None:
    usual = params.INK
    with varied("INK", 0.9):
        assert params.INK == 0.9
    assert usual == params.INK


def test_reading_follows_the_numbers(hands: Pictures) -> None:
    reader, image = open_reader(Config()), render_numbered(1, 0, hands)[1].image
    assert reader.read(image).digits
    with varied("SURE", 99):
        assert not reader.read(image).digits


def test_kept_answers_read_as_the_networks_do(hands: Pictures) -> None:
    (usual, *others), *_ = measure(Config(), 1, hands, [0])
    counts = measure_frames(Config(), [0], 1, hands, processes=1)[0].comparison.counts
    assert usual[:3] == (counts.read, counts.wrong, counts.spurious)
    assert len(others) == 2 * len(variations(AS_IT_IS))


def test_each_way_reads_the_digits(hands: Pictures) -> None:
    for usual, *_ in measure(Config(), 1, hands, [0, 1]):
        assert usual[0] > 10


def test_boxes_of_a_layout_stand_in_its_lines() -> None:
    for seed in range(40):
        boxes, lines = random_layout(np.random.default_rng(seed))
        assert sorted(i for line in lines for i in line) == list(range(len(boxes)))
        assert all(boxes[a].x <= boxes[b].x for line in lines for a, b in pairwise(line))


def test_a_page_whose_lines_are_not_told_apart_is_counted_wrong(hands: Pictures) -> None:
    layouts = measure(Config(), 1, hands, [0])[WAYS.index(IN_LINES)]
    with varied("SAME_LINE", 9):
        mixed = measure(Config(), 1, hands, [0])[WAYS.index(IN_LINES)]
    assert mixed[0][0] < layouts[0][0]


def diagonal() -> Rendered:
    """Five dark blocks down the diagonal of a bright frame, each labelled as a digit."""
    boxes = [Box(100 * i + 20, 90 * i + 15, 40, 60) for i in range(5)]
    image = np.full((480, 640), 250, np.uint8)
    for x, y, w, h in boxes:
        image[y : y + h, x : x + w] = 10
    return Rendered(image, ("01234",), [Labelled(i, box, 0) for i, box in enumerate(boxes)], [])


@pytest.mark.parametrize("harder", [cut_out, on_any_side])
def test_digits_are_where_their_labels_say(harder: Callable[[Rendered, np.random.Generator], Rendered]) -> None:
    rng, scene = np.random.default_rng(1), diagonal()
    parts = [harder(scene, rng) for _ in range(40)]
    labelled = [(part.image, label.box) for part in parts for label in part.labels]
    assert len(labelled) > 40
    for picture, (x, y, w, h) in labelled:
        assert picture[y + 2 : y + h - 2, x + 2 : x + w - 2].mean() < picture.max() - 8


def test_misread_frames_hold_less_and_other_digits() -> None:
    rng, reading = np.random.default_rng(1), reading_of("0123456789")
    texts = [misread(reading, rng).text for _ in range(100)]
    assert sum(len(text.replace("\n", "")) < 10 for text in texts) > 40
    assert any(len(set(text)) < len(text) for text in texts)


def test_a_clip_is_followed_with_each_number_of_tracking() -> None:
    usual, *others = measure_clip(Config(), 1, 0)
    assert usual[0] > 0
    assert len(others) == 2 * len(variations(IN_CLIPS))
    with varied("NEAR", 0.01):
        assert measure_clip(Config(), 1, 0)[0] != usual


def test_the_table_tells_what_changes_and_names_what_does_not() -> None:
    usual = (100, 2, 3, 40)
    others = [usual] * (2 * len(variations(AS_IT_IS)))
    others[0] = (98, 2, 4, 39)
    text = table(AS_IT_IS, usual, others)
    first, second = (variation.name for variation in variations(AS_IT_IS)[:2])
    (row,) = (line for line in text.splitlines() if line.startswith(f"| {first} "))
    assert [cell.strip() for cell in row.split("|")[2:6]] == ["-2", "", "+1", "-1"]
    idle = text.splitlines()[-1]
    assert second in idle
    assert f" {first}," not in idle


def test_the_command_says_how_many_numbers_there_are(drawn: "Drawn") -> None:
    done = drawn.digitlab("sensitivity", "--frames", "2")
    assert done.returncode == 0, done.stderr
    for way in WAYS:
        assert f"numbers: {len(variations(way))};" in done.stdout
