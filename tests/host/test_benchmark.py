import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from tests.host.pages import Page

from digitcam.config import Config
from digitcam.errors import DigitcamError
from digitcam.reading import Box, Digit, Reading
from digitlab.data.augment import as_seen
from digitlab.evaluation.match import Target, Truth, compare
from digitlab.evaluation.operating_curve import at_threshold, least_threshold, operating_curve
from digitlab.evaluation.rendered import Measured, choose, measure, render_numbered, summarize
from digitlab.render.conditions import CONDITIONS, render_condition
from digitlab.render.hand import Pictures
from digitlab.render.strokes import draw_set
from digitlab.reports.rendered import markdown

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

FRAMES = 12
BOX, MARK = Box(10, 10, 20, 30), Box(100, 10, 20, 30)


@pytest.fixture(scope="module")
def hands() -> Pictures:
    """A few pictures of each digit, as MNIST has them."""
    pictures, labels = draw_set(100, np.random.default_rng(4), height=40)
    return Pictures.sort(as_seen(pictures, 100), labels)


def read(digit: int, confidence: float, box: Box = BOX) -> Digit:
    return Digit(str(digit), confidence, np.zeros(10, np.float32), box, np.zeros((28, 28), np.uint8), 0)


def one(*digits: Digit) -> Measured:
    """A frame with a 1 and a mark that is none."""
    comparison = compare(Truth(("1",), [Target("1", BOX)], clutter=[MARK]), Reading(digits, (), {}))
    return Measured(0, next(iter(CONDITIONS)), comparison, comparison)


def test_the_curve_has_every_digit_at_every_threshold() -> None:
    frames = [one(read(1, 0.9), read(4, 0.7, MARK)), one(read(7, 0.4)), one(read(1, 0.6)), one()]
    curve = operating_curve([frame.unsifted for frame in frames])
    for threshold, read_share, wrong, rejected, clutter in (
        (0, 0.5, 0.25, 0, 0.25),
        (0.4, 0.5, 0.25, 0, 0.25),
        (0.405, 0.5, 0, 0.25, 0.25),
        (0.7, 0.25, 0, 0.5, 0.25),
        (0.75, 0.25, 0, 0.5, 0),
        (1, 0, 0, 0.75, 0),
    ):
        point = at_threshold(curve, threshold)
        assert point.threshold == threshold
        assert (point.read, point.wrong, point.rejected, point.lost) == (read_share, wrong, rejected, 0.25)
        assert point.clutter_read == clutter
    assert least_threshold(curve).threshold == 0.405
    assert least_threshold(curve, wrong=0.25).threshold == 0


def test_a_rejected_reading_leaves_its_place_to_another() -> None:
    # the less sure reading fits better; without it the other one is the digit's
    frame = one(read(7, 0.3), read(1, 0.8, Box(12, 12, 20, 30)))
    curve = operating_curve([frame.unsifted])
    assert (at_threshold(curve, 0).wrong, at_threshold(curve, 0.5).read) == (1, 1)


def test_no_threshold_may_be_enough() -> None:
    curve = operating_curve([one(read(7, 1.0)).unsifted])
    assert least_threshold(curve).threshold == 1
    assert least_threshold(curve).wrong == 1


def test_the_same_seed_renders_the_same_frame_of_the_conditions_in_turn(hands: Pictures) -> None:
    names = list(CONDITIONS)
    for number in (0, 1, len(names)):
        condition, rendered = render_numbered(3, number, hands)
        assert condition == names[number % len(names)]
        assert np.array_equal(rendered.image, render_numbered(3, number, hands)[1].image)
        drawn_here = np.array_equal(
            rendered.image, render_condition(np.random.default_rng([3, number]), condition).image
        )
        assert drawn_here == (number >= len(names))
    assert not np.array_equal(render_numbered(3, 0, hands)[1].image, render_numbered(4, 0, hands)[1].image)


def test_conditions_alone_have_the_frames_that_they_have_among_all(hands: Pictures) -> None:
    assert choose(3) == [0, 1, 2]
    numbers = choose(4, ("text", "touching"))
    assert [render_numbered(3, number, hands)[0] for number in numbers] == ["touching", "text"] * 2
    assert set(numbers) < set(choose(2 * len(CONDITIONS)))


def test_a_condition_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(DigitcamError, match=r"no condition is called 'touch'; there are plain, .*touching"):
        choose(3, ("text", "touch"))


def test_the_number_of_processes_changes_nothing(hands: Pictures) -> None:
    alone, together = (summarize(measure(Config(), choose(FRAMES), 2, hands, n), 2, 0.5) for n in (1, 2))
    assert alone == together


def test_frames_without_digits_are_told() -> None:
    empty = compare(Truth((), []), Reading((), (), {}))
    with pytest.raises(DigitcamError, match="no digit in 1 frames; render more"):
        summarize([Measured(0, "empty", empty, empty)], 1, 0.5)


def test_the_summary_counts_false_readings_of_pages_without_digits_alone() -> None:
    nothing = Truth((), [])
    false = compare(nothing, Reading((read(1, 0.9), read(4, 0.9, MARK)), (), {}))
    right = compare(Truth(("1",), [Target("1", BOX)]), Reading((read(1, 0.9), read(4, 0.9, MARK)), (), {}))
    missed = compare(Truth(("1",), [Target("1", BOX)]), Reading((), (), {}))
    frames = [("empty", false), ("text", compare(nothing, Reading((), (), {}))), ("plain", right)]
    frames += [("turned", right), ("upside-down", missed), ("touching", missed)]
    benchmark = summarize([Measured(n, name, seen, seen) for n, (name, seen) in enumerate(frames)], 1, 0.5)
    said = {
        cells[0]: cells[1:]
        for cells in ([cell.strip() for cell in line.split("|")[1:-1]] for line in markdown(benchmark).splitlines())
        if len(cells) == 3
    }
    assert said["read, %"] == ["50.00", "4 digits"]
    assert said["misread, %"] == ["0.00", "4 digits"]
    assert said["false readings a page without digits"] == ["1.00", "2 pages"]
    assert said["read on turned pages, %"] == ["50.00", "2 digits"]
    assert said["read of touching digits, %"] == ["0.00", "1 digits"]


def test_the_command_writes_table_plot_figures_and_page(drawn: "Drawn", tmp_path: Path) -> None:
    output = tmp_path / "build" / "score.html"
    done = drawn.digitlab("score", "--rendered", "--frames", str(FRAMES), "--processes", "2", "--output", output)
    assert done.returncode == 0, done.stderr
    table = output.with_suffix(".md").read_text()
    assert table in done.stdout
    assert cv2.imread(str(output.with_suffix(".png"))) is not None

    found = json.loads(output.with_suffix(".json").read_text())
    assert [row["condition"] for row in found["rows"]] == list(CONDITIONS)[:FRAMES]
    total = found["total"]
    assert total["frames"] == FRAMES
    assert total["digits"] == total["read"] + total["wrong"] + total["missed"] > 0
    assert total["read"] > 0.8 * total["digits"]
    # the table was read with the threshold that is set, the curve with none and sifted
    for share in ("read", "wrong", "rejected"):
        assert found["shipped"][share] == pytest.approx(total[share] / total["digits"])

    page = Page(output.read_text())
    assert page.open == []
    assert page.needs_nothing_else()
    assert len(page.ids) == len(set(page.ids))
    assert page.section("curve").count("<svg") == 2
    for row in found["rows"]:
        assert f'<th scope="row">{row["condition"]}</th>' in page.section("conditions")
        assert f"| {row['condition']} " in table


def test_a_model_that_no_process_can_read_is_one_line(drawn: "Drawn", tmp_path: Path) -> None:
    words = "score", "--rendered", "--frames", "1", "--output", tmp_path / "score.html"
    done = drawn.digitlab(*words, "--model", tmp_path / "none.tflite")
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if "digitlab: " in line]
    assert len(said) == 1
    assert "none.tflite: cannot read: No such file" in said[0]
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_every_process_with_one_line_and_no_files(drawn: "Drawn", tmp_path: Path) -> None:
    with subprocess.Popen(
        drawn.command("score", "--rendered", "--frames", "400", "--output", tmp_path / "score.html"),
        env=drawn.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while not (workers := workers_of(process.pid)):
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.count("digitlab: interrupted; `digitlab score --rendered") == 1
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert list(tmp_path.iterdir()) == []


def workers_of(process: int) -> list[str]:
    """The processes that it started to read with."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
