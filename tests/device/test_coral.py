"""A Coral that is not there, or does not work, is told and never stops the process."""

from importlib.resources import files
from pathlib import Path

import pytest

from digitcam import cli, coral, trial
from digitcam.classify import open_classifier
from digitcam.config import ModelConfig
from digitcam.errors import ModelError


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A USB tree with a Coral in it, and a compiled model beside a model."""
    device = tmp_path / "usb" / "1-1"
    device.mkdir(parents=True)
    (device / "idVendor").write_text("18d1\n")
    (device / "idProduct").write_text("9302\n")
    monkeypatch.setattr(coral, "USB_DEVICES", tmp_path / "usb")
    monkeypatch.setattr(coral, "find_library", lambda _: "libedgetpu.so.1")
    (tmp_path / "digits_edgetpu.tflite").write_bytes(b"compiled")
    return tmp_path / "digits.tflite"


def test_on_without_a_coral_is_refused() -> None:
    with pytest.raises(ModelError, match=r'model\.coral is "on", but no Coral is plugged in'):
        open_classifier(ModelConfig(coral="on"))


def test_auto_without_a_coral_reads_on_the_cpu_and_says_so() -> None:
    runtime = open_classifier(ModelConfig(coral="auto")).runtime
    assert (runtime.device, runtime.note, runtime.fallback) == ("CPU", "no Coral is plugged in", False)


def test_auto_with_a_coral_that_cannot_be_used_tells_so_before_it_reads(
    stick: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(coral, "find_library", lambda _: None)
    assert stick.parent.is_dir()
    assert cli.main(["read", str(files("digitcam") / "samples" / "frame-0.png")]) == 0
    shown = capsys.readouterr()
    assert shown.err == "digitcam: reading on the CPU: a Coral is plugged in, but libedgetpu is not installed\n"
    assert shown.out.startswith("46273")


def test_a_missing_library_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coral, "find_library", lambda _: None)
    assert coral.find(stick).note == "a Coral is plugged in, but libedgetpu is not installed"


def test_a_missing_compiled_model_is_told(stick: Path) -> None:
    (stick.parent / "digits_edgetpu.tflite").unlink()
    assert "digits_edgetpu.tflite is missing" in coral.find(stick).note


def test_a_library_that_crashes_the_process_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PROBE", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert "does not match the runtime" in coral.find(stick).note


def test_a_stick_that_never_answers_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PROBE", "import time; time.sleep(60)")
    monkeypatch.setattr(trial, "SECONDS", 0.2)
    assert "did not answer" in coral.find(stick).note


def test_what_the_runtime_says_is_told(stick: Path) -> None:
    found = coral.find(stick)
    assert found.library is None
    assert "cannot load the model" in found.note
    assert "libedgetpu" in found.note


def test_one_that_works_is_used(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PROBE", "import sys; assert sys.argv[2] == 'libedgetpu.so.1'")
    found = coral.find(stick)
    assert found == coral.Coral("libedgetpu.so.1", stick.parent / "digits_edgetpu.tflite")
