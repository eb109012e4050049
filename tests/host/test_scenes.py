"""Scenes follow from their seed, and say what stands in them."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.needs import need

from digitlab.crops.drawn import BARE
from digitlab.data.augment import as_seen
from digitlab.render.hand import ALIKE, Pictures, lean_of
from digitlab.render.strokes import FLAGGED, draw_set
from digitlab.scenes import diagram, draw, fonts, notes
from digitlab.scenes.canvas import Canvas
from digitlab.scenes.draw import CONTENTS
from digitlab.scenes.fonts import HANDS, PRINTS, missing_packages
from digitlab.scenes.frames import cut_frame
from digitlab.scenes.glyphs import Hand
from digitlab.scenes.paper import doubt_illegible
from digitlab.scenes.scene import SIDE, Label, Scene
from digitlab.scenes.signs import draw_strokes
from digitlab.scenes.tables import lay_tiles
from digitlab.scenes.writing import BETWEEN, FOREIGN, FUNCTIONS, invent_sum

Hands = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def hands() -> Hands:
    """A few pictures of every digit, as MNIST has them."""
    pictures, labels = draw_set(60, np.random.default_rng(1), height=40)
    return as_seen(pictures, 60), labels


@pytest.fixture(scope="module")
def scenes(hands: Hands) -> list[Scene]:
    return list(draw.draw_many(5, 0, 40, *hands))


def draw_only(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "SHARES", tuple(float(name == content) for name in CONTENTS))
    monkeypatch.setattr(draw, "CUT", 0.0)


def test_a_scene_follows_from_its_seed_and_number_alone(scenes: list[Scene], hands: Hands) -> None:
    (again,) = draw.draw_many(5, 7, 1, *hands)
    assert np.array_equal(again.image, scenes[7].image)
    assert again.labels == scenes[7].labels
    (other,) = draw.draw_many(6, 7, 1, *hands)
    assert not np.array_equal(other.image, scenes[7].image)


def test_boxes_lie_in_the_picture(scenes: list[Scene]) -> None:
    for image, labels, _ in scenes:
        assert image.shape == (SIDE, SIDE)
        assert image.dtype == np.uint8
        for label in labels:
            x, y, w, h = label.box
            assert 0 <= x < x + w <= SIDE
            assert 0 <= y < y + h <= SIDE
            assert 0 <= label.digit <= 9
            assert 0 <= label.shown <= 1


def test_labels_tell_what_is_cut_or_doubtful(scenes: list[Scene]) -> None:
    labels = [label for _, found, _ in scenes for label in found]
    assert {label.digit for label in labels} == set(range(10))
    assert {label.unsure for label in labels} == {True, False}
    assert any(label.shown < 1 for label in labels)
    assert sum(label.shown == 1 for label in labels) > len(labels) / 2


@pytest.mark.parametrize(("noise", "doubted"), [(3, False), (40, False), (400, True)])
def test_a_digit_that_noise_has_eaten_is_doubted(noise: float, *, doubted: bool) -> None:
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink[100:140, 100:104] = ink[100:104, 100:120] = ink[136:140, 100:120] = 0.5
    light = 0.9 - ink
    grey = 255 * light + np.random.default_rng(1).normal(0, noise, light.shape)
    label = Label((100, 100, 20, 40), 5, 1.0, printed=False, unsure=False)
    seen = doubt_illegible(label, ink, light, np.clip(grey, 0, 255).astype(np.uint8))
    assert seen == label._replace(unsure=doubted)


def test_labels_tell_print_from_writing(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    need("fonts")
    draw_only("cells", monkeypatch)
    printed = {label.printed for _, labels, _ in draw.draw_many(2, 0, 20, *hands) for label in labels}
    assert printed == {True, False}


def test_packages_of_fonts_that_are_not_here_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FONTS", tmp_path)
    everything = {*HANDS.values(), *PRINTS.values(), "fonts-noto-core"}
    assert set(missing_packages()) == everything
    (tmp_path / "klee").mkdir()
    (tmp_path / "klee" / "Klee.TTF").touch()
    assert everything - set(missing_packages()) == {"fonts-klee"}


def test_a_page_of_another_script_is_written_in_that_alone(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    need("fonts")
    written: set[str] = set()

    def set_in(font: fonts.Font, char: str, height: float) -> NDArray[np.uint8]:
        written.add(char)
        return original(font, char, height)

    original = fonts.set_in
    monkeypatch.setattr(fonts, "set_in", set_in)  # which letters of other scripts are set by
    draw_only("text", monkeypatch)
    pages = 0
    for _ in draw.draw_many(3, 0, 40, *hands):
        scripts = [
            script
            for script in fonts.SCRIPTS
            if all(any(low <= ord(char) <= high for low, high in script) for char in written)
        ]
        assert scripts
        pages += len(written) > 5
        written.clear()
    assert pages > 3


def test_ink_stands_in_the_boxes(scenes: list[Scene]) -> None:
    # where a digit is to be found, the picture is no flat field
    spread = [
        float(np.ptp(image[int(y) : int(y + h), int(x) : int(x + w)]))
        for image, labels, _ in scenes
        for (x, y, w, h), _, shown, _, unsure in labels
        if not unsure and shown == 1 and h > 12
    ]
    assert len(spread) > 100
    assert np.percentile(spread, 5) > 6


def test_a_character_is_a_digit_or_a_mark(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_only("sums", monkeypatch)
    drawn = list(draw.draw_many(4, 0, 20, *hands))
    marks = [mark for one in drawn for mark in one.marks]
    assert {mark.unlike for mark in marks} == {True, False}
    for x, y, w, h in (mark.box for mark in marks):
        assert min(x, y) >= 0
        assert min(w, h) > 0
        assert max(x + w, y + h) <= SIDE
    assert not {mark.box for mark in marks} & {label.box for one in drawn for label in one.labels}


@pytest.mark.parametrize("content", CONTENTS)
def test_every_kind_of_content_is_drawn(content: str, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_only(content, monkeypatch)
    drawn = list(draw.draw_many(1, 0, 24, *hands))
    digits = sum(len(labels) for _, labels, _ in drawn)
    assert digits == 0 if content == "nothing" else digits > 0


def test_what_stands_in_a_scene_is_told_without_drawing_it(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def noting(name: str) -> Callable[[Canvas], None]:
        def note(canvas: Canvas) -> None:
            drawn.append(name)
            own[name](canvas)

        return note

    own = dict(CONTENTS)
    monkeypatch.setattr(draw, "CONTENTS", {name: noting(name) for name in own})
    list(draw.draw_many(3, 0, 12, *hands))
    told = [draw.tell_content(3, number) for number in range(12)]
    assert drawn == [content for content in told if content != draw.FRAMES]
    assert len(set(drawn)) > 3


def test_a_quarter_of_the_scenes_are_cut_from_frames(hands: Hands) -> None:
    contents = [draw.tell_content(3, number) for number in range(600)]
    assert 120 < contents.count(draw.FRAMES) < 180
    number = contents.index(draw.FRAMES)
    (drawn,) = draw.draw_many(3, number, 1, *hands)
    rng = np.random.default_rng([3, number])
    rng.random()
    assert np.array_equal(drawn.image, cut_frame(rng, Pictures.sort(*hands)).image)


def test_the_digits_of_a_hand_lean_alike(hands: Hands) -> None:
    rng = np.random.default_rng(6)
    pictures = Pictures.sort(*hands)
    for digit in range(10):
        back, on = ([lean_of(pictures.choose(digit, lean, rng)[None])[0] for _ in range(30)] for lean in (-0.1, 0.5))
        assert np.mean(on) > np.mean(back) + 0.1
    # as far as any does: the outermost of them
    extremes = {tuple(pictures.choose(4, lean, rng).ravel()) for lean in (-9, 9) for _ in range(30)}
    assert len(extremes) == 2 * -(-len(pictures.of[4]) // ALIKE)


def test_lean_is_how_far_a_stroke_goes_right_as_it_goes_up() -> None:
    stroke = np.zeros((1, 28, 28), np.uint8)
    stroke[0, np.arange(4, 24), 20 - np.arange(4, 24) // 2] = 255
    assert lean_of(stroke) == pytest.approx(0.5, abs=0.02)
    assert lean_of(stroke[:, :, ::-1]) == pytest.approx(-0.5, abs=0.02)


def test_half_of_mnists_hands_write_1s_with_a_flag(hands: Hands) -> None:
    rng = np.random.default_rng(5)
    pictures = Pictures.sort(*hands)
    known = [hand for hand in (Hand.random(rng, pictures) for _ in range(300)) if hand.source == "mnist"]
    flagged = [hand for hand in known if hand.flags]
    assert 0.4 < len(flagged) / len(known) < 0.6

    def breadth(hand: Hand, style: int) -> float:
        """How wide its 1s are in a style, in their heights, but for their lean."""
        writer = replace(hand.writer, slant=0, styles=(hand.writer.styles[0], style, *hand.writer.styles[2:]))
        upright, draws = replace(hand, writer=writer, pen=0.08), np.random.default_rng(1)
        sizes = [upright.digit(1, draws, 100).shape for _ in range(5)]
        return float(np.median([wide / high for high, wide in sizes]))

    assert all(breadth(hand, hand.writer.styles[1]) > 1.4 * breadth(hand, BARE) for hand in flagged)
    assert {hand.writer.styles[1] for hand in flagged} == set(FLAGGED)


def test_in_sums_a_sign_stands_between_any_two_numbers() -> None:
    rng = np.random.default_rng(7)
    sums = [list(invent_sum(rng)) for _ in range(300)]
    for signs in sums:
        numbers = [place for place, sign in enumerate(signs) if sign.isdecimal()]
        for first, second in pairwise(numbers):
            assert set(signs[first:second]) & set("".join(BETWEEN))
        opened = np.cumsum([(sign == "(") - (sign == ")") for sign in signs])
        assert opened.min() >= 0
    assert {len(sign) for signs in sums for sign in signs if sign.isdecimal()} == {1, 2, 3}
    assert {"(", ")", "/", "+", "O", FOREIGN} <= {sign for signs in sums for sign in signs}
    # a letter after a number, as in 3a, and a bracket after a function's name
    pairs = [pair for signs in sums for pair in pairwise(signs)]
    assert sum(first.isdecimal() and second.isalpha() for first, second in pairs) > 20
    assert {first for first, second in pairs if second == "(" and first in FUNCTIONS} == set(FUNCTIONS)


@pytest.mark.parametrize("lean", [-0.3, 0.2, 0.9])
def test_a_slash_leans_more_than_the_1s_of_its_hand(lean: float, hands: Hands) -> None:
    rng = np.random.default_rng(3)
    hand = Hand.random(rng, Pictures.sort(*hands))
    hand = replace(hand, writer=replace(hand.writer, slant=lean), pen=0.08)
    for _ in range(20):
        high, wide = draw_strokes(rng, "/", 100, hand).shape
        # but for the pen and a shaky hand
        assert wide / high > max(lean, 0) + 0.02


def test_digits_on_tiles_are_what_the_tile_leaves_out(hands: Hands) -> None:
    rng = np.random.default_rng(4)
    canvas = Canvas(rng, Hand.random(rng, Pictures.sort(*hands)), 40, 0.0)
    lay_tiles(canvas)
    assert canvas.labels
    assert not canvas.ink.any()
    for label in canvas.labels:
        x, y, w, h = (int(n) for n in label.box)
        part = canvas.print_[y : y + h, x : x + w]
        assert part.min() < 0.3
        assert part.mean() > 0.3


def empty(hands: Hands, seed: int, height: float = 20) -> Canvas:
    rng = np.random.default_rng(seed)
    return Canvas(rng, Hand.random(rng, Pictures.sort(*hands)), height, 0.0)


def test_a_diagram_keeps_to_its_part_of_the_page(hands: Hands) -> None:
    drawn = 0
    for seed in range(40):
        canvas = empty(hands, seed)
        canvas.middle = 60, -80
        diagram.draw_diagram(canvas, (70, 50))
        for x, y, w, h in (label.box for label in canvas.labels):
            drawn += 1
            assert abs(x + w / 2 - (SIDE / 2 + 60)) < 70 + canvas.height
            assert abs(y + h / 2 - (SIDE / 2 - 80)) < 50 + canvas.height
    assert drawn > 80


def test_a_diagram_joins_its_digits_by_lines(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagram, "draw_ring", lambda *_: None)
    between = []
    for seed in range(20):
        canvas = empty(hands, seed, 12)
        diagram.draw_diagram(canvas)
        for x, y, w, h in [*(label.box for label in canvas.labels), *(mark.box for mark in canvas.marks)]:
            canvas.ink[round(y) - 2 : round(y + h) + 2, round(x) - 2 : round(x + w) + 2] = 0
        between.append(canvas.ink.sum())
    assert np.mean(between) > 100


def test_what_is_drawn_in_a_part_of_notes_does_not_leave_it(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "_parts", lambda *_: [(-0.5, -0.5, 0, 0.5)])
    monkeypatch.setattr(notes, "DRAWN", 1)
    written = 0.0
    for seed in range(20):
        canvas = empty(hands, seed)
        notes.write_notes(canvas)
        written += canvas.ink.sum()
        assert not canvas.ink[:, SIDE // 2 + 4 :].any()
    assert written > 0


def test_notes_hold_digits_and_words_beside_each_other(hands: Hands) -> None:
    both, digits = 0, 0
    for seed in range(30):
        canvas = empty(hands, seed)
        notes.write_notes(canvas)
        both += bool(canvas.labels) and bool(canvas.marks)
        digits += len(canvas.labels)
        assert canvas.middle == (0, 0)
        assert canvas.writable is None
    assert both > 20
    assert digits > 200


def test_notes_keep_to_a_sheet(hands: Hands) -> None:
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    sheet[:, : SIDE // 2] = 1
    for seed in range(10):
        canvas = empty(hands, seed)
        canvas.writable = sheet
        notes.write_notes(canvas)
        assert canvas.writable is sheet
        assert all(label.box[0] <= SIDE / 2 for label in canvas.labels)


def test_words_hold_letters_that_are_alike_digits_and_are_none(hands: Hands) -> None:
    marks = digits = 0
    for seed in range(10):
        canvas = empty(hands, seed)
        notes.write_words(canvas)
        marks, digits = marks + len(canvas.marks), digits + len(canvas.labels)
    assert marks > 5 * digits > 0
