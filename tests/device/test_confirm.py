"""Which finds are digits depends on how sure they are, and on what stands beside them."""

import numpy as np
import pytest
from tests.device.stubs import found_at

from digitcam.recognition.layout import confirm
from digitcam.recognition.params import LEAST_SCORE, SURE_SCORE

SURE, DOUBTED, LITTLE = SURE_SCORE + 0.01, LEAST_SCORE + 0.01, LEAST_SCORE - 0.01
HERE, BESIDE, FAR = (100, 100, 130, 150), (150, 100, 180, 150), (900, 100, 930, 150)
LARGER, ON = (150, 60, 210, 190), (104, 102, 130, 152)


@pytest.mark.parametrize(
    ("boxes", "sure", "confirmed"),
    [
        pytest.param([HERE, FAR], [SURE, SURE], [True, True], id="both sure"),
        pytest.param([HERE, BESIDE], [SURE, DOUBTED], [True, True], id="beside one"),
        pytest.param([HERE, FAR], [SURE, DOUBTED], [True, False], id="far from any"),
        pytest.param([HERE, LARGER], [SURE, DOUBTED], [True, False], id="beside a smaller one"),
        pytest.param([HERE, ON], [SURE, DOUBTED], [True, False], id="on one"),
        pytest.param([HERE, BESIDE], [SURE, LITTLE], [True, False], id="too little even there"),
        pytest.param([HERE, BESIDE], [DOUBTED, DOUBTED], [False, False], id="beside one as doubtful"),
    ],
)
def test_what_is_less_sure_needs_a_digit_beside_it(
    boxes: list[tuple[int, int, int, int]], sure: list[float], confirmed: list[bool]
) -> None:
    assert confirm(found_at(boxes), np.array(sure, np.float32), is_alone=False).tolist() == confirmed


@pytest.mark.parametrize(("sure", "confirmed"), [(SURE, True), (DOUBTED, True), (LITTLE, False)])
def test_what_stands_alone_need_not_be_so_sure(sure: float, *, confirmed: bool) -> None:
    assert confirm(found_at([HERE]), np.array([sure], np.float32), is_alone=True).tolist() == [confirmed]
    # one that is left of several is not alone
    assert confirm(found_at([HERE]), np.array([sure], np.float32), is_alone=False).tolist() == [sure == SURE]


def test_of_nothing_nothing_is_a_digit() -> None:
    assert confirm(found_at([]), np.zeros(0, np.float32), is_alone=False).tolist() == []
