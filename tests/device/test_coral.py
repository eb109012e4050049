"""A Coral that is not there, or does not work, is told and never stops the process."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from digitcam.cli import main
from digitcam.config import Config, ModelConfig, Runtime
from digitcam.errors import ModelError
from digitcam.model import coral, network, probe, runtime
from digitcam.model.runtime import RuntimeInfo
from digitcam.recognition.reader import open_reader
from digitcam.service.reload import Reloader
from digitcam.state.service import ServiceState


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


def runtimes(config: ModelConfig) -> tuple[RuntimeInfo, RuntimeInfo]:
    """What reads, and what finds."""
    reader = open_reader(Config(model=config))
    return reader.classifier.runtime, reader.finder.runtime


def test_on_without_a_coral_is_refused() -> None:
    with pytest.raises(ModelError, match=r'model\.coral is "on", but no Coral is plugged in'):
        runtimes(ModelConfig(coral="on"))
    with pytest.raises(ModelError, match=r'model\.finder_coral is "on", but no Coral is plugged in'):
        runtimes(ModelConfig(finder_coral="on"))


def test_auto_without_a_coral_reads_on_the_cpu_and_says_so() -> None:
    for told in runtimes(ModelConfig()):
        assert (told.device, told.note, told.fallback) == ("CPU", "no Coral is plugged in", False)


def test_each_network_has_a_setting_of_its_own(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coral, "find_library", lambda _: None)
    assert stick.parent.is_dir()
    reads, finds = runtimes(ModelConfig(coral="off"))
    assert (reads.device, reads.note, reads.fallback) == ("CPU", "switched off", False)
    assert (finds.device, finds.fallback) == ("CPU", True)
    assert "libedgetpu is not installed" in finds.note


def test_auto_with_a_coral_that_cannot_be_used_tells_so_before_it_reads(
    stick: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(coral, "find_library", lambda _: None)
    assert stick.parent.is_dir()
    assert main.main(["read", str(files("digitcam") / "samples" / "frame-0.png")]) == 0
    shown = capsys.readouterr()
    why = "a Coral is plugged in, but libedgetpu is not installed"
    assert shown.err.splitlines() == [f"digitcam: {doing} on the CPU: {why}" for doing in ("finding", "reading")]
    assert shown.out.startswith("46273")


def test_a_missing_library_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coral, "find_library", lambda _: None)
    assert coral.find(stick).note == "a Coral is plugged in, but libedgetpu is not installed"


def test_a_missing_compiled_model_is_told(stick: Path) -> None:
    (stick.parent / "digits_edgetpu.tflite").unlink()
    assert "digits_edgetpu.tflite is missing" in coral.find(stick).note


def test_a_library_that_crashes_the_process_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PROBE", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert "does not match the runtime" in coral.find(stick).note


def test_a_stick_that_never_answers_is_told(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PROBE", "import time; time.sleep(60)")
    monkeypatch.setattr(probe, "SECONDS", 0.2)
    assert "did not answer" in coral.find(stick).note


def test_what_the_runtime_says_is_told(stick: Path) -> None:
    found = coral.find(stick)
    assert found.library is None
    assert "cannot load the model" in found.note
    assert "libedgetpu" in found.note


@pytest.fixture
def done(stick: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done with a stick that works, which has no driver here: what is opened on it runs on the CPU."""
    assert stick.parent.is_dir()
    said: list[str] = []

    def tried(model: Path, delegate: str | None = None, runtime: Runtime = "auto") -> str:
        assert runtime == "auto"
        if delegate:
            said.append(f"try {model.name}")
        return ""

    def opened(data: bytes, *, delegate: str | None = None, **given: Any) -> runtime.Interpreter:  # noqa: ANN401
        said.append(f"open on {delegate or 'the CPU'}")
        return runtime.open_interpreter(data, **given)

    monkeypatch.setattr(coral, "find_fault", tried)
    monkeypatch.setattr(network, "open_interpreter", opened)
    return said


def compiled(model: Path) -> Path:
    made = model.with_name(f"{model.stem}_edgetpu.tflite")
    made.write_bytes(model.read_bytes())
    return made


@pytest.mark.parametrize("key", ["path", "finder"])
def test_each_network_can_run_there_and_the_other_on_the_cpu(
    key: str, request: pytest.FixtureRequest, done: list[str]
) -> None:
    model: Path = request.getfixturevalue({"path": "shipped", "finder": "finder_file"}[key])
    compiled(model)
    reads, finds = runtimes(structs.replace(ModelConfig(), **{key: str(model)}))
    there, here = (reads, finds) if key == "path" else (finds, reads)
    assert (there.device, there.note, there.fallback) == ("Edge TPU", "", False)
    assert (here.device, here.fallback) == ("CPU", True)
    assert "_edgetpu.tflite is missing" in here.note
    assert sorted(done) == ["open on libedgetpu.so.1", "open on the CPU", f"try {model.stem}_edgetpu.tflite"]


def test_both_are_tried_there_before_either_is_opened(shipped: Path, finder_file: Path, done: list[str]) -> None:
    compiled(shipped)
    compiled(finder_file)
    both = runtimes(ModelConfig(path=str(shipped), finder=str(finder_file)))
    assert [one.device for one in both] == ["Edge TPU", "Edge TPU"]
    tried = ["try finder_edgetpu.tflite", "try digits_edgetpu.tflite"]
    assert done == [*tried, *["open on libedgetpu.so.1"] * 2]


def test_at_a_reload_nothing_is_tried_on_a_coral_that_is_held(
    shipped: Path, finder_file: Path, done: list[str]
) -> None:
    compiled(shipped)
    compiled(finder_file)
    old = Config(model=ModelConfig(path=str(shipped), finder=str(finder_file)))
    new = structs.replace(old, model=structs.replace(old.model, coral="on"))
    reloader = Reloader(ServiceState(old), lambda: new)
    finder, classifier = reloader.reader.finder, reloader.reader.classifier
    done.clear()
    assert reloader()
    assert reloader.reader.finder is finder
    assert reloader.reader.classifier is not classifier
    assert reloader.reader.classifier.runtime.device == "Edge TPU"
    assert done == ["open on libedgetpu.so.1"]


def test_one_that_works_is_used(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PROBE", "import sys; assert sys.argv[2] == 'libedgetpu.so.1'")
    found = coral.find(stick)
    assert found == coral.Coral("libedgetpu.so.1", stick.parent / "digits_edgetpu.tflite", present=True)
