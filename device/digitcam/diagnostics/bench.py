"""Latency, memory, cold start and accuracy on this machine, all in one run on what is shipped."""

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digitcam import __version__, streams, system_info
from digitcam.config import Config, Runtime
from digitcam.diagnostics import steadiness, timing
from digitcam.diagnostics.accuracy import score_crops, score_frames
from digitcam.diagnostics.cold_start import STARTS, measure_cold_start, measure_memory
from digitcam.diagnostics.steadiness import Moment, Use
from digitcam.diagnostics.versions import list_versions
from digitcam.errors import ModelError
from digitcam.frame import Grey
from digitcam.model.card import has_card, load_card, read_labels
from digitcam.model.runtime import RUNTIMES, installed, open_interpreter
from digitcam.pictures import image_file
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.look import Pyramid, Region
from digitcam.recognition.reader import Reader, open_reader

WARM_UP = 64  # runs before any is timed: caches, the allocator and the CPU's clock settle within them
WHOLE = "end to end"

COST = """
import json, sys
from pathlib import Path
from digitcam.diagnostics import bench
from digitcam.errors import DigitcamError
try:
    print(json.dumps(bench.cost(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
except DigitcamError as error:
    sys.exit(str(error))
"""


def run(config: Config, runs: int, compare: Path | None = None) -> dict[str, Any]:
    """Measure everything.

    Args:
        config: the networks to measure and which digits are read; its camera is not used.
        runs: how many timed readings of shipped frames.
        compare: a .tflite whose cost of one digit is measured beside the configured model's.

    Returns:
        JSON-ready values, as docs/bench.md explains them; None stands for what this machine does not tell.

    Raises:
        ModelError: a network is missing or does not fit.
        RuntimeMissingError: no TFLite runtime works here.
        ImageError: a shipped frame is damaged.
        DigitcamError: the shipped samples are missing, or a process that was started for its cold start failed.
    """
    began = time.perf_counter_ns()
    reader = open_reader(config)
    opened = _ms_since(began)
    own = Path(config.model.path)
    # first, so that a bad one is refused before the long part
    compared = {"cost": _cost_apart(own, compare, runs, config.model.runtime)} if compare else {}
    truth = _truth()
    frames = [image_file.load(SAMPLES / frame["image"]) for frame in truth]
    began = time.perf_counter_ns()
    reader.read(frames[0])
    first = _ms_since(began)
    _progress(f"reading {len(frames)} shipped frames {runs} times in all, after {WARM_UP} that do not count")
    before = Moment.now()
    ms = measure_latency(reader, frames, runs)
    use = Use.between(before, Moment.now())
    result: dict[str, Any] = {
        "digitcam": {
            "version": __version__,
            "commit": system_info.find_commit(),
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        },
        "runtime": {"model": config.model.path, "finder": config.model.finder, **list_versions(reader)},
        "initialization": {"open_ms": opened, "first_reading_ms": first, "warm_up_runs": WARM_UP},
        "ms": {"runs": runs} | {stage: timing.summarize(values) for stage, values in ms.items()},
        "spread": timing.measure_spread(ms[WHOLE]),
        "networks": {"runs": runs} | time_networks(reader, frames, runs),
        "accuracy": {"frames": score_frames(reader, frames, truth), "crops": score_crops(reader.classifier)},
    }
    _progress(f"starting {2 * STARTS + 2} processes")
    read = ["read", "--model", str(own), str(SAMPLES / truth[0]["image"])]
    imports = f"import numpy, cv2, {RUNTIMES[reader.classifier.runtime.name]}"
    settings = {"DIGITCAM_MODEL_FINDER": config.model.finder, "DIGITCAM_MODEL_RUNTIME": config.model.runtime}
    result["cold_start"] = measure_cold_start(["-m", "digitcam", *read], ["-c", imports], settings)
    result["memory_mb"] = measure_memory(read, imports, settings)
    # last, so that temperature and throttling are those of a machine at work
    machine = system_info.describe()
    doubts = steadiness.list_warnings(machine, use, result["spread"])
    return {"machine": machine, "use": use._asdict(), **result, **compared, "warnings": doubts}


def measure_latency(reader: Reader, frames: Sequence[Grey], runs: int) -> dict[str, list[float]]:
    """Tell what each stage and the whole of `runs` readings took after a warm-up, milliseconds, in their order."""
    ms: dict[str, list[float]] = {}
    for number, frame in enumerate(itertools.islice(itertools.cycle(frames), WARM_UP + runs)):
        began = time.perf_counter_ns()
        reading = reader.read(frame)
        whole = _ms_since(began)
        if number >= WARM_UP:
            for stage, value in {**reading.ms, WHOLE: whole}.items():
                ms.setdefault(stage, []).append(value)
    return ms


def time_networks(reader: Reader, frames: Sequence[Grey], runs: int) -> dict[str, dict[str, float]]:
    """Time what each network takes, with what it is handed and what is made of its answer, milliseconds.

    Returns:
        `one look`, the finder's at a whole frame, and `one digit`, the classifier's.
    """
    looks = [Pyramid(frame).look(Region(0, 0, *frame.shape[::-1])) for frame in frames]
    crops = [crop[None] for crop in reader.classifier.fitted(shipped.read_digits()[0][: len(looks)])]
    ms: dict[str, list[float]] = {"one look": [], "one digit": []}
    for look, crop in itertools.islice(itertools.cycle(zip(looks, crops, strict=True)), WARM_UP + runs):
        began = time.perf_counter_ns()
        reader.finder.find(look)
        found = time.perf_counter_ns()
        reader.classifier.classify(crop)
        ms["one digit"].append((time.perf_counter_ns() - found) / 1e6)
        ms["one look"].append((found - began) / 1e6)
    return {name: timing.summarize(values[WARM_UP:]) for name, values in ms.items()}


def measure_cost(own: Path, other: Path, runs: int, runtime: Runtime = "auto") -> dict[str, Any]:
    """Measure the median cost of one digit with two models on the CPU, milliseconds.

    They take turns, so that whatever else runs here slows both.

    Raises:
        ModelError: one is missing, or no digit model.
    """
    pair = _on_cpu(own, runtime), _on_cpu(other, runtime)
    digits = shipped.read_digits()[0]
    crops = {classifier: classifier.fitted(digits) for classifier in pair}
    ms: dict[Classifier, list[float]] = {classifier: [] for classifier in pair}
    for number in range(WARM_UP + runs):
        for classifier in pair if number % 2 else reversed(pair):
            crop = crops[classifier][number % len(digits)][None]
            began = time.perf_counter_ns()
            classifier.classify(crop)
            ms[classifier].append((time.perf_counter_ns() - began) / 1e6)
    ours, theirs = (statistics.median(ms[classifier][WARM_UP:]) for classifier in pair)
    figures = {"ms": round(ours, 4), "compared_ms": round(theirs, 4), "ratio": round(ours / theirs, 3)}
    return {"model": str(own), "compared": str(other), **figures}


def _truth() -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = json.loads(shipped.read_sample("frames.json"))["frames"]
    return frames


def _cost_apart(own: Path, other: Path, runs: int, runtime: Runtime) -> dict[str, Any]:
    """Do so in a process of its own: no card vouches for `other`, and tflite-runtime crashes on a truncated model."""
    _progress(f"one digit {runs} times with each of two models")
    command = [sys.executable, "-P", "-c", COST, str(own), str(other), str(runs), runtime]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ourselves
    if done.returncode < 0:
        raise ModelError(f"{other}: crashes the runtime: the file is damaged; copy it again")
    if done.returncode:
        raise ModelError(done.stderr.strip().rpartition("\n")[2])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _on_cpu(path: Path, runtime: Runtime) -> Classifier:
    try:
        labels = load_card(path).labels if has_card(path) else ()
        interpreter = open_interpreter(path.read_bytes(), runtime=runtime)
        return Classifier(interpreter, installed(runtime), labels=labels or read_labels(path))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot read: {error.strerror}; --compare takes a .tflite file") from error


def _ms_since(began: int) -> float:
    """Count milliseconds since `perf_counter_ns` gave that."""
    return round((time.perf_counter_ns() - began) / 1e6, 4)


def _progress(text: str) -> None:
    streams.tell(f"digitcam: {text} ...")
