"""`digitcam check` says of each output that is switched on whether it can work."""

from pathlib import Path

import pytest
from tests.device.users import as_a_user

from digitcam.config import Config, configure
from digitcam.diagnostics import check_output as module
from digitcam.diagnostics import output_overhead
from digitcam.diagnostics.check_output import check_output
from digitcam.errors import ConfigError, OutputError
from digitcam.outputs.record import RecordConfig


def test_a_folder_that_takes_frames_is_fine(tmp_path: Path) -> None:
    found = check_output("record", configure(record=RecordConfig(folder=str(tmp_path / "kept"), min_free_mb=0)))
    assert found.state == "ok"
    assert "can be written to" in found.found


def test_a_disk_that_is_too_full_already_is_a_fault(tmp_path: Path) -> None:
    config = configure(record=RecordConfig(folder=str(tmp_path), min_free_mb=1_000_000))
    with pytest.raises(OutputError, match=r"MB free, record\.min_free_mb is 1000000"):
        check_output("record", config)


def test_a_password_that_others_may_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("secret")
    path.chmod(0o644)
    (note,) = module.check_passwords("web", {"password_file": str(path)})
    assert note == f"every user can read {path}: chmod 600 it"
    path.chmod(0o600)
    assert list(module.check_passwords("web", {"password_file": str(path), "port": 8000})) == []
    with pytest.raises(ConfigError, match=r"mqtt\.password_file: "):
        list(module.check_passwords("mqtt", {"password_file": str(tmp_path / "missing")}))


def test_a_password_that_the_page_makes_at_its_start_may_be_missing(tmp_path: Path) -> None:
    assert list(module.check_passwords("web", {"password_file": str(tmp_path / "missing")}, made=True)) == []
    with pytest.raises(ConfigError, match=r"web\.password_file: "):
        list(module.check_passwords("web", {"password_file": "credential"}))


def test_a_password_that_is_not_for_this_user_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.touch(0)
    with as_a_user():
        (note,) = module.check_passwords("web", {"password_file": str(path)})
    assert note == f"{path}: only root and the service may read it, as it should be; `sudo digitcam check` does"


def test_what_outputs_cost_is_measured_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_overhead, "BLOCK", 4)
    result = output_overhead.run(configure(record=RecordConfig(folder=str(tmp_path), min_free_mb=0)), 8)
    assert (result["outputs"], result["frames"]) == (["record"], 8)
    assert result["ratio"] == pytest.approx(result["ms"]["with"] / result["ms"]["without"], abs=0.01)
    assert output_overhead.table(result).startswith("8 frames without outputs: ")


def test_without_outputs_there_is_nothing_to_measure() -> None:
    with pytest.raises(ConfigError, match="no output is switched on"):
        output_overhead.run(Config(), 1)
