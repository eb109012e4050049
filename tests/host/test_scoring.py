import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec.structs import replace
from tests.device.pages import MARKS, marked
from tests.host.pages import Page

from digitcam.model.card import Contract, card_json, card_path, labels_path
from digitcam.reading import Box
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.card import derive
from digitlab.cli.main import main
from digitlab.evaluation.labels import LabelError, LabelledPicture, load_labels
from digitlab.evaluation.match import Target

TINY = Path(__file__).parents[1] / "device/models/zero-to-255.tflite"
LETTERS = [*"CDEFGHJKLM"]
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SAMPLES = Path(str(files("digitcam") / "samples"))
TRUTH = json.loads((SAMPLES / "frames.json").read_text())["frames"]


def picture(folder: Path, number: int, name: str) -> Path:
    """A shipped frame, under another name."""
    return Path(shutil.copy(SAMPLES / TRUTH[number]["image"], folder / name))


def score(folder: Path, output: Path, *options: str) -> int:
    return main(["score", str(folder), "--output", str(output), *options])


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """Two pictures as a teacher would label them, the second with one digit wrong and one too many."""
    folder = tmp_path / "class"
    folder.mkdir()
    for number, name in enumerate(("anna", "<ben>")):
        picture(folder, number, f"{name}.png")
        lines = TRUTH[number]["lines"]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
    assert lines == ["84071", "25963"]
    (folder / "<ben>.txt").write_text("﻿84 171\n\n25963 0\n", encoding="utf-8")
    return folder


def test_labels_beside_pictures_may_have_spaces_and_empty_lines(teacher: Path) -> None:
    ben, anna = load_labels(teacher)
    assert isinstance(ben, LabelledPicture)
    assert isinstance(anna, LabelledPicture)
    assert ben.truth.lines == ("84171", "259630")
    assert anna.truth.lines == tuple(TRUTH[0]["lines"])
    assert anna.truth.targets is None


def test_the_shipped_samples_are_read_with_their_boxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(SAMPLES, tmp_path / "score.html") == 0
    said = capsys.readouterr().out
    assert (
        "| all   |        8 |     80 | 100.00 |  0.00 |   0.00 |     0.00 |     0.00 | 100.00 | 100.00 | 100.00 |"
        in said
    )
    page = Page((tmp_path / "score.html").read_text())
    assert page.html.count('<g class="read">') == 80
    assert '<g class="wrong">' not in page.html
    assert page.html.count("<article") == 8


def test_marks_across_writing_are_read_by_their_colour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "marked"
    folder.mkdir()
    marked("57", MARKS["red"]).save(folder / "page.png")
    (folder / "page.txt").write_text("57\n")
    assert score(folder, tmp_path / "score.html") == 0
    assert re.search(r"\| all .* 100.00 \| +100.00 \|\n", capsys.readouterr().out)


def test_mistakes_come_first_with_what_was_read_and_what_is_there(teacher: Path, tmp_path: Path) -> None:
    assert score(teacher, tmp_path / "score.html") == 0
    page = Page((tmp_path / "score.html").read_text())
    assert page.open == []
    assert page.needs_nothing_else()
    assert all(page.alts)
    ben, anna = page.section("pictures").split("<article")[1:]
    assert "&lt;ben&gt;.png" in ben
    assert "anna.png" in anna
    assert "9 of 11 read, 1 wrong, 1 missed" in ben
    assert "is <code>84171 / 259630</code>, read <code>84071 / 25963</code>" in ben
    assert "all 10 read" in anna
    assert '<g class="wrong">' in ben
    assert "0, is 1</text>" in ben
    assert '<g class="wrong">' not in anna


def test_every_crop_has_eleven_bars_in_words_too(teacher: Path, tmp_path: Path) -> None:
    assert score(teacher, tmp_path / "score.html") == 0
    crops = (tmp_path / "score.html").read_text().split('<svg class="bars"')[1:]
    assert len(crops) >= 20
    for crop in crops:
        bars = crop.partition("</svg>")[0]
        assert bars.count("M") == 11
        assert " %" in bars.partition("<title>")[2].partition("</title>")[0]


def test_a_manifest_names_files_groups_and_boxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = []
    for number, group in enumerate(("felt", "ballpoint", "felt")):
        picture(tmp_path, number, f"{number}.png")
        boxes = [
            {"x": x, "y": y, "w": w, "h": h, "label": str(digit["digit"])}
            for digit in TRUTH[number]["digits"]
            for x, y, w, h in [digit["box"]]
        ]
        entries.append({"file": f"{number}.png", "lines": TRUTH[number]["lines"], "boxes": boxes, "subset": group})
    entries[1]["boxes"] = None
    entries[2] |= {"layout": "scattered", "id": "kept for other programs"}
    (tmp_path / "manifest.json").write_text(json.dumps(entries))
    first, second, third = load_labels(tmp_path)
    assert isinstance(first, LabelledPicture)
    assert first.truth.targets is not None
    assert first.truth.targets[0] == Target("4", Box(*TRUTH[0]["digits"][0]["box"]))
    assert isinstance(second, LabelledPicture)
    assert second.truth.targets is None
    assert isinstance(third, LabelledPicture)
    assert not third.truth.ordered
    assert score(tmp_path, tmp_path / "score.html") == 0
    rows = [line.split()[1:-1:2] for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row[:3] for row in rows[2:]] == [["ballpoint", "1", "10"], ["felt", "2", "20"], ["all", "3", "30"]]
    assert rows[2][3:] == ["-"] * 6 + ["100.00"] * 2


def test_an_empty_page_is_labelled_by_an_empty_file(tmp_path: Path) -> None:
    picture(tmp_path, 0, "page.png")
    (tmp_path / "page.txt").write_text("")
    (label,) = load_labels(tmp_path)
    assert isinstance(label, LabelledPicture)
    assert label.truth.lines == ()
    assert score(tmp_path, tmp_path / "score.html") == 0
    assert "no digits, 10 read" in (tmp_path / "score.html").read_text()


def test_what_cannot_be_used_is_told_and_the_rest_is_scored(
    teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(teacher, 2, "unlabelled.png")
    picture(teacher, 2, "letters.png")
    (teacher / "letters.txt").write_text("12\n1a2\n")
    picture(teacher, 2, "utf16.png")
    (teacher / "utf16.txt").write_text("123", encoding="utf-16")
    (teacher / "text.jpg").write_text("not a picture")
    (teacher / "text.txt").write_text("1")
    assert score(teacher, tmp_path / "score.html") == 1
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("digitlab: ")]
    assert sorted(line.removeprefix(f"digitlab: {teacher}/") for line in said) == [
        "letters.txt: line 2 is '1a2'; only digits can be read",
        "text.jpg: not a picture that Pillow can open",
        "unlabelled.png: no label; write its digits into unlabelled.txt, a line of paper a line",
        "utf16.txt: not UTF-8 text; save it as plain text",
    ]
    assert (tmp_path / "score.html").read_text().count("<article") == 2


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("manifest.json", "[{", "manifest.json: Input data was truncated"),
        ("manifest.json", '[{"file": "a.png"}]', "manifest.json: Object missing required field `lines`"),
        ("manifest.json", '[{"file": "a.png", "lines": ["1x"]}]',
         "manifest.json: $[0].lines: line 1 is '1x'; only digits can be read"),
        ("manifest.json", "[]", "no labelled pictures"),
        ("frames.json", '{"frames": [{"image": "a.png", "lines": [], "digits": [{"digit": 10, "box": [1, 2, 3, 4]}]}]}',
         "frames.json: Expected `int` <= 9"),
        ("notes.md", "", "no pictures in this folder; give one with"),
    ],
)  # fmt: skip
def test_labels_that_cannot_be_used_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, problem: str
) -> None:
    (tmp_path / name).write_text(content)
    assert score(tmp_path, tmp_path / "score.html") == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"digitlab: {tmp_path}")
    assert problem in said
    assert not (tmp_path / "score.html").exists()


@pytest.mark.parametrize(
    ("labels", "written"),
    [(LETTERS, "DE G\n"), (WORDS, "one   two four\n")],
)
def test_other_labels_are_scored_as_text(
    labels: list[str], written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Path(shutil.copy(TINY, tmp_path / "mine.tflite"))
    labels_path(model).write_text("\n".join(labels))
    card = replace(derive(model).card, contract=Contract(scale=255))
    card_path(model).write_bytes(card_json(card))
    monkeypatch.setenv("DIGITCAM_MODEL_PATH", str(model))
    monkeypatch.setenv("DIGITCAM_MODEL_MIN_CONFIDENCE", "0.6")  # so small a network is not very sure
    folder = tmp_path / "pages"
    folder.mkdir()
    crops, digits = shipped.read_digits()
    canvas = np.full((150, 300), 225, np.uint8)
    for column, digit in enumerate((1, 2, 4)):
        ink = cv2.resize(crops[50:300][digits[50:300] == digit][3], (66, 66))
        canvas[40:106, 30 + 80 * column :][:, :66] -= (ink * 0.7).astype(np.uint8)
    cv2.imwrite(str(folder / "page.png"), canvas)
    (folder / "page.txt").write_text(written)
    assert score(folder, tmp_path / "score.html") == 0
    told = capsys.readouterr()
    assert f"digitlab: {model}: has no class for what is none of the labels" in told.err
    assert "100.00 | 100.00 |" in told.out
    page = Page((tmp_path / "score.html").read_text())
    assert "all 3 read" in page.html
    assert f"{labels[1]}</text>" in page.html
    (folder / "page.txt").write_text("5\n")
    assert score(folder, tmp_path / "score.html") == 1
    assert "page.txt: line 1 is '5'; only the model's labels can be read" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no such folder; give one with labelled pictures"):
        load_labels(tmp_path / "nowhere")


def test_a_missing_picture_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manifest.json").write_text('[{"file": "a.png", "lines": ["1"]}]')
    assert score(tmp_path, tmp_path / "score.html") == 1
    assert "a.png: cannot read: No such file or directory" in capsys.readouterr().err


def test_a_model_or_configuration_that_is_not_there_is_told(
    teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(teacher, tmp_path / "score.html", "--model", str(tmp_path / "none.tflite")) == 1
    assert "none.tflite: cannot read" in capsys.readouterr().err
    assert score(teacher, tmp_path / "score.html", "--config", str(tmp_path / "none.toml")) == 1
    assert "none.toml: cannot read the configuration" in capsys.readouterr().err


def test_the_configuration_decides_what_is_rejected(
    teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "strict.toml"
    settings.write_text("[find]\nmin_height = 0.9\n")
    assert score(teacher, tmp_path / "new" / "score.html", "--config", str(settings)) == 0
    assert "|  0.00 |  0.00 |" in capsys.readouterr().out  # nothing is that high, so nothing is in order, or exact
    assert "too small" in (tmp_path / "new" / "score.html").read_text()
    assert score(teacher, tmp_path / "score.html") == 0
    assert "|  0.00 |  0.00 |" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "flag", [["--frames", "5"], ["--condition", "touching"], ["--seed", "0"], ["--processes", "1"]], ids="=".join
)
def test_what_is_about_rendered_frames_is_refused_for_a_folder(
    flag: list[str], teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        score(teacher, tmp_path / "score.html", *flag)
    assert f"{flag[0]} is about rendered frames" in capsys.readouterr().err
    assert not (tmp_path / "score.html").exists()


@pytest.mark.parametrize(
    "words", [["score"], ["score", "folder", "--rendered"], ["score", "--rendered", "--frames", "0"]]
)
def test_wrong_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "digitlab score" in capsys.readouterr().err
