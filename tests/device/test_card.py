"""A model is taken only with the card that describes it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize("missing", [".tflite", ".json"])
def test_a_missing_model_or_card_is_refused(missing: str, shipped: Path, refused: Callable[..., str]) -> None:
    gone = shipped.with_suffix(missing)
    gone.unlink()
    line = refused("read", "--model", shipped, "any.png")
    assert f"{gone}: cannot read: No such file" in line
    assert "make train" in line


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
    assert "digitlab card" in line


def test_a_card_of_another_quantization_is_refused(shipped: Path, refused: Callable[..., str]) -> None:
    card = shipped.with_suffix(".json")
    assert card.read_text().count("-128") >= 2
    card.write_text(card.read_text().replace("-128", "-127"))
    line = refused("read", "--model", shipped, "any.png")
    assert str(shipped) in line
    assert "its card says" in line
