"""The soak in short: the service is still there, and holds no more, after all that broke around it."""

import math

from tests.needs import need

from digitlab.soak import hour
from digitlab.soak.faults import FAULTS

OUTPUTS = ["record", "mqtt", "web"]


def test_nothing_that_breaks_ends_the_service_or_leaks() -> None:
    need("mosquitto")
    figures = hour.run(0.7, OUTPUTS, every_s=6)
    assert figures["exit"] == 0
    assert figures["recovered_s"].keys() == {fault.name for fault in FAULTS if fault.output in {*OUTPUTS, ""}}
    assert all(math.isfinite(fault["longest"]) for fault in figures["recovered_s"].values())
    assert figures["readings"] > 0
    # what an hour costs in memory and latency is measured by `make soak`: these seconds are start-up
    first, last = figures["threads"]
    assert last <= first
    first, last = figures["descriptors"]
    assert last <= first
