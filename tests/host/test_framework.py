"""JAX trains where it can use a GPU; where it is not installed, that is said."""

import importlib.util
import os
from pathlib import Path

import pytest

from digitcam.errors import DigitcamError
from digitlab.training import framework
from digitlab.training.framework import CUDA, JAX, TENSORFLOW


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let only these modules be found."""
    monkeypatch.setattr(framework, "find_spec", lambda name: importlib.util.find_spec("os") if name in names else None)


@pytest.mark.parametrize(
    ("gpu", "installed", "best"),
    [
        (True, ("jax", CUDA[0]), JAX),
        (True, ("jax", CUDA[1]), JAX),
        pytest.param(True, ("jax",), TENSORFLOW, id="JAX that leaves the GPU alone"),
        pytest.param(False, ("jax", CUDA[0]), TENSORFLOW, id="no GPU"),
        pytest.param(True, (), TENSORFLOW, id="no JAX"),
    ],
)
def test_jax_is_for_machines_whose_gpu_it_can_use(
    installed: tuple[str, ...], best: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, gpu: bool
) -> None:
    monkeypatch.setattr(framework, "GPU", tmp_path / ("." if gpu else "nvidia0"))
    install(monkeypatch, *installed)
    assert framework.best_framework() == best


def test_jax_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", TENSORFLOW)
    install(monkeypatch)
    with pytest.raises(DigitcamError, match=r'framework is jax, which is not installed: pip install "./host\[gpu\]"'):
        framework.load(JAX)
    assert os.environ["KERAS_BACKEND"] == TENSORFLOW
    install(monkeypatch, "jax")
    framework.load(JAX)
    assert os.environ["KERAS_BACKEND"] == JAX
