"""Measured on the machine."""

from pathlib import Path

import pytest
from tests.deploy.played import Deploy

from digitlab.deploy.onpi import service
from digitlab.deploy.onpi.bench import bench
from digitlab.deploy.onpi.errors import DeploymentError
from digitlab.deploy.onpi.layout import UNIT, Layout


def measures(layout: Layout, answer: str) -> None:
    """Have the current release's benchmark do that."""
    launcher = layout.current / "bin/digitcam"
    launcher.chmod(0o755)
    launcher.write_text(f"#!/bin/sh\n{answer}\n")


def test_a_benchmark_ends_when_the_service_reads_again(
    layout: Layout, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    measures(layout, "echo '{\"ms\": 1}'")
    (tmp_path / "calls").unlink()
    capsys.readouterr()
    bench(layout, 5)
    assert capsys.readouterr().out == '{"ms": 1}\n'
    calls = (tmp_path / "calls").read_text().splitlines()
    started = calls.index(f"--no-block restart {UNIT}")
    assert calls.index(f"stop {UNIT}") < started
    # it was asked how it is after it was started, and was well
    assert any(call.startswith("show") for call in calls[started:])
    assert service.state(layout).well


def test_a_service_that_is_not_well_after_a_benchmark_is_told(
    layout: Layout, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("one")
    measures(layout, f"echo slow > {layout.current / UNIT}; echo '{{}}'")
    with pytest.raises(DeploymentError, match=r"measured, but the service was not ready \(activating\) within 0 s"):
        bench(layout, 0.3)
    assert capsys.readouterr().out.endswith("{}\n")


def test_a_benchmark_that_fails_leaves_the_service_running(layout: Layout, deploy: Deploy) -> None:
    deploy("one")
    measures(layout, "echo digitcam: no shipped sample >&2; exit 1")
    with pytest.raises(DeploymentError, match="no shipped sample"):
        bench(layout, 5)
    assert service.state(layout).well


def test_a_service_that_stood_still_before_a_benchmark_stays_so(layout: Layout, deploy: Deploy, tmp_path: Path) -> None:
    deploy("one")
    (tmp_path / "starts").unlink()
    measures(layout, "echo '{}'")
    bench(layout, 5)
    assert service.state(layout).active == "inactive"
