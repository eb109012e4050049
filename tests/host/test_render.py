import json
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitcam.errors import OutputError
from digitlab.render.camera import Camera, Rendered, View
from digitlab.render.frame import FRAME, random_lines, render_frame
from digitlab.render.page import BLEED, Page, compose
from digitlab.render.paper import BOARD, CHALK, FELT, PLAIN, USUAL, Layout, Pen, by_hand
from digitlab.render.samples import render_clip, render_samples, run
from digitlab.render.sheet import FINE, Paper, Table
from digitlab.render.strokes import GLYPHS, Writer, draw


def clean_frame(seed: int, paper: Paper = PLAIN, pen: Pen = FELT) -> Rendered:
    """No shadow, blur or noise: what is dark is ink."""
    return render_frame(np.random.default_rng(seed), paper=paper, pen=pen, camera=Camera.ideal(FRAME))


@pytest.mark.parametrize("digit", range(10))
def test_every_style_of_every_digit_is_drawn_as_high_as_asked(digit: int) -> None:
    for style in range(len(GLYPHS[digit])):
        rng = np.random.default_rng(style)
        anyone = Writer.random(rng)
        writer = Writer((style,) * 10, anyone.slant, anyone.aspect, anyone.haste, anyone.pressure, anyone.flick)
        for height in (12, 80, 300):
            ink = draw(digit, rng, height, 0.08 * height, writer)
            assert ink.dtype == np.uint8
            assert abs(ink.shape[0] - height) <= 2 + 0.05 * height
            assert ink.max() == 255
            assert ink[[0, -1]].any(axis=1).all()
            assert ink[:, [0, -1]].any(axis=0).all()


def test_a_wider_pen_leaves_more_ink() -> None:
    thin, thick = (draw(8, np.random.default_rng(1), 80, pen) for pen in (3, 9))
    assert thick.mean() > 2 * thin.mean()


def test_the_same_seed_draws_the_same_and_another_seed_something_else() -> None:
    first, again, other = (draw(5, np.random.default_rng(seed), 60, 5) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert first.tobytes() != other.tobytes()


def test_the_same_seed_renders_the_same_frame() -> None:
    first, again, other = (render_frame(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert (first.lines, first.labels) == (again.lines, again.labels)
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("seed", range(12))
def test_boxes_hold_all_of_the_ink_and_no_more(seed: int) -> None:
    rendered = clean_frame(seed)
    ink = np.asarray(rendered.image < 128)
    for label in rendered.labels:
        x, y, w, h = label.box
        inside = ink[y : y + h, x : x + w]
        columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
        assert columns[0] <= 2
        assert columns[-1] >= w - 3
        assert rows[0] <= 2
        assert rows[-1] >= h - 3
        # a felt pen's edge is two pixels wide at most
        ink[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2] = False
    assert not ink.any()


@pytest.mark.parametrize("seed", range(12))
def test_every_digit_is_whole_inside_the_frame(seed: int) -> None:
    for label in render_frame(np.random.default_rng(seed), height=0.5).labels:
        x, y, w, h = label.box
        assert x > 0
        assert y > 0
        assert x + w < FRAME[0]
        assert y + h < FRAME[1]


def test_labels_stand_in_reading_order() -> None:
    rendered = render_frame(np.random.default_rng(3), lines=("314", "15926", "5"))
    assert rendered.lines == ("314", "15926", "5")
    assert [(label.digit, label.line) for label in rendered.labels] == [
        (int(char), number) for number, line in enumerate(rendered.lines) for char in line
    ]
    for left, right in pairwise(rendered.labels):
        if left.line == right.line:
            assert left.box.x < right.box.x
        else:
            assert left.box.y + left.box.h / 2 < right.box.y + right.box.h / 2


def test_a_frame_has_the_size_asked_for() -> None:
    size = (320, 400)
    rendered = render_frame(np.random.default_rng(1), size=size)
    assert rendered.image.shape == (400, 320)
    assert rendered.image.dtype == np.uint8


def test_chalk_is_lighter_than_its_board_and_felt_darker_than_its_paper() -> None:
    board = clean_frame(1, paper=BOARD, pen=CHALK)
    paper = clean_frame(1)
    for rendered, sign in ((board, 1), (paper, -1)):
        x, y, w, h = rendered.labels[0].box
        digit = rendered.image[y : y + h, x : x + w].astype(int)
        assert sign * (np.percentile(digit, 50 + sign * 48) - np.median(rendered.image)) > 60


def composed(lines: tuple[str, ...], pen: Pen = FELT, layout: Layout = USUAL) -> Page:
    rng = np.random.default_rng(1)
    ink = by_hand(Writer.random(rng))
    return compose(rng, lines, ink=ink, paper=PLAIN, pen=pen, height=0.2, size=FRAME, layout=layout)


def test_a_dry_pen_leaves_gaps() -> None:
    whole, broken = (composed(("123", "456"), Pen(0.1, 1, gaps=gaps)).image < 128 for gaps in (0, 0.2))
    assert 0.6 < np.count_nonzero(broken) / np.count_nonzero(whole) < 0.95
    assert np.count_nonzero(broken & ~whole) < 0.01 * np.count_nonzero(whole)


def test_a_minus_stands_at_half_height() -> None:
    minus, digit = (next(o.hull[:, 0, 1] for o in composed(("4-4",)).outlines if o.char == char) for char in "-4")
    assert np.mean([minus.min(), minus.max()]) == pytest.approx(np.mean([digit.min(), digit.max()]), abs=10)


def test_digits_that_are_all_crossed_out_are_none() -> None:
    page = composed(("123", "456"), layout=replace(USUAL, struck=1))
    assert page.lines == ()
    assert [outline.char for outline in page.outlines] == [""] * 6


def test_other_sheets_lie_below_the_written_one() -> None:
    alone, among = (
        composed(("123",), layout=replace(USUAL, sheet=0.5, table=Table(0.1, sheets=sheets))).image for sheets in (0, 3)
    )
    assert np.mean(among > 100) > 1.2 * np.mean(alone > 100)
    middle = (slice(660, 780), slice(860, 1060))
    assert np.array_equal(alone[middle], among[middle])


def test_a_view_moves_boxes_as_it_moves_the_page() -> None:
    rng = np.random.default_rng(1)
    page = compose(rng, ("12",), ink=by_hand(Writer.random(rng)), paper=PLAIN, pen=FELT, height=0.2, size=FRAME)
    assert page.image.shape == (FRAME[1] * FINE * BLEED, FRAME[0] * FINE * BLEED)
    camera = Camera.ideal(FRAME)
    ahead, moved, near = (
        camera.shoot(page, view, rng).labels[0].box for view in (View(), View(x=0.125, y=-0.1), View(zoom=np.log(1.5)))
    )
    assert (moved.x - ahead.x, moved.y - ahead.y) == (80, -48)
    assert near.h == pytest.approx(1.5 * ahead.h, abs=3)


@pytest.mark.parametrize(("digits", "lines"), [(10, 2), (4, 3), (25, 4), (1, 1)])
def test_random_lines_hold_every_class_before_any_comes_again(digits: int, lines: int) -> None:
    drawn = random_lines(np.random.default_rng(1), digits, lines)
    assert len(drawn) == lines
    assert all(drawn)
    text = "".join(drawn)
    assert len(text) == digits
    assert len(set(text[:10])) == min(10, digits)


def test_a_clip_is_read_by_opencv_and_says_what_it_shows(tmp_path: Path) -> None:
    render_clip(tmp_path / "clip.mp4", 1, seconds=4, fps=6)
    truth = json.loads((tmp_path / "clip.json").read_text())
    capture = cv2.VideoCapture(str(tmp_path / "clip.mp4"))
    frames = []
    while True:
        good, frame = capture.read()
        if not good:
            break
        frames.append(frame)
    capture.release()
    assert len(frames) == 24
    assert frames[0].shape == (480, 640, 3)
    spans = [(page["from"], page["to"]) for page in truth["pages"]]
    assert spans[0][0] == 0
    assert spans[-1][1] == 24
    assert all(first < end for first, end in spans)
    assert all(end < after for (_, end), (after, _) in pairwise(spans))
    stills = [frames[(first + end) // 2].astype(int) for first, end in spans]
    assert all(np.abs(a - b).mean() > 5 for a, b in pairwise(stills))


def test_the_shipped_samples_are_what_the_command_makes_and_small_enough(tmp_path: Path) -> None:
    shipped = Path(str(files("digitcam") / "samples"))
    seed = json.loads((shipped / "frames.json").read_text())["seed"]
    render_samples(tmp_path, seed)
    assert {path.name for path in shipped.iterdir()} == {path.name for path in tmp_path.iterdir()}
    frames = json.loads((tmp_path / "frames.json").read_text())["frames"]
    # Drawing may differ by a pixel's rounding between versions of OpenCV, so pictures are compared as pictures.
    for frame in frames:
        made, kept = (cv2.imread(str(folder / frame["image"]), cv2.IMREAD_GRAYSCALE) for folder in (tmp_path, shipped))
        assert made is not None
        assert kept is not None
        assert np.abs(made.astype(int) - kept).mean() < 0.5
        assert sorted(str(digit["digit"]) for digit in frame["digits"]) == list("0123456789")
    with np.load(tmp_path / "digits.npz") as made, np.load(shipped / "digits.npz") as kept:
        assert kept["images"].shape == (500, 28, 28)
        assert np.bincount(kept["labels"]).tolist() == [50] * 10
        assert np.array_equal(made["labels"], kept["labels"])
        assert np.abs(made["images"].astype(int) - kept["images"]).mean() < 0.5
    assert (shipped / "demo.mp4").stat().st_size < 1_500_000
    assert sum(path.stat().st_size for path in shipped.glob("*.png")) < 1_200_000


def test_one_picture_comes_with_its_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "page.png", seed=4) == 0
    assert "page.png" in capsys.readouterr().out
    image = cv2.imread(str(tmp_path / "page.png"), cv2.IMREAD_GRAYSCALE)
    expected = render_frame(np.random.default_rng(4))
    assert image is not None
    assert np.array_equal(image, expected.image)
    assert json.loads((tmp_path / "page.json").read_text())["lines"] == list(expected.lines)


@pytest.mark.parametrize("name", ["page.gif", "missing/page.png", "missing/clip.mp4", "file/samples"])
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError) as caught:
        run(tmp_path / name, seconds=1, fps=4)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
