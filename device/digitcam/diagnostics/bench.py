"""Latency, memory, cold start and accuracy on this machine, all in one run on what is shipped."""

import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from digitcam import streams, system_info
from digitcam.config import Config, Runtime
from digitcam.errors import DigitcamError, ModelError
from digitcam.frame import Grey
from digitcam.model.card import has_card, load_card, read_labels
from digitcam.model.runtime import RUNTIMES, RuntimeInfo, installed, open_interpreter
from digitcam.pictures import image_file
from digitcam.reading import Box
from digitcam.recognition.adoption import shipped
from digitcam.recognition.adoption.contract import known
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.recognition.classifier import Classifier
from digitcam.recognition.look import Pyramid, Region
from digitcam.recognition.reader import Reader, open_reader
from digitcam.system_info import field

WARM_UP = 64  # runs before any is timed: caches, the allocator and the CPU's clock settle within them
STARTS = 7  # processes of each kind, whose median counts
QUANTILES = (50, 90, 99, 100)
QUANTILE_NAMES = ("p50", "p90", "p99", "max")
KIB_PER_MB = 1000 / 1.024

STATUS = "print(open('/proc/self/status').read())"
READ = f"import sys; from digitcam.cli.main import main; main(sys.argv[1:]); {STATUS}"
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
        JSON-ready values: `machine`, `runtime`, `ms`, `networks`, `accuracy`, `cold_start`, `memory_mb`, with `compare`
        `cost`; None stands for what this machine does not tell.

    Raises:
        ModelError: a network is missing or does not fit.
        RuntimeMissingError: no TFLite runtime works here.
        ImageError: a shipped frame is damaged.
        DigitcamError: the shipped samples are missing, or a process that was started for its cold start failed.
    """
    reader = open_reader(config)
    own = Path(config.model.path)
    # first, so that a bad one is refused before the long part
    compared = {"cost": _cost_apart(own, compare, runs, config.model.runtime)} if compare else {}
    truth = _truth()
    frames = [image_file.load(SAMPLES / frame["image"]) for frame in truth]
    _progress(f"reading {len(frames)} shipped frames {runs} times in all")
    result: dict[str, Any] = {
        "runtime": {"model": config.model.path, "finder": config.model.finder, **versions(reader)},
        "ms": {"runs": runs} | latency(reader, frames, runs),
        "networks": {"runs": runs} | networks(reader, frames, runs),
        "accuracy": {"frames": score_frames(reader, frames, truth), "crops": score_crops(reader.classifier)},
    }
    _progress(f"starting {2 * STARTS + 2} processes")
    read = ["read", "--model", str(own), str(SAMPLES / truth[0]["image"])]
    imports = f"import numpy, cv2, {RUNTIMES[reader.classifier.runtime.name]}"
    settings = {"DIGITCAM_MODEL_FINDER": config.model.finder, "DIGITCAM_MODEL_RUNTIME": config.model.runtime}
    result["cold_start"] = cold_start(["-m", "digitcam", *read], ["-c", imports], settings)
    result["memory_mb"] = {
        "imports": peak_mb(_process(["-c", f"{imports}; {STATUS}"])),
        "read": peak_mb(_process(["-c", READ, *read], settings)),
        "bench": peak_mb(Path("/proc/self/status").read_text(encoding="utf-8")),
    }
    # last, so that temperature and throttling are those of a machine at work
    return {"machine": system_info.describe(), **result, **compared}


def latency(reader: Reader, frames: Sequence[Grey], runs: int) -> dict[str, dict[str, float]]:
    """Quantiles of each stage and of the whole reading, milliseconds, over `runs` readings after a warm-up."""
    ms: dict[str, list[float]] = {}
    for number, frame in enumerate(itertools.islice(itertools.cycle(frames), WARM_UP + runs)):
        began = time.perf_counter_ns()
        reading = reader.read(frame)
        whole = (time.perf_counter_ns() - began) / 1e6
        if number >= WARM_UP:
            for stage, value in {**reading.ms, "end to end": whole}.items():
                ms.setdefault(stage, []).append(value)
    return {stage: quantiles(values) for stage, values in ms.items()}


def networks(reader: Reader, frames: Sequence[Grey], runs: int) -> dict[str, dict[str, float]]:
    """Quantiles of what each network takes, with what it is handed and what is made of its answer, milliseconds.

    Returns:
        `one look`, the finder's at a whole frame, and `one digit`, the classifier's.
    """
    looks = [Pyramid(frame).look(Region(0, 0, *frame.shape[::-1])) for frame in frames]
    crops = [crop[None] for crop in reader.classifier.fitted(shipped.digits()[0][: len(looks)])]
    ms: dict[str, list[float]] = {"one look": [], "one digit": []}
    for look, crop in itertools.islice(itertools.cycle(zip(looks, crops, strict=True)), WARM_UP + runs):
        began = time.perf_counter_ns()
        reader.finder.find(look)
        found = time.perf_counter_ns()
        reader.classifier.classify(crop)
        ms["one digit"].append((time.perf_counter_ns() - found) / 1e6)
        ms["one look"].append((found - began) / 1e6)
    return {name: quantiles(values[WARM_UP:]) for name, values in ms.items()}


def quantiles(ms: Sequence[float]) -> dict[str, float]:
    """`p50`, `p90`, `p99` and `max`."""
    return {
        name: round(float(value), 4) for name, value in zip(QUANTILE_NAMES, np.percentile(ms, QUANTILES), strict=True)
    }


def cost(own: Path, other: Path, runs: int, runtime: Runtime = "auto") -> dict[str, float]:
    """Median cost of one digit with two models on the CPU, milliseconds.

    They take turns, so that whatever else runs here slows both.

    Raises:
        ModelError: one is missing, or no digit model.
    """
    pair = _on_cpu(own, runtime), _on_cpu(other, runtime)
    digits = shipped.digits()[0]
    crops = {classifier: classifier.fitted(digits) for classifier in pair}
    ms: dict[Classifier, list[float]] = {classifier: [] for classifier in pair}
    for number in range(WARM_UP + runs):
        for classifier in pair if number % 2 else reversed(pair):
            crop = crops[classifier][number % len(digits)][None]
            began = time.perf_counter_ns()
            classifier.classify(crop)
            ms[classifier].append((time.perf_counter_ns() - began) / 1e6)
    ours, theirs = (statistics.median(ms[classifier][WARM_UP:]) for classifier in pair)
    return {"ms": round(ours, 4), "compared_ms": round(theirs, 4), "ratio": round(ours / theirs, 3)}


def cold_start(
    read: Sequence[str], imports: Sequence[str], settings: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Median seconds from nothing to a reading, and to the imports alone that no reader can do without.

    Args:
        read: what Python is started with to read one picture.
        imports: the same to import NumPy, OpenCV and the runtime.
        settings: of digitcam, as the environment has them.

    Raises:
        DigitcamError: a process failed.
    """
    seconds: dict[str, list[float]] = {"imports": [], "read": []}
    for _ in range(STARTS):
        for name, arguments in (("imports", imports), ("read", read)):
            began = time.perf_counter()
            _process(arguments, settings)
            seconds[name].append(time.perf_counter() - began)
    ours, floor = statistics.median(seconds["read"]), statistics.median(seconds["imports"])
    return {"read_s": round(ours, 3), "imports_s": round(floor, 3), "ratio": round(ours / floor, 2)}


def score_frames(reader: Reader, frames: Sequence[Grey], truth: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many digits of the frames were read `right`, `of` how many, and how many more were read than stand there."""
    right = of = extra = 0
    for frame, told in zip(frames, truth, strict=True):
        read = list(reader.read(frame).digits)
        for digit in told["digits"]:
            match = next((found for found in read if _centre_within(found.box, Box(*digit["box"]))), None)
            if match:
                read.remove(match)
                right += match.label == str(digit["digit"])
        of += len(told["digits"])
        extra += len(read)
    return {"right": right, "of": of, "extra": extra}


def score_crops(classifier: Classifier) -> dict[str, int]:
    """How many of the shipped crops that the model knows it reads right."""
    crops, classes = known(classifier.labels)
    best = classifier.classify(classifier.fitted(crops)).argmax(axis=1)
    return {"right": int(np.count_nonzero(best == classes)), "of": len(classes)}


def _centre_within(box: Box, other: Box) -> bool:
    x, y = box.x + box.w / 2, box.y + box.h / 2
    return other.x <= x <= other.x + other.w and other.y <= y <= other.y + other.h


def versions(reader: Reader) -> dict[str, str]:
    """What reads and what finds, and on what."""
    runtime = reader.classifier.runtime
    return {
        runtime.name: runtime.version,
        "device": _device(runtime),
        "finder_device": _device(reader.finder.runtime),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "OpenCV": cv2.__version__,
    }


def _device(runtime: RuntimeInfo) -> str:
    return f"{runtime.device} ({runtime.note})" if runtime.note else runtime.device


def peak_mb(status: str) -> float:
    """The most memory that a process held, in MB, from its /proc/PID/status.

    Not from `getrusage`: what that gives for a new process includes the peak of the one that started it.
    """
    return round(int((field(status, "VmHWM") or "0").split()[0]) / KIB_PER_MB, 1)


def _truth() -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = json.loads(shipped.sample("frames.json"))["frames"]
    return frames


def _cost_apart(own: Path, other: Path, runs: int, runtime: Runtime) -> dict[str, float]:
    """`cost` in a process of its own: no card vouches for `other`, and tflite-runtime crashes on a truncated model."""
    _progress(f"one digit {runs} times with each of two models")
    command = [sys.executable, "-P", "-c", COST, str(own), str(other), str(runs), runtime]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ourselves
    if done.returncode < 0:
        raise ModelError(f"{other}: crashes the runtime: the file is damaged; copy it again")
    if done.returncode:
        raise ModelError(done.stderr.strip().rpartition("\n")[2])
    found: dict[str, float] = json.loads(done.stdout)
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


def _process(arguments: Sequence[str], settings: Mapping[str, str] | None = None) -> str:
    """Run Python to its end; what it printed."""
    environment = {**os.environ, **(settings or {})}
    command = [sys.executable, "-P", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603  # ourselves
    if done.returncode:
        raise DigitcamError(f"a process started for its cold start failed: {done.stderr.strip() or done.returncode}")
    return done.stdout


def _progress(text: str) -> None:
    streams.tell(f"digitcam: {text} ...")


def table(result: Mapping[str, Any]) -> str:
    """The measurements for a terminal."""
    blocks = []
    for name, values in result.items():
        rows: Callable[[Any], Iterable[str]] = ROWS.get(name, _rows)
        blocks.append("\n".join([name, *rows(values)]))
    return "\n\n".join(blocks)


def _rows(values: Mapping[str, Any]) -> Iterable[str]:
    return (f"  {name:<16}{'not told' if value is None else value}" for name, value in values.items())


def _latency_rows(values: Mapping[str, Any]) -> Iterable[str]:
    stages = {name: row for name, row in values.items() if name != "runs"}
    yield f"  {str(values['runs']) + ' runs':<16}" + "".join(f"{name:>10}" for name in QUANTILE_NAMES)
    for stage, row in stages.items():
        yield f"  {stage:<16}" + "".join(f"{value:10.3f}" for value in row.values())


def _accuracy_rows(values: Mapping[str, Mapping[str, int]]) -> Iterable[str]:
    for name, score in values.items():
        if not score["of"]:
            yield f"  {name:<16}none that it knows"
            continue
        extra = f", {score['extra']} read where none stands" if score.get("extra") else ""
        yield f"  {name:<16}{score['right']} of {score['of']} digits right ({score['right'] / score['of']:.1%}){extra}"


ROWS: dict[str, Callable[[Any], Iterable[str]]] = {
    "ms": _latency_rows,
    "networks": _latency_rows,
    "accuracy": _accuracy_rows,
}
