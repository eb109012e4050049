"""What is found is matched with what stands there, counted, and shown."""

from typing import cast
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from tests.host.pages import Page

from digitcam.recognition.finder import Finder, Found
from digitcam.recognition.look import Look
from digitlab.evaluation.finder_figures import Evaluation
from digitlab.evaluation.finder_match import Matched, match, turn
from digitlab.evaluation.finder_scenes import summarize
from digitlab.pages.page import render_page
from digitlab.reports.finder import Described, sections
from digitlab.scenes.scene import SIDE, Label

IMAGE = np.full((SIDE, SIDE), 200, np.uint8)
PLAIN = Label((20, 20, 30, 60), 7, shown=1, printed=False, unsure=False)
PRINT = Label((100, 20, 30, 60), 3, shown=1, printed=True, unsure=False)
DOUBTFUL = Label((200, 20, 30, 60), 1, shown=1, printed=False, unsure=True)
MISSED = Label((20, 200, 30, 60), 9, shown=0.5, printed=False, unsure=False)
LABELS = [PLAIN, PRINT, DOUBTFUL, MISSED]
FINDS = [  # left, top, right, bottom, score, quarter turn
    (20, 21, 50, 79, 0.9, 0),
    (100, 20, 130, 80, 0.8, 2),
    (201, 20, 230, 80, 0.7, 0),
    (300, 300, 330, 360, 0.6, 0),
    (300, 20, 320, 60, 0.25, 0),  # too little to be told at all
]


class Told:
    """A finder that finds what it is told to."""

    def find(self, look: Look) -> Found:
        assert look.scale == pytest.approx(256 / SIDE)
        rows = np.array(FINDS, np.float32)
        turns = np.eye(4, dtype=np.float32)[rows[:, 5].astype(int)]
        none = np.zeros(len(rows), np.float32)
        return Found(rows[:, :4], rows[:, 4], turns, none, none, none)


@pytest.fixture
def matched() -> Matched:
    return match(3, IMAGE, LABELS, cast("Finder", Told()))


@pytest.fixture
def measured(matched: Matched) -> Evaluation:
    blank = Matched(4, [], [], [])
    return summarize([matched, blank], ["lines", "nothing"], sha256="ab" * 32, runtime="a runtime 1.0", scenes="held")


def test_each_digit_is_found_once_and_doubtful_ones_do_not_count(matched: Matched) -> None:
    assert [round(one.score, 2) for one in matched.stands] == [0.9, 0.8, 0]
    assert [one.printed for one in matched.stands] == [False, True, False]
    assert [one.cut for one in matched.stands] == [False, False, True]
    assert [one.height for one in matched.stands] == pytest.approx([40, 40, 40])
    assert [round(one.score, 2) for one in matched.mistaken] == [0.6]
    assert matched.turns == [(0, 0), (0, 2)]


def test_figures(measured: Evaluation) -> None:
    assert (measured.all.digits, measured.all.found, measured.all.false) == (3, 2, 1)
    assert (measured.all.recall, measured.all.precision) == (2 / 3, 2 / 3)
    assert [(group.name, group.scenes) for group in measured.contents] == [("lines", 1), ("nothing", 1)]
    assert {group.name: group.recall for group in measured.kinds} == {"written": 0.5, "printed": 1, "cut": 0}
    assert [group.digits for group in measured.heights] == [0, 0, 0, 0, 0, 3, 0, 0]
    assert measured.turned_rightly == 0.5
    assert measured.printed == 0.5
    assert measured.boxes.mean == pytest.approx((58 / 60 + 1) / 2)
    assert sum(b.n for b in measured.bins) == 3
    assert (measured.blank.scenes, measured.blank.false) == (1, 0)
    assert [(worst.scene, worst.mistakes) for worst in measured.worst] == [(3, 2)]
    assert "abababababab" in measured.table()
    assert "| nothing " in measured.table()


def test_where_nothing_stands_and_nothing_is_found() -> None:
    nothing = summarize([Matched(0, [], [], [])], None, sha256="ab" * 32, runtime="", scenes="held")
    assert nothing.all.recall is None
    assert nothing.contents == []
    assert nothing.turned_rightly is None
    assert "1 scenes" in nothing.table()
    assert "There is none." in sections(Described(nothing, [], []))["finder-worst"].body


@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_scenes_boxes_go_with_it(quarters: int) -> None:
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[20:80, 100:130] = 255
    turned, (label,) = turn(image, [PRINT], quarters)
    x, y, w, h = (int(n) for n in label.box)
    assert (turned[y : y + h, x : x + w] == 255).all()
    assert int(turned.sum()) == 255 * w * h == 255 * 60 * 30


def test_the_sections_are_whole_and_name_the_model(measured: Evaluation) -> None:
    history = [
        {"views": views, "score": 1, "box": 0.8, "turn": 0.4, "cut": 0.1, "printed": 0.2, "digit": 0.5, "seconds": 60}
        for views in (100, 200)
    ]
    made = sections(Described(measured, history, [IMAGE]))
    html = render_page("Title", "", made, "digitlab report").decode()
    page = Page(html)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.needs_nothing_else()
    assert all(page.alts)
    assert all('<code class="model">abababababab</code>' in section.note for section in made.values())
    for svg in html.split("<svg")[1:]:
        ET.fromstring("<svg" + svg.partition("</svg>")[0] + "</svg>")  # noqa: S314  # our own page
    worst = page.section("finder-worst")
    assert [worst.count(f'<g class="{kind}">') for kind in ("read", "missed", "spurious")] == [2, 1, 1]
    assert "200 views in 2 minutes" in page.section("finder-curves")


def test_a_finder_that_was_not_measured_is_said() -> None:
    assert "<code>digitlab finder-evaluate</code> does" in sections(None)["finder"].body
