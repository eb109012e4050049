"""A model is taken only with the card that describes it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from digitcam.model.card import load_card


def test_a_missing_model_is_refused(shipped: Path, refused: Callable[..., str]) -> None:
    shipped.unlink()
    line = refused("read", "--model", shipped, "any.png")
    assert f"{shipped}: cannot read: No such file" in line
    assert "make train" in line


def test_a_finder_without_its_card_is_refused(finder_file: Path, refused: Callable[..., str]) -> None:
    card = finder_file.with_suffix(".json")
    card.unlink()
    line = refused("read", "any.png", env={**os.environ, "DIGITCAM_MODEL_FINDER": str(finder_file)})
    assert f"{card}: cannot read: No such file" in line


@pytest.mark.parametrize("length", [0, 10, 50_000])
def test_a_truncated_model_is_refused(length: int, shipped: Path, refused: Callable[..., str]) -> None:
    shipped.write_bytes(shipped.read_bytes()[:length])
    line = refused("read", "--model", shipped, "any.png")
    assert f"{shipped}: SHA-256 is " in line
    assert "damaged" in line


@pytest.mark.parametrize(
    "contract", [{"scal": 2}, {"scale": 0}, {"scale": 1e300}, {"offset": "x"}, {"answers": "loud"}, {"inverted": 1}]
)
def test_a_contract_that_says_nonsense_is_refused(
    contract: dict[str, object], shipped: Path, refused: Callable[..., str]
) -> None:
    card = shipped.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | {"contract": contract}))
    line = refused("read", "--model", shipped, "any.png")
    assert f"{card}: not a model card" in line
    assert f"`$.contract{'' if 'scal' in contract else '.' + next(iter(contract))}`" in line


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sha256": "00"}', '{"sha256": 3}'])
def test_a_damaged_card_is_refused(text: str, shipped: Path, refused: Callable[..., str]) -> None:
    card = shipped.with_suffix(".json")
    card.write_text(text)
    line = refused("read", "--model", shipped, "any.png")
    assert f"{card}: not a model card" in line
    assert "digitcam card" in line


def test_a_card_of_another_quantization_is_refused(shipped: Path, refused: Callable[..., str]) -> None:
    card = shipped.with_suffix(".json")
    assert card.read_text().count("-128") >= 2
    card.write_text(card.read_text().replace("-128", "-127"))
    line = refused("read", "--model", shipped, "any.png")
    assert str(shipped) in line
    assert "its card says" in line


@pytest.mark.parametrize("folder", [".", "/", "..", "/tmp"])  # noqa: S108  # any folder
def test_a_folder_is_no_model(folder: str, refused: Callable[..., str]) -> None:
    assert f"{folder}: cannot read: Is a directory" in refused("read", "--model", folder, "any.png")
    assert f"{folder}: cannot read: Is a directory" in refused(
        "read", "any.png", env={**os.environ, "DIGITCAM_MODEL_FINDER": folder}
    )


def test_check_tells_of_a_folder_for_a_model(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "digitcam", "check", "--json", "--model", ".", "--source", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert "cannot read: Is a directory" in checks["model"]["advice"]
    assert "Traceback" not in done.stderr


def test_a_card_may_begin_with_a_byte_order_mark(shipped: Path) -> None:
    card = shipped.with_suffix(".json")
    card.write_bytes(b"\xef\xbb\xbf" + card.read_bytes())
    assert load_card(shipped).sha256
