"""Steps are carried out anew when their parameters, inputs or source change, and say why."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.host.conftest import AMOUNTS, TRAINING

from digitlab import steps
from digitlab.steps import Step, StepError, require
from digitlab.steps.source import digest_sources

if TYPE_CHECKING:
    from tests.host.conftest import Drawn

REPOSITORY = Path(__file__).parents[2]


def step(folder: Path, inputs: dict[Path, str] | None = None, **parameters: object) -> Step:
    """Whose output is what it is told to write."""
    return Step(
        "digitlab.data.augment",
        (folder / "out.txt",),
        parameters,
        inputs or {},
        leftovers=(folder / "begun.txt",),
    )


def carry_out(one: Step, text: str = "made", **flags: bool) -> str:
    """Carry it out; what its output then holds."""

    def make() -> None:
        one.output.write_text(text)

    steps.carry_out(one, make, **flags)
    return one.output.read_text()


def test_what_is_there_and_the_same_is_not_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out(step(tmp_path, count=1), "first") == "first"
    assert carry_out(step(tmp_path, count=1), "second") == "first"
    assert capsys.readouterr().out.endswith("out.txt: up to date\n")


def test_other_parameters_make_it_anew_unless_it_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(step(tmp_path, count=1), "first")
    assert carry_out(step(tmp_path, count=2), "second", keep=True) == "first"
    assert "out.txt: kept, though count was 1, is 2" in capsys.readouterr().out
    assert carry_out(step(tmp_path, count=2), "second") == "second"
    assert "out.txt: made anew: count was 1, is 2" in capsys.readouterr().out
    assert carry_out(step(tmp_path, count=2), "third", restart=True) == "third"


def test_an_output_that_was_changed_or_deleted_is_made_again(tmp_path: Path) -> None:
    one = step(tmp_path)
    carry_out(one)
    one.output.write_text("changed by hand")
    assert carry_out(one, "again") == "again"
    one.output.unlink()
    assert carry_out(one, "once more") == "once more"


def test_what_nobody_noted_the_making_of_is_made_anew_unless_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("found")
    assert carry_out(step(tmp_path), keep=True) == "found"
    with pytest.raises(StepError, match=r"out.txt: out of date: nobody noted how it was made; run `digitlab draw`"):
        require({tmp_path / "out.txt": "digitlab draw"})
    assert carry_out(step(tmp_path)) == "made"


def test_a_run_that_made_nothing_leaves_nothing_to_keep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise StepError("too few")

    with pytest.raises(StepError):
        steps.carry_out(step(tmp_path, count=2), fail)
    assert carry_out(step(tmp_path, count=1), "made", keep=True) == "made"
    assert capsys.readouterr().out == ""
    require({tmp_path / "out.txt": "digitlab make"})


def test_an_unfinished_run_goes_on_and_is_not_lost(tmp_path: Path) -> None:
    def stop() -> None:
        (tmp_path / "begun.txt").write_text("an hour's work")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.carry_out(step(tmp_path, count=1), stop)
    with pytest.raises(StepError, match=r"not finished, and begun otherwise: count was 1, is 2; .*--restart.*--keep"):
        carry_out(step(tmp_path, count=2))
    assert (tmp_path / "begun.txt").read_text() == "an hour's work"
    assert carry_out(step(tmp_path, count=1)) == "made"
    assert (tmp_path / "begun.txt").exists()
    carry_out(step(tmp_path, count=2), "otherwise")
    assert not (tmp_path / "begun.txt").exists()


def test_an_input_that_is_missing_unfinished_or_out_of_date_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    first, second = step(tmp_path / "a"), step(tmp_path / "b", {tmp_path / "a" / "out.txt": "digitlab draw"})
    third = step(tmp_path / "c", {second.output: "digitlab draw"})
    with pytest.raises(StepError, match=r"a/out.txt: missing; run `digitlab draw` first"):
        carry_out(second)
    carry_out(first)
    carry_out(second)
    carry_out(third)
    carry_out(first, "otherwise", restart=True)
    said = r"b/out.txt: out of date: out.txt has changed; run `digitlab draw`, or go on with what is there: --keep"
    with pytest.raises(StepError, match=said):
        carry_out(third)
    assert carry_out(third, "again", keep=True) == "made"  # it is up to date itself: `b` is as it was
    assert "b/out.txt: used, though out.txt has changed" in capsys.readouterr().out
    (tmp_path / "c" / "out.txt").unlink()
    assert carry_out(third, "again", keep=True) == "again"
    # which stays out of date
    with pytest.raises(StepError, match=r"c/out.txt: out of date: out.txt is out of date \(out.txt has changed\)"):
        require({third.output: "digitlab draw"})


def test_source_is_found_by_what_is_imported() -> None:
    finding = {"digitcam.recognition.finder", "digitcam.recognition.normalize", "digitcam.recognition.crop"}
    assert finding < set(digest_sources("digitlab.crops.cut"))
    rendering = {"digitlab.render.surfaces", "digitlab.scenes.writing", "digitlab.scenes.glyphs"}
    assert rendering < set(digest_sources("digitlab.scenes.fill"))
    learning = set(digest_sources("digitlab.training.student"))
    assert {"digitlab.data.augment", "digitlab.training.loop"} < learning
    assert not learning & (finding - {"digitcam.recognition.normalize"} | rendering)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the source, to be changed."""
    for part in ("device", "host"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
        shutil.copytree(REPOSITORY / part, tmp_path / "checkout" / part, ignore=ignored)
    shutil.copytree(REPOSITORY / "models", tmp_path / "checkout" / "models")
    return tmp_path / "checkout"


def test_a_change_in_finding_makes_crops_anew_and_no_training_goes_on_with_the_old_ones(
    drawn: "Drawn", scenes: Path, checkout: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "crops"

    def digitlab(*words: str | Path) -> subprocess.CompletedProcess[str]:
        environ = {**drawn.environ, "PYTHONPATH": os.pathsep.join(str(checkout / part) for part in ("device", "host"))}
        command = [sys.executable, *drawn.command(*words)[1:]]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    making = ("crops", *AMOUNTS, "--pool", scenes, "--crops", kept)
    teaching = ("teach", "--by", checkout / "models" / "digits.tflite", "--crops", kept)
    training = ("train", *TRAINING, "--crops", kept, "--out", tmp_path / "train")
    # the scenes were drawn by the same source, and with the same finder
    for words in (making, teaching):
        done = digitlab(*words)
        assert done.returncode == 0, done.stderr
    assert digitlab(*making).stdout.count("up to date") == 4

    changed = checkout / "device" / "digitcam" / "recognition" / "crop.py"
    source = changed.read_text(encoding="utf-8")
    changed.write_text(f"# a remark changes nothing\n{source}", encoding="utf-8")
    assert digitlab(*making).stdout.count("up to date") == 4
    changed.write_text(f"{source}\nNEW = 1\n", encoding="utf-8")
    refused = digitlab(*training)
    assert refused.returncode == 1
    assert refused.stderr.endswith(
        f"digitlab: {kept}/scenes.npz: out of date: digitcam.recognition.crop has changed; "
        f"run `digitlab crops --crops {kept}`, or go on with what is there: --keep\n"
    )
    made = digitlab(*making).stdout
    assert made.count("up to date") == 2  # MNIST varied, and digits drawn, are not cut by the finder
    assert made.count("made anew: digitcam.recognition.crop has changed") == 2
