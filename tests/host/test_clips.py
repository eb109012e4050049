from dataclasses import replace

import numpy as np
import pytest

from digitcam.config import Config, TrackConfig
from digitcam.recognition.reader import open_reader
from digitlab.cli.main import main
from digitlab.evaluation.live_clips import Clip, follow
from digitlab.render.film import Take, film, stills
from digitlab.render.paper import FELT, FINELINER, PLAIN, RULED

BLANK = replace(FELT, strength=0)
TAKES = (
    Take(("402", "1865"), PLAIN, FELT, 0.18),
    Take(("937",), PLAIN, FINELINER, 0.2),
    Take(("55",), PLAIN, BLANK, 0.2),
)
CLIP = Clip(TAKES, (2.0, 2.0, 2.0), noise=1.5, seed=3)
RATES = [5.0, 15.0]


@pytest.mark.parametrize("fps", [5.0, 15.0, 24.0])
def test_each_page_of_a_film_holds_still_where_it_is_said_to(fps: float) -> None:
    stops = CLIP.stops(fps)
    frames = [frame.astype(int) for frame in film(np.random.default_rng(1), TAKES, stops, fps)]
    assert len(frames) == stops[-1] == 6 * fps
    spans = stills(stops, fps)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(frames)
    for first, end in spans[:2]:
        still = np.abs(frames[end - 1] - frames[end - 2]).mean()
        assert np.abs(frames[end] - frames[end - 1]).mean() > 2 * still
        assert end - first > fps


def test_a_pen_without_ink_leaves_an_empty_page() -> None:
    assert [take.text for take in TAKES] == ["402\n1865", "937", ""]
    (frame,) = film(np.random.default_rng(1), TAKES[2:], [0, 1], 5)
    assert open_reader(Config()).read(frame).text == ""


@pytest.mark.parametrize("fps", RATES)
def test_a_live_reading_is_right_within_half_a_second_and_does_not_flicker(fps: float) -> None:
    events = follow(CLIP.read(open_reader(Config()), fps), TrackConfig(), fps)
    assert [text for _, text in events] == ["402\n1865", "937", ""]
    judged = CLIP.judge(events, fps)
    assert (judged.pages, judged.right, judged.flickers, judged.moving) == (3, 3, 0, 0)
    assert len(judged.delays) == 2
    assert max(judged.delays) <= 0.5
    assert len(judged.empty_delays) == 1


def test_what_was_let_through_is_compared_with_what_was_shown() -> None:
    fps = 10.0
    assert stills(CLIP.stops(fps), fps) == [(0, 18), (23, 38), (43, 60)]
    right = [(2, "402\n1865"), (26, "937"), (50, "")]
    judged = CLIP.judge(right, fps)
    assert (judged.right, judged.flickers, judged.moving) == (3, 0, 0)
    assert judged.delays == pytest.approx((0.2, 0.3))
    assert judged.empty_delays == pytest.approx((0.7,))
    assert judged.seconds == pytest.approx(5.0)
    # wrong and right again over the first page, nothing on the way, right before the second page holds still, and a
    # wrong end
    wrong = [*right[:1], (8, "402\n1365"), (9, "402\n1865"), (19, ""), (21, "937"), (50, "7")]
    judged = CLIP.judge(wrong, fps)
    assert (judged.right, judged.flickers, judged.moving) == (2, 3, 1)
    assert judged.delays == pytest.approx((0.2, 0.0))
    assert judged.empty_delays == ()
    assert (judged + judged).delays == judged.delays * 2
    assert CLIP.judge([], fps).row(fps)[:3] == ["10", "3", "-"]


def test_random_clips_vary_and_come_again_with_their_seed() -> None:
    first, again, other = (Clip.random(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert sum(not take.text for take in first.takes) == 1
    assert {RULED, PLAIN} < {take.paper for seed in range(9) for take in Clip.random(np.random.default_rng(seed)).takes}


def test_the_command_prints_a_row_for_each_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clips", "--clips", "1", "--seed", "5"]) == 0
    *_, five, fifteen, thirty = capsys.readouterr().out.splitlines()
    assert [row.split()[1:4:2] for row in (five, fifteen, thirty)] == [["5", "4"], ["15", "4"], ["30", "4"]]


def test_no_clips_is_wrong_usage() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["clips", "--clips", "0"])
