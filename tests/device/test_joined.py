"""Digits in one piece are read, and letters are not taken for such."""

from importlib.resources import files

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from digitcam.blob import Blob
from digitcam.classify import DIGITS, Classifier, open_classifier
from digitcam.config import ModelConfig
from digitcam.joined import ASKED, LETTERS, TEXT, TRIED, cut_apart
from digitcam.reading import Box


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return open_classifier(ModelConfig(coral="off"))


def blob_of(ink: NDArray[np.uint8]) -> Blob:
    box = Box(*cv2.boundingRect((ink > 30).astype(np.uint8)))
    return Blob(box, ink[box.y : box.y + box.h, box.x : box.x + box.w], 255.0)


def in_a_row(text: str, height: int = 60) -> Blob:
    """Shipped crops of these digits, each so near to the last that their inks meet."""
    with np.load(str(files("digitcam") / "samples" / "digits.npz")) as saved:
        images, labels = saved["images"], saved["labels"]
    canvas = np.zeros((height + 20, 2 * height * len(text)), np.uint8)
    x = 10
    for number, character in enumerate(text):
        crop = images[np.flatnonzero(labels == int(character))[number]]
        cut = blob_of(crop).ink
        ink = np.asarray(cv2.resize(cut, (max(6, cut.shape[1] * height // len(cut)), height)), np.uint8)
        while number and not (canvas[10 : 10 + height, x : x + ink.shape[1]] & ink > 30).any():
            x -= 1
        place = canvas[10 : 10 + height, x : x + ink.shape[1]]
        np.maximum(place, ink, out=place)
        x += ink.shape[1] + 10
    return blob_of(canvas)


def letter(character: str) -> Blob:
    ink = np.zeros((140, 140), np.uint8)
    cv2.putText(ink, character, (20, 110), cv2.FONT_HERSHEY_SIMPLEX, 3, (255,), 8, cv2.LINE_AA)
    return blob_of(ink)


def read(blobs: list[Blob], classifier: Classifier, digits: list[Blob] | None = None) -> dict[int, str]:
    found = cut_apart(blobs, digits or [], classifier)
    return {i: "".join(map(str, part.probabilities[:, :DIGITS].argmax(axis=1))) for i, part in found.items()}


@pytest.mark.parametrize("text", ["20", "638", "5209", "8350264"])
def test_any_number_of_digits_is_read(classifier: Classifier, text: str) -> None:
    assert read([in_a_row(text)], classifier) == {0: text}


@pytest.mark.parametrize("degrees", [-7, 7])
def test_a_slanted_row_is_read(classifier: Classifier, degrees: int) -> None:
    ink = np.pad(in_a_row("520936").ink, 40)
    turn = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), degrees, 1)
    slanted = np.asarray(cv2.warpAffine(ink, turn, ink.shape[::-1]), np.uint8)
    assert read([blob_of(slanted)], classifier) == {0: "520936"}


def test_pieces_come_with_what_the_network_saw_and_said(classifier: Classifier) -> None:
    blob = in_a_row("63")
    (part,) = cut_apart([blob], [], classifier).values()
    assert len(part.blobs) == len(part.crops) == len(part.probabilities) == 2
    assert np.array_equal(classifier.classify(part.crops), part.probabilities)
    assert part.blobs[0].box.x == blob.box.x
    assert part.blobs[1].box.x + part.blobs[1].box.w == blob.box.x + blob.box.w


@pytest.mark.parametrize("character", list("mnHMNWPRAKX#"))
def test_letters_are_not_taken_for_digits(classifier: Classifier, character: str) -> None:
    assert read([letter(character)], classifier) == {}


def test_blobs_as_high_as_the_digits_are_tried_first(classifier: Classifier) -> None:
    larger = [letter("W")] * TRIED
    joined, digit = in_a_row("63", height=40), in_a_row("8", height=40)
    assert read([*larger, joined], classifier) == {}
    assert read([*larger, joined], classifier, [digit]) == {TRIED: "63"}


def test_a_page_of_text_is_left_alone(classifier: Classifier) -> None:
    joined, digit = in_a_row("63"), in_a_row("8")
    words = [letter("W")] * TEXT
    assert read([joined, *words[1:]], classifier, [digit]) == {0: "63"}
    assert read([joined, *words], classifier, [digit]) == {}
    assert read([joined, *words], classifier, [digit] * (TEXT // LETTERS + 1)) == {0: "63"}


def fence(posts: int) -> Blob:
    """Upright strokes, each joined to the next by a slant: 1s and 7s all the way."""
    ink = np.zeros((80, 18 * posts + 20), np.uint8)
    for left in range(10, 18 * posts, 18):
        cv2.line(ink, (left, 5), (left, 65), (255,), 3, cv2.LINE_AA)
        cv2.line(ink, (left, 65), (left + 18, 5), (255,), 2, cv2.LINE_AA)
    return blob_of(ink)


def test_a_frame_full_of_fences_takes_no_longer_than_a_few(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    classify = classifier.classify

    def counted(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.append(len(crops))
        return classify(crops)

    monkeypatch.setattr(classifier, "classify", counted)
    assert read([fence(24)], classifier) == {}
    alone = sum(asked)
    asked.clear()
    assert read([fence(24)] * TRIED, classifier) == {}
    assert ASKED < sum(asked) <= ASKED + alone < TRIED * alone
