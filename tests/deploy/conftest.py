"""A release small enough to be made in a moment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.deploy.boards import board, digest, wheel

from digitlab.deploy.packing import release
from digitlab.deploy.packing.release import Release
from digitlab.deploy.packing.wheels import Wheels


@pytest.fixture
def wheels(tmp_path: Path) -> Wheels:
    """A resolved environment."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    made = [wheel(folder, "spam"), wheel(folder, "eggs")]
    return Wheels(folder, {path.name: digest(path) for path in made}, wheel(folder, "pip").name)


@pytest.fixture
def pack(tmp_path: Path, wheels: Wheels) -> Callable[..., Release]:
    """Packs this checkout for a board."""
    return lambda on=None, **more: release.pack(on or board(), wheels, build=tmp_path / "build", **more)
