import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from tests.host.pages import Page

from digitcam.errors import ModelError, OutputError
from digitlab.accuracy import Bin, score
from digitlab.evaluation.variants import Evaluation, Variant
from digitlab.reports.report import write_report
from digitlab.training.temperature import Calibration

CARD = {"sha256": "ab" * 32, "input": {"shape": [1, 28, 28, 1]}, "about": {"seed": 7, "command": "<script>&"}}
HISTORY = [
    {"epoch": 1, "loss": 0.9, "val_loss": 0.5, "val_accuracy": 0.9, "seconds": 61.0},
    {"epoch": 2, "loss": 0.4, "val_loss": 0.2, "val_accuracy": 0.97, "seconds": 59.0},
]
CALIBRATION = Calibration(
    1.25, 900, [Bin(600, 0.99, 570), Bin(300, 0.6, 200)], [Bin(600, 0.95, 570), Bin(300, 0.66, 200)]
)
LABELS = np.tile(np.arange(10, dtype=np.uint8), 4)
# A ring for each, thicker for larger numbers: pictures enough for a test.
IMAGES = np.zeros((40, 28, 28), np.uint8)
for number, ring in enumerate(IMAGES):
    ring[4:24, 8:20] = 255
    ring[6 + number // 8 : 20, 10:18] = 0


def evaluation(wrong: Mapping[int, tuple[int, float]], *variants: Variant) -> Evaluation:
    """All read rightly with 0.99, but for `wrong`: picture -> what it was read as, and how surely."""
    predicted, confidence = LABELS.astype(np.int64), np.full(40, 0.99, np.float32)
    for index, (read, sure) in wrong.items():
        predicted[index], confidence[index] = read, sure
    shipped = Variant(name="int8", size=90_000, score=score(predicted, confidence, LABELS))
    return Evaluation(runtime="tflite-runtime 2.14.0", n=40, variants=[*variants, shipped])


def report(
    path: Path, found: Evaluation, *, card: Mapping[str, Any] = CARD, history: Sequence[Mapping[str, float]] = HISTORY
) -> Page:
    write_report(
        path,
        card=card,
        history=history,
        evaluation=found,
        calibration=CALIBRATION,
        train_images=IMAGES,
        train_labels=LABELS,
        augmented_images=IMAGES[:20],
        augmented_labels=LABELS[:20],
        test_images=IMAGES,
        test_labels=LABELS,
    )
    return Page(path.read_text(encoding="utf-8"))


THREE_WRONG = evaluation({11: (7, 0.5), 24: (9, 0.91), 38: (3, 0.72)})


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return report(tmp_path / "report.html", THREE_WRONG)


def test_the_page_is_whole_html(page: Page) -> None:
    assert page.html.startswith("<!doctype html>")
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_the_page_needs_no_other_file(page: Page) -> None:
    assert page.links
    for link in page.links:
        assert link.startswith(("data:", "#"))
        if link.startswith("#"):
            assert link[1:] in page.ids
    assert set(re.findall(r"url\((.)", page.html)) <= {"#"}


def test_every_picture_has_words_for_those_who_cannot_see_it(page: Page) -> None:
    assert page.alts
    assert all(page.alts)
    charts = page.html.count('<svg class="chart" role="img" aria-label="')
    assert charts == page.html.count("<svg") == 8


def test_charts_are_well_formed_and_take_their_colours_from_the_page(page: Page) -> None:
    for svg in re.findall(r"<svg.*?</svg>", page.html, re.DOTALL):
        ET.fromstring(svg)  # noqa: S314  # our own page
    assert "var(--blue)" in page.html
    assert "#010a0" not in page.html


def test_the_temperature_and_its_effect_are_shown(page: Page) -> None:
    shown = page.section("temperature")
    assert "1.250" in shown
    assert "900 crops" in shown
    assert shown.count("<svg") == 2


def test_every_mistake_is_shown_the_surest_first(page: Page) -> None:
    found = re.findall(r"<b>(.*?)</b><br><small>(.*?)</small>", page.section("mistakes"))
    assert found == [
        ("read 9, is 4", "91 %, no. 24"),
        ("read 3, is 8", "72 %, no. 38"),
        ("read 7, is 1", "50 %, no. 11"),
    ]
    assert page.section("mistakes").count('<figure class="miss">') == 3


def test_mistakes_are_red_among_the_test_pictures(page: Page) -> None:
    shown = page.section("predictions")
    assert shown.count("<figure") == 40, "four pictures of each digit, and up to six would be shown"
    assert shown.count('<figure class="miss">') == 3
    assert "Handwritten 1, read as 7, 50 % sure" in page.alts


def test_the_confusion_matrix_counts(page: Page) -> None:
    rows = re.findall(r'<tr><th scope="row">(\d)</th>(.*?)</tr>', page.section("confusion"))
    counts = {int(digit): re.findall(r"<td.*?>(.*?)</td>", row) for digit, row in rows}
    assert sorted(counts) == list(range(10))
    assert counts[0] == ["4", *["·"] * 9]
    assert counts[4] == [*["·"] * 4, "3", *["·"] * 4, "1"]


def test_key_figures_stand_at_the_top(page: Page) -> None:
    head = page.html.partition("<header>")[2].partition("</header>")[0]
    for figure in (
        "92.50 %",
        "80.14 to 97.42 %",
        "<b>3</b>",
        "in 40 test pictures",
        "90.0 kB",
        "tflite-runtime 2.14.0",
    ):
        assert figure in head
    assert "<dt>about: seed</dt><dd>7</dd>" in head
    assert "<dt>input: shape</dt><dd>1, 28, 28, 1</dd>" in head


def test_text_is_escaped(page: Page) -> None:
    assert "<script>" not in page.html
    assert "&lt;script&gt;&amp;" in page.html


def test_a_model_without_mistakes_says_so(tmp_path: Path) -> None:
    page = report(tmp_path / "report.html", evaluation({}))
    assert "There is none." in page.section("mistakes")


def test_a_variant_that_could_not_be_loaded_is_told(tmp_path: Path) -> None:
    problem = "not loadable in tflite-runtime 2.14.0: op 'FULLY_CONNECTED' version <12>"
    page = report(tmp_path / "report.html", evaluation({}, Variant(name="dynamic", size=91_000, problem=problem)))
    assert "dynamic: not loadable in tflite-runtime 2.14.0: op &#x27;FULLY_CONNECTED&#x27; version &lt;12&gt;" in (
        page.section("variants")
    )
    assert "91,000" in page.section("variants")


def test_a_training_without_history_is_told(tmp_path: Path) -> None:
    page = report(tmp_path / "report.html", THREE_WRONG, history=[])
    assert "No history of the training was kept." in page.section("curves")


def test_the_same_input_gives_the_same_page(tmp_path: Path, page: Page) -> None:
    assert report(tmp_path / "again.html", THREE_WRONG).html == page.html


def test_an_evaluation_of_other_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with pytest.raises(ModelError, match="not of these test pictures; run `digitlab evaluate` again"):
        write_report(
            path,
            card=CARD,
            history=HISTORY,
            calibration=CALIBRATION,
            evaluation=THREE_WRONG,
            train_images=IMAGES,
            train_labels=LABELS,
            augmented_images=IMAGES,
            augmented_labels=LABELS,
            test_images=IMAGES,
            test_labels=LABELS[::-1],
        )
    assert not path.exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere.report\.html: cannot write: No such file or directory"):
        report(tmp_path / "nowhere" / "report.html", THREE_WRONG)
