import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.deploy.boards import BOOKWORM, board, digest

from digitcam.errors import ModelError
from digitlab.deploy.onpi.manifest import Manifest
from digitlab.deploy.packing import release
from digitlab.deploy.packing.program import program
from digitlab.deploy.packing.release import Release
from digitlab.deploy.packing.wheels import Wheels

Pack = Callable[..., Release]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The shipped model under another name, whose card says something else, which is another model to a release."""
    path = tmp_path / "mine.tflite"
    shutil.copy("models/digits.tflite", path)
    card = json.loads(Path("models/digits.json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | {"note": "mine"}))
    return path


def test_the_same_content_is_the_same_release(pack: Pack) -> None:
    first, second = pack(), pack()
    assert first.manifest == second.manifest
    assert digest(first.folder / first.manifest.content.name) == first.manifest.content.sha256


def test_it_holds_all_that_the_service_needs(pack: Pack) -> None:
    made = pack()
    with ZipFile(made.folder / made.manifest.content.name) as archive:
        names = set(archive.namelist())
        unit = archive.read("digitcam.service").decode()
    assert {
        "bin/digitcam",
        "digitcam.service",
        "code/digitcam/cli/main.py",
        "code/digitcam/models/digits.tflite",
    } <= names
    assert {"code/digitcam/models/digits.json", "code/digitcam/samples/frames.json"} <= names
    assert not [name for name in names if "__pycache__" in name]
    assert "ExecStart=/opt/digitcam/current/bin/digitcam run" in unit


def test_the_manifest_reads_as_it_was_written(pack: Pack) -> None:
    made = pack()
    assert Manifest.read(made.folder) == made.manifest


def test_another_model_is_another_release_in_the_same_environment(pack: Pack, model: Path) -> None:
    shipped, mine = pack().manifest, pack(model=model).manifest
    assert mine.release != shipped.release
    assert mine.environment == shipped.environment


def test_other_wheels_or_another_python_are_another_environment(pack: Pack, wheels: Wheels, tmp_path: Path) -> None:
    fewer = Wheels(wheels.folder, dict(list(wheels.sha256.items())[:1]), wheels.pip)
    packed = [pack(), release.pack(board(), fewer, build=tmp_path), pack(board(**BOOKWORM))]
    assert len({each.manifest.environment for each in packed}) == 3
    assert len({each.manifest.release for each in packed}) == 3


def test_a_compiled_model_goes_with_its_model(pack: Pack, model: Path) -> None:
    (model.parent / "mine_edgetpu.tflite").write_bytes(b"compiled")
    made = pack(model=model)
    with ZipFile(made.folder / made.manifest.content.name) as archive:
        assert archive.read("code/digitcam/models/digits_edgetpu.tflite") == b"compiled"


def test_a_damaged_model_is_refused_before_any_machine_is_asked(pack: Pack, model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(ModelError, match="damaged or was replaced"):
        pack(model=model)


def test_a_model_without_a_card_is_refused(pack: Pack, model: Path) -> None:
    model.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match="cannot read"):
        pack(model=model)


def test_the_program_for_the_machine_runs_there_without_anything_else(tmp_path: Path) -> None:
    packed = program(tmp_path)
    # -I and -S: nothing that is installed here helps it
    done = subprocess.run([sys.executable, "-I", "-S", packed, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "{install,rollback,bench,remove}" in done.stdout
    assert digest(program(tmp_path)) == digest(packed)
