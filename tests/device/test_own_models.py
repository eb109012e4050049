"""Models of one's own: without a card, with labels of their own, of another size, in colour."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.model.card import load_card
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.shipped import SAMPLES

Command = Callable[..., subprocess.CompletedProcess[str]]

LETTERS = "CDEFGHJKLM"  # what stands for the digits 0 to 9


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page that says 41907 and 8365, in shipped digits of which all those models know the kind."""
    crops, labels = shipped.read_digits()
    canvas = np.full((300, 420), 225, np.uint8)
    for line, text in enumerate(("41907", "8365")):
        for column, digit in enumerate(text):
            write(canvas, crops[50:300][labels[50:300] == int(digit)][0], (40 + 70 * column, 50 + 110 * line))
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), canvas)
    return path


def write(canvas: NDArray[np.uint8], crop: NDArray[np.uint8], place: tuple[int, int]) -> None:
    x, y = place
    ink = cv2.resize(crop, (66, 66), interpolation=cv2.INTER_CUBIC).astype(float) / 255
    part = canvas[y : y + 66, x : x + 66]
    part[:] = part - np.clip(ink, 0, 1) * (part - 40.0)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines on stderr, but for what LiteRT says whatever happens."""
    return [line for line in done.stderr.splitlines() if not line.startswith("INFO:")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("zero-to-255", "shown 0 to 255, bright ink on black, it reads 4"),
        ("sigmoid", "shown 0 to 1, bright ink on black, independent answers, it reads 4"),
        ("inverted-colour-32", "shown 0 to 1, dark ink on white, digits 62 % of its side, it reads 4"),
    ],
)
def test_a_model_without_a_card_is_tried_and_says_how_it_is_read(
    name: str, shown: str, page: Path, bare: Callable[..., Path], digitcam: Command
) -> None:
    model = bare(name)
    done = digitcam("read", "--min-confidence", "0.3", "--model", model, page)
    assert done.returncode == 0, done
    tried, warned = said(done)
    assert tried.startswith(f"digitcam: {model}: has no card; {shown}")
    assert tried.endswith(f"; `digitcam card {model}` keeps that")
    assert warned.startswith(f"digitcam: {model}: has no class for what is no digit, so brackets, letters and smudges")
    assert done.stdout.startswith("41907\n8365\n")


def test_its_card_is_written_on_the_device(bare: Callable[..., Path], digitcam: Command) -> None:
    model = bare("inverted-colour-32")
    done = digitcam("card", model)
    assert done.returncode == 0, done
    assert f"wrote {model.with_suffix('.json')}; read with `digitcam read --model {model} IMAGE`" in done.stdout
    card = load_card(model)
    assert card.input.shape == (1, 32, 32, 3)
    assert (card.contract.inverted, card.contract.box) == (True, 20 / 32)
    (warned,) = said(digitcam("read", "--model", model, SAMPLES / "frame-0.png"))
    assert "has no class" in warned


def test_a_card_that_is_written_again_keeps_what_was_known(bare: Callable[..., Path], digitcam: Command) -> None:
    model = bare("zero-to-255", *"OIZabScdBe")
    assert digitcam("card", model).returncode == 0
    path = model.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"about": {"by": "me"}}))
    model.with_suffix(".txt").unlink()
    assert digitcam("card", model).returncode == 0
    card = load_card(model)
    assert "".join(card.labels) == "OIZabScdBe"
    assert card.about == {"by": "me"}
    path.write_text("damaged")
    assert "gives 10 answers" not in digitcam("card", model).stderr
    assert load_card(model).labels == ()


def test_a_model_that_reads_in_no_usual_way_is_refused(bare: Callable[..., Path], refused: Callable[..., str]) -> None:
    model = bare("fits")
    line = refused("read", "--model", model, SAMPLES / "frame-0.png")
    assert f"{model}: has no card, and reads in none of the usual ways: shown " in line
    assert f"`digitcam card {model}` writes one to be set right" in line
    assert f"{model.with_suffix('.json')}: written, but in none of the usual ways" in refused("card", model)


def test_what_is_no_model_gets_no_card(bare: Callable[..., Path], refused: Callable[..., str]) -> None:
    model = bare("fits")
    model.write_bytes(b"hello" * 100)
    assert f"{model}: " in refused("card", model)
    assert "cannot read: No such file" in refused("card", model.with_name("none.tflite"))
    assert not model.with_suffix(".json").exists()


def test_letters_are_read_as_text(page: Path, bare: Callable[..., Path], digitcam: Command) -> None:
    model = bare("zero-to-255", *LETTERS)
    card = digitcam("card", model)
    assert "it is shown 0 to 1, bright ink on black, untried, since what is shipped shows none" in card.stdout
    set_contract(model, scale=255)
    done = digitcam("read", "--json", "--classes", "--model", model, page)
    assert done.returncode == 0, done
    reading = json.loads(done.stdout)
    assert reading["text"] == "GDMCK\nLFJH"
    assert [place["label"] for place in reading["digits"]] == list("GDMCKLFJH")
    assert all("digit" not in place and len(place["probabilities"]) == 10 for place in reading["digits"])
    shown = digitcam("read", "--classes", "--model", model, page).stdout
    assert shown.startswith("GDMCK\nLFJH\n  G  ")
    assert "C: " in shown
    assert "M: " in shown


def set_contract(model: Path, **contract: object) -> None:
    path = model.with_suffix(".json")
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"contract": card["contract"] | contract}))


def test_letters_that_look_like_digits_tell_how_a_model_is_shown(bare: Callable[..., Path], digitcam: Command) -> None:
    done = digitcam("card", bare("zero-to-255", *"OIZabScdBe"))
    assert "shown 0 to 255, bright ink on black, it takes digits for the letters that look like them" in done.stdout


def test_letters_that_a_model_tells_from_digits_tell_nothing(bare: Callable[..., Path], digitcam: Command) -> None:
    done = digitcam("card", bare("zero-to-255", *"acdOeIfZgh"))  # it takes a 3 for an O, and no 0
    assert "it is shown 0 to 1, bright ink on black, untried" in done.stdout


def test_labels_of_several_characters_stand_apart(page: Path, bare: Callable[..., Path], digitcam: Command) -> None:
    model = bare("zero-to-255", *(f"s{digit}" for digit in range(9)), "nine")
    assert digitcam("card", model).returncode == 0
    set_contract(model, scale=255)
    done = digitcam("read", "--json", "--model", model, page)
    assert json.loads(done.stdout)["text"] == "s4 s1 nine s0 s7\ns8 s3 s6 s5"


def test_the_class_none_is_a_rejection_wherever_it_stands(
    page: Path, bare: Callable[..., Path], digitcam: Command
) -> None:
    model = bare("zero-to-255", "none", *"123456789")  # an 0 is none
    assert digitcam("card", model).returncode == 0
    done = digitcam("read", "--json", "--model", model, page)
    assert said(done) == []
    reading = json.loads(done.stdout)
    assert reading["text"] == "4197\n8365"
    assert [place["digit"] for place in reading["digits"]] == [4, 1, 9, 7, 8, 3, 6, 5]
    # the finder, which sees one there, is weighed against the model
    assert [reject["reason"] for reject in reading["rejected"]] in (["no digit"], ["not sure enough"])


def test_digits_in_another_order_are_digits(page: Path, bare: Callable[..., Path], digitcam: Command) -> None:
    model = bare("zero-to-255", *"1234567890")
    assert digitcam("card", model).returncode == 1  # it reads a 0 as a 1
    set_contract(model, scale=255)
    reading = json.loads(digitcam("read", "--json", "--model", model, page).stdout)
    assert reading["text"] == "52018\n9476"
    assert reading["digits"][0]["digit"] == 5


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["A", "B"], "gives 10 answers, and its labels are 2; write a label for each"),
        (["A"] * 10, "fits.txt: label 2 is 'A' again; each stands once"),
        (
            ["two words", *"BCDEFGHIJ"],
            "fits.txt: label 1 is 'two words'; a label is 1 to 32 characters without a space",
        ),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    labels: list[str], words: str, bare: Callable[..., Path], refused: Callable[..., str]
) -> None:
    assert words in refused("read", "--model", bare("fits", *labels), SAMPLES / "frame-0.png")


def test_letters_are_drawn_and_written_by_name(
    tmp_path: Path, page: Path, bare: Callable[..., Path], digitcam: Command
) -> None:
    model = bare("zero-to-255", *"あいうえおかきくけこ")
    assert digitcam("card", model).returncode == 0
    set_contract(model, scale=255)
    done = digitcam("read", "--model", model, "--annotate", tmp_path / "out.png", page)
    assert done.returncode == 0, done
    assert done.stdout.startswith("おいこあく\nけえきか\n")
    assert (tmp_path / "out.png").stat().st_size > 1000


def test_check_tells_what_is_worth_knowing_of_it(bare: Callable[..., Path], digitcam: Command) -> None:
    model = bare("zero-to-255")
    done = digitcam("check", "--json", "--source", "demo", "--model", model)
    (check,) = (check for check in json.loads(done.stdout)["checks"] if check["name"] == "model")
    assert (done.returncode, check["state"]) == (0, "note")
    assert "no card, first run" in check["found"]
    assert f"{model}: has no card; shown 0 to 255" in check["advice"]
    assert "has no class for what is no digit" in check["advice"]


def test_the_service_reads_letters_and_says_what_is_worth_knowing(
    page: Path, bare: Callable[..., Path], digitcam: Command
) -> None:
    model = bare("zero-to-255", *LETTERS)
    assert digitcam("card", model).returncode == 0
    set_contract(model, scale=255)
    done = digitcam("run", "--json", "--source", page, "--model", model)
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["text"] == "GDMCK\nLFJH"
    assert "finder: not asked: labels other than digits are found by their ink" in done.stderr
    assert "model: zero-to-255.tflite, " in done.stderr
    assert "has no class for what is none of the labels" in done.stderr
