"""What one digit costs, in instructions of a Pi's processor: a figure that this machine's speed does not change."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.pi.user import Task

from pi.image import REPOSITORY
from pi.machine import Machine

BASELINE = REPOSITORY / "build" / "baseline" / "int8.tflite"
RUNS = 64  # the count repeats to 0.1 %
# Million instructions that the runtime alone was measured to take for the tutorial's network, by Debian and processor:
# tflite-runtime 2.14, and LiteRT 2.3, which knows the dot products of the newer one. What calls it comes on top.
RUNTIME = {
    ("bookworm", "cortex-a72"): 4.12,
    ("bookworm", "cortex-a76"): 4.13,
    ("trixie", "cortex-a72"): 3.86,
    ("trixie", "cortex-a76"): 1.25,
}
CALL = 0.5

COST = """
import json
from pathlib import Path
from digitcam import bench
from digitcam.config import shipped_model
print(json.dumps(bench.cost(Path(shipped_model()), Path("baseline.tflite"), {runs})))
"""


@pytest.fixture(params=["cortex-a72", "cortex-a76"])
def counting(pi: Machine, deployed: Task, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """The same Pi as a Pi 4 or 5, whose clock counts instructions, one nanosecond each."""
    assert deployed.status == 0
    usual = pi.hardware
    pi.stop()
    pi.hardware = replace(usual, cpu=request.param, counting=True)
    pi.start()
    # there is one core, and its clock runs on while another program has it
    pi.ssh("sudo systemctl stop digitcam")
    yield pi
    pi.stop()
    pi.hardware = usual
    pi.start()


@pytest.mark.skipif(not BASELINE.exists(), reason="needs the tutorial's network: make baseline")
def test_a_digit_costs_no_more_than_the_tutorials(counting: Machine, release: str) -> None:
    counting.copy(BASELINE, "baseline.tflite")
    python = "PYTHONPATH=/opt/digitcam/current/code /opt/digitcam/current/environment/bin/python -"
    told = json.loads(counting.ssh(python, stdin=COST.format(runs=RUNS).encode()).stdout)
    print(f"\n{release}, {counting.hardware.cpu}, million instructions a digit: {told}")
    known = RUNTIME[release, counting.hardware.cpu]
    assert known < told["compared_ms"] < known + CALL
    assert told["ratio"] <= 1
