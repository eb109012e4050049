"""Scenes show what their truth says."""

import cv2
import numpy as np
import pytest

from digitlab.render.camera import Labelled, Rendered, visible
from digitlab.render.conditions import CONDITIONS, TOUCHING, TURNED, WITHOUT_DIGITS, render_condition
from digitlab.render.form import Cells, Place, print_cells
from digitlab.render.frame import FRAME
from digitlab.render.hand import Pictures, from_pictures, write
from digitlab.render.marks import BRACKETS, LETTERS, OPERATORS, character, doodle, print_block, prose, smudge, strike
from digitlab.render.page import SEEN
from digitlab.render.strokes import draw_set

SEEDS = range(6)


def rendered(condition: str) -> list[Rendered]:
    return [render_condition(np.random.default_rng(seed), condition) for seed in SEEDS]


def middle(label: Labelled) -> tuple[float, float]:
    x, y, w, h = label.box
    return x + w / 2, y + h / 2


def by_line(labels: list[Labelled]) -> list[list[Labelled]]:
    return [[label for label in labels if label.line == line] for line in sorted({label.line for label in labels})]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_state_gives_the_same_frame_and_its_truth(condition: str) -> None:
    first, again = (render_condition(np.random.default_rng(3), condition) for _ in range(2))
    assert np.array_equal(first.image, again.image)
    assert first.labels == again.labels
    assert first.image.shape == FRAME[::-1]
    assert "".join(str(label.digit) for label in first.labels) == "".join(first.lines)
    # the truth's lines and the labels' are the same text
    assert len(first.lines) == len({label.line for label in first.labels})


@pytest.mark.parametrize("condition", sorted(set(CONDITIONS) - {*WITHOUT_DIGITS, "cut"}))
def test_every_digit_is_within_the_frame_and_darker_or_lighter_than_its_paper(condition: str) -> None:
    frame = render_condition(np.random.default_rng(5), condition)
    assert frame.labels
    for label in frame.labels:
        x, y, w, h = label.box
        assert visible(label.box, FRAME) == 1
        inside = frame.image[y : y + h, x : x + w].astype(int)
        around = frame.image[max(0, y - 4) : y + h + 4, max(0, x - 4) : x + w + 4].astype(int)
        assert np.ptp(inside) >= 0.4 * np.ptp(around)


@pytest.mark.parametrize("condition", WITHOUT_DIGITS)
def test_some_pages_hold_no_digit(condition: str) -> None:
    frames = rendered(condition)
    for frame in frames:
        assert frame.labels == []
        assert frame.lines == ()
        assert condition != "text" or len(frame.clutter) > 20
        assert condition != "printed" or len(frame.clutter) > 2
    assert len({frame.image.tobytes() for frame in frames}) == len(frames)


def test_groups_of_conditions_are_conditions() -> None:
    assert {*TURNED, *TOUCHING, *WITHOUT_DIGITS} < set(CONDITIONS)


def test_a_cut_digit_is_clutter_and_the_others_are_whole() -> None:
    cut = 0
    for frame in rendered("cut"):
        assert all(visible(label.box, FRAME) > SEEN for label in frame.labels)
        shares = [visible(box, FRAME) for box in frame.clutter]
        assert all(0 < share <= SEEN for share in shares)
        cut += len(shares)
    assert cut > 0


def test_a_turned_page_keeps_its_order_and_turns_its_boxes() -> None:
    for frame in rendered("turned"):
        for line in by_line(frame.labels):
            # along the picture's columns, up or down by which side it lies on
            steps = np.diff([middle(label)[1] for label in line])
            assert (steps > 0).all() or (steps < 0).all()


def test_an_upside_down_page_runs_backwards() -> None:
    for frame in rendered("upside-down"):
        lines = by_line(frame.labels)
        assert all((np.diff([middle(label)[0] for label in line]) < 0).all() for line in lines)
        assert (np.diff([np.mean([middle(label)[1] for label in line]) for line in lines]) < 0).all()


def test_few_digits_tell_which_way_up_they_are() -> None:
    frames = rendered("turned-few")
    assert all(2 <= len(frame.labels) <= 3 for frame in frames)
    assert all({label.digit for label in frame.labels} & {3, 4, 7} for frame in frames)
    assert all(len(frame.labels) >= 25 for frame in rendered("turned-many"))


def test_steep_lines_rise_or_fall_by_15_to_30_degrees() -> None:
    slopes = []
    for frame in rendered("steep"):
        for line in by_line(frame.labels):
            if len(line) > 3:
                (x0, y0), (x1, y1) = middle(line[0]), middle(line[-1])
                slopes.append(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
    assert len(slopes) > 3
    assert all(11 < abs(slope) < 34 for slope in slopes)
    assert min(slopes) < 0 < max(slopes)


def test_markers_fill_the_frame_with_one_to_three_digits() -> None:
    frames = rendered("marker")
    assert {len(frame.labels) for frame in frames} == {1, 2, 3}
    assert all(0.4 < label.box.h / FRAME[1] < 0.95 for frame in frames for label in frame.labels)


def test_tiny_digits_are_many_and_tiny() -> None:
    for frame in rendered("tiny"):
        assert 60 <= len(frame.labels) <= 150
        assert max(label.box.h for label in frame.labels) < 30


def test_a_sudoku_is_solved() -> None:
    for frame in rendered("sudoku"):
        rows = np.array([list(line) for line in frame.lines])
        blocks = rows.reshape(3, 3, 3, 3).swapaxes(1, 2).reshape(9, 9)
        for nine in (*rows, *rows.T, *blocks):
            assert set(nine) == set("123456789")


@pytest.mark.parametrize("condition", ["white-ink", "inverted", "board"])
def test_light_digits_stand_on_dark_paper(condition: str) -> None:
    for frame in rendered(condition):
        x, y, w, h = frame.labels[0].box
        digit = frame.image[y : y + h, x : x + w].astype(int)
        assert np.percentile(digit, 98) - np.median(frame.image) > 30


def test_a_crossed_out_digit_is_clutter() -> None:
    for frame in rendered("crossed-out"):
        assert len(frame.labels) + len(frame.clutter) >= 8
    assert sum(len(frame.clutter) for frame in rendered("crossed-out")) > 6


def test_a_hand_hides_what_it_covers() -> None:
    frames = [render_condition(np.random.default_rng(seed), "hand") for seed in range(30)]
    assert all(frame.labels for frame in frames)
    # as many marks as digits of which a part is seen
    assert sum(bool(frame.clutter) for frame in frames) > 3


def test_touching_digits_touch() -> None:
    joined = 0
    for frame in rendered("touching"):
        pairs = zip(frame.labels, frame.labels[1:], strict=False)
        joined += sum(a.line == b.line and b.box.x <= a.box.x + a.box.w + 1 for a, b in pairs)
    assert joined > 5


def test_sums_and_words_mark_what_is_no_digit() -> None:
    for condition in ("sums", "words", "clutter", "dust", "brackets"):
        assert render_condition(np.random.default_rng(2), condition).clutter


@pytest.mark.parametrize("char", LETTERS + OPERATORS + BRACKETS)
def test_a_character_is_drawn_about_as_large_as_asked(char: str) -> None:
    drawn = character(char, np.random.default_rng(1), 60, 5)
    assert drawn.max() > 200
    assert 4 <= max(drawn.shape) <= 150


def test_doodles_differ_and_smudges_are_soft() -> None:
    rng = np.random.default_rng(1)
    assert len({doodle(rng, 60, 4).shape for _ in range(10)}) > 5
    assert np.abs(np.diff(smudge(rng, 80).astype(int), axis=1)).max() < 80


def test_what_is_crossed_out_is_crossed_from_side_to_side() -> None:
    for seed in range(8):
        mark, room = strike(np.random.default_rng(seed), (40, 60), 5)
        assert mark.shape == (60 + 2 * room, 40 + 2 * room)
        inked = np.flatnonzero((mark > 127).any(axis=0))
        assert inked[0] <= room + 4
        assert inked[-1] >= room + 36


def test_print_holds_no_digit_and_as_many_lines_as_asked() -> None:
    rng = np.random.default_rng(1)
    assert all(prose(rng).isalpha() for _ in range(50))
    rows = (print_block(rng, 120, 0, lines=3, words=prose) > 127).any(axis=1)
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) in {2, 3}


@pytest.mark.parametrize(
    ("cells", "across", "down"),
    [(Cells(), 4, 3), (Cells(block=3), 4, 3), (Cells(tall=1.2, apart=0.2), 6, 4), (Cells(tall=1, open=True), 0, 2)],
)
def test_lines_are_printed_around_every_digit(cells: Cells, across: int, down: int) -> None:
    sheet = np.ones((400, 400), np.float32)
    print_cells(np.random.default_rng(1), sheet, ("123", "456"), cells, Place(180, 100, 80, 50), 1)
    # through the middle of the first line of writing, and between two columns of it
    assert runs(sheet[155] < 0.5) == across
    assert runs(sheet[:, 200] < 0.5) == down


def runs(dark: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """How many stretches are true."""
    return int(np.count_nonzero(np.diff(dark.astype(int), prepend=0) == 1))


def test_every_third_line_of_a_sudoku_is_thick() -> None:
    sheet = np.ones((800, 800), np.float32)
    print_cells(np.random.default_rng(1), sheet, ("1" * 9,) * 9, Cells(block=3), Place(90, 70, 70, 40), 1)
    edges = np.flatnonzero(np.diff((sheet[80] < 0.5).astype(int), prepend=0, append=0))
    widths = edges[1::2] - edges[::2]
    assert len(widths) == 10
    assert min(widths[::3]) > max(np.delete(widths, slice(None, None, 3)))


def test_mnist_like_pictures_are_written_at_any_size_with_any_pen() -> None:
    pictures, labels = draw_set(20, np.random.default_rng(1), height=20)
    images = np.zeros((20, 28, 28), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[4 : 4 + picture.shape[0], 4 : 4 + min(20, picture.shape[1])] = picture[:, :20]
    ink = from_pictures(Pictures.sort(images, labels), 0.2)
    for height in (12, 40, 200):
        drawn = ink(3, np.random.default_rng(2), height, 0.1 * height)
        assert drawn.shape[0] == pytest.approx(height, rel=0.2)
        assert drawn.max() > 200
    thin, thick = (write(np.pad(images[0], 2), 120, pen) for pen in (4, 20))
    assert cv2.countNonZero(thick) > 1.2 * cv2.countNonZero(thin)


def test_a_ring_leaves_its_corners_and_its_middle_free_and_a_tile_neither() -> None:
    drawn = {}
    for name in ("round", "filled"):
        sheet = np.ones((200, 200), np.float32)
        print_cells(np.random.default_rng(1), sheet, ("1",), Cells(tall=1.5, **{name: True}), Place(120, 0, 60, 40), 1)
        x, y, w, h = cv2.boundingRect((sheet < 0.5).astype(np.uint8))
        assert max(abs(w - 60), abs(h - 60)) < 8
        corner, side, centre = (y + 2, x + 2), (y + h // 2, x + 1), (y + h // 2, x + w // 2)
        drawn[name] = [bool(sheet[place] < 0.5) for place in (corner, side, centre)]
    assert drawn == {"round": [False, True, False], "filled": [True, True, True]}
