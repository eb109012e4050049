"""What reading costs, in instructions of a Pi's processor: figures that this machine's speed does not change."""

from statistics import median
from typing import Any

import pytest

from pi.bench import BASELINE, DRAWN, PHOTOGRAPH, SHIPPED, TARGETS, Target, measure, named

# Million instructions that most frames of ten digits may take, by Debian, which decides the runtime, and processor.
LIMITS = {("bookworm", "cortex-a72"): 80, ("trixie", "cortex-a72"): 65, ("trixie", "cortex-a76"): 40}
HOSTILE, LARGE = 2, 5  # times as much, for what is drawn to be expensive, and for 12 megapixels
# What the runtime alone was measured to take for the tutorial's network: tflite-runtime 2.14, and LiteRT 2.3, which
# knows the dot products of the newer processor. What calls it comes on top.
RUNTIME = {("bookworm", "cortex-a72"): 4.12, ("trixie", "cortex-a72"): 3.86, ("trixie", "cortex-a76"): 1.25}
CALL = 0.5

pytestmark = pytest.mark.skipif(not BASELINE.exists(), reason="needs the tutorial's network: make baseline")


@pytest.fixture(scope="module", params=["cortex-a72", "cortex-a76"])
def target(release: str, request: pytest.FixtureRequest) -> Target:
    wanted = Target(release, request.param)
    if wanted not in TARGETS:
        pytest.skip(f"the runtime of {release} takes as many instructions on a {request.param}")
    return wanted


@pytest.fixture(scope="module")
def board(target: Target) -> dict[str, Any]:
    return measure(target)


@pytest.fixture
def limit(target: Target) -> int:
    return LIMITS[target.release, target.cpu]


def test_a_frame_of_ten_digits(board: dict[str, Any], limit: int) -> None:
    frames = named(board, SHIPPED)
    assert {frame["digits"] for frame in frames.values()} == {10}
    # some look like more until they are told apart, by two million instructions
    assert median(frame["whole"] for frame in frames.values()) <= limit


def test_what_is_drawn_to_be_expensive(board: dict[str, Any], limit: int) -> None:
    assert _dearer(named(board, DRAWN), HOSTILE * limit) == {}


def test_twelve_megapixels(board: dict[str, Any], limit: int) -> None:
    assert _dearer(named(board, PHOTOGRAPH), LARGE * limit) == {}


def test_a_digit_costs_no_more_than_the_tutorials(board: dict[str, Any], target: Target) -> None:
    known = RUNTIME[target.release, target.cpu]
    assert known < board["digit"]["recipe"] < known + CALL
    assert board["digit"]["whole"] <= board["digit"]["recipe"]


def _dearer(pages: dict[str, dict[str, Any]], limit: float) -> dict[str, float]:
    assert pages
    return {name: page["whole"] for name, page in pages.items() if page["whole"] > limit}
