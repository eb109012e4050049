"""The command line, as a person or a script meets it."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter
from tests.device.pages import BLACK, MARKS, marked

Command = Callable[..., subprocess.CompletedProcess[str]]
Refused = Callable[..., str]

SAMPLES = Path(str(files("digitcam") / "samples"))
FRAME = SAMPLES / "frame-0.png"
DEMO: dict[str, Any] = json.loads((SAMPLES / "demo.json").read_text())

PACKAGES = {"digitcam", "numpy", "cv2", "PIL", "msgspec", "tflite_runtime", "ai_edge_litert"}
SMALL = {"typing_extensions"}  # a single file, which msgspec takes where it is installed
LIST_PACKAGES = """
import sys
before = set(sys.modules)
from digitcam.cli.main import main
assert main(["read", sys.argv[1]]) == 0
loaded = {name for name, module in sys.modules.items() if name not in before and getattr(module, "__file__", None)}
print(*{name.partition(".")[0] for name in loaded} - sys.stdlib_module_names, file=sys.stderr)
"""

COUNT_THREADS = """
import os, sys
from digitcam.cli.main import main
assert main(["read", sys.argv[1]]) == 0
print(len(os.listdir("/proc/self/task")), file=sys.stderr)
"""


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    Image.new("L", (640, 480), 200).save(path)
    return path


def read_json(digitcam: Command, *arguments: object) -> list[dict[str, Any]]:
    done = digitcam("read", "--json", *arguments)
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_of_each_page_marks_across_writing_are_read_by_their_colour(digitcam: Command, tmp_path: Path) -> None:
    pages = [marked("57", MARKS["red"]), marked("", BLACK), marked("46", MARKS["blue"])]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    assert [reading["text"] for reading in read_json(digitcam, tmp_path / "pages.tif")] == ["57", "", "46"]


def test_json_is_one_line_a_picture_with_the_promised_names(digitcam: Command, blank: Path) -> None:
    first, second = read_json(digitcam, FRAME, blank)
    assert list(first) == ["image", "text", "digits", "rejected", "turn", "ms"]
    assert first["image"] == str(FRAME)
    assert list(first["digits"][0]) == ["digit", "confidence", "box", "line"]
    assert first["text"].replace("\n", "") == "".join(str(digit["digit"]) for digit in first["digits"])
    assert list(first["ms"]) == ["find", "normalize", "classify", "order"]
    assert (second["image"], second["text"], second["digits"]) == (str(blank), "", [])


def test_classes_adds_ten_probabilities_to_each_digit(digitcam: Command) -> None:
    (reading,) = read_json(digitcam, "--classes", FRAME)
    for digit in reading["digits"]:
        assert len(digit["probabilities"]) == 10
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=3 / 256)
        assert max(digit["probabilities"]) == digit["probabilities"][digit["digit"]] == digit["confidence"]


def test_a_person_is_told_the_text_then_each_digit(digitcam: Command) -> None:
    (reading,) = read_json(digitcam, FRAME)
    said = digitcam("read", FRAME).stdout
    assert said.startswith(reading["text"] + "\n")
    x, y, w, h = reading["digits"][0]["box"]
    assert f"{100 * reading['digits'][0]['confidence']:.2f} %   {w}x{h} at {x},{y}\n" in said
    classes = digitcam("read", "--classes", FRAME).stdout
    assert all(classes.count(f" {digit}: ") == len(reading["digits"]) for digit in range(10))


def test_nothing_found_is_said_plainly(digitcam: Command, blank: Path) -> None:
    done = digitcam("read", blank)
    assert (done.returncode, done.stdout) == (0, "no digits found\n")


def test_several_pictures_each_get_a_block_under_their_name(digitcam: Command, blank: Path) -> None:
    blocks = digitcam("read", FRAME, blank).stdout.split("\n\n")
    assert [block.partition("\n")[0] for block in blocks] == [f"{FRAME}:", f"{blank}:"]


def test_a_bad_picture_does_not_keep_others_from_being_read(digitcam: Command, tmp_path: Path, blank: Path) -> None:
    missing = tmp_path / "missing.png"
    done = digitcam("read", "--json", FRAME, missing, blank)
    assert done.returncode == 1
    assert [json.loads(line)["image"] for line in done.stdout.splitlines()] == [str(FRAME), str(blank)]
    assert done.stderr.endswith(f"digitcam: {missing}: cannot read: No such file or directory\n")


def test_an_empty_name_is_told_and_means_no_folder(digitcam: Command, blank: Path) -> None:
    done = digitcam("read", "", blank)
    assert done.returncode == 1
    assert done.stdout.startswith(f"\n{blank}:\n")
    assert done.stderr == "digitcam: no picture is named; is a variable empty?\n"


def write_pages(path: Path, *names: str) -> Path:
    """The shipped frames of these names as the pages of one file."""
    first, *others = (Image.open(SAMPLES / f"{name}.png") for name in names)
    first.save(path, save_all=True, append_images=others)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages, of which the second comes first by its letters, and two files that are no pictures."""
    place = tmp_path / "scans"
    place.mkdir()
    shutil.copy(FRAME, place / "page2.png")
    shutil.copy(SAMPLES / "frame-1.png", place / "page10.png")
    (place / "._page2.png").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        ")
    (place / "page3.png").write_bytes(FRAME.read_bytes()[:5000])
    return place


@pytest.mark.parametrize("form", ["", "/*.png"], ids=["folder", "pattern"])
def test_a_folder_and_a_pattern_are_read_and_what_is_no_picture_is_told(
    form: str, folder: Path, digitcam: Command
) -> None:
    (folder / "._page2.png").rename(folder / "page1.png")  # which a pattern finds, too
    done = digitcam("read", "--json", f"{folder}{form}")
    assert done.returncode == 1
    assert [json.loads(line)["image"] for line in done.stdout.splitlines()] == [
        str(folder / name) for name in ("page2.png", "page10.png")
    ]
    said = [line for line in done.stderr.splitlines() if line.startswith("digitcam: ")]
    assert [line.split(": ")[1] for line in said] == [str(folder / name) for name in ("page1.png", "page3.png")]


def test_a_picture_on_standard_input_is_read(digitcam: Command) -> None:
    with FRAME.open("rb") as file:
        done = digitcam("read", "--json", "-", stdin=file)
    assert done.returncode == 0
    (plain,) = read_json(digitcam, FRAME)
    reading = json.loads(done.stdout)
    assert (reading["image"], reading["text"]) == ("-", plain["text"])


def test_every_page_is_read_and_named(digitcam: Command, tmp_path: Path) -> None:
    path = write_pages(tmp_path / "pages.tif", "frame-0", "frame-1")
    pages = read_json(digitcam, path)
    assert [(page["image"], page["page"]) for page in pages] == [(str(path), 1), (str(path), 2)]
    assert [page["text"] for page in pages] == [
        page["text"] for page in read_json(digitcam, FRAME, SAMPLES / "frame-1.png")
    ]
    out = tmp_path / "out.png"
    done = digitcam("read", path, "--annotate", out)
    assert [block.partition("\n")[0] for block in done.stdout.split("\n\n")] == [
        f"{path}, page 1:",
        f"{path}, page 2:",
    ]
    assert done.stderr.endswith(f"digitcam: {out} shows {path}, page 1\n")


def test_run_tells_each_picture_of_a_folder_for_itself(digitcam: Command, folder: Path) -> None:
    done = digitcam("run", "--json", "--source", folder)
    assert done.returncode == 1
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(reading["sequence"], Path(reading["image"]).name) for reading in told] == [
        (0, "page2.png"),
        (1, "page10.png"),
    ]
    skipped = [line for line in done.stderr.splitlines() if line.endswith("; it is skipped")]
    assert [Path(line.split(": ")[2]).name for line in skipped] == ["._page2.png", "page3.png"]


def in_mode(mode: str) -> Image.Image:
    grey = Image.open(FRAME).convert("L")
    if mode == "I;16":
        return Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return grey.convert("RGB" if mode == "CMYK" else mode).convert(mode)


@pytest.mark.parametrize(("mode", "suffix"), [("I;16", "png"), ("RGBA", "png"), ("P", "png"), ("CMYK", "tif")])
def test_unusual_pixels_are_read_as_the_plain_picture_is(
    mode: str, suffix: str, digitcam: Command, tmp_path: Path
) -> None:
    path = tmp_path / f"picture.{suffix}"
    in_mode(mode).save(path)
    plain, unusual = read_json(digitcam, FRAME, path)
    assert len(plain["digits"]) == 10
    assert unusual["text"] == plain["text"]


def test_a_picture_turned_by_exif_is_read_upright(digitcam: Command, tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(FRAME).transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    plain, turned = read_json(digitcam, FRAME, path)
    assert turned["digits"] == plain["digits"]


def test_a_flag_goes_before_the_environment_and_the_file(digitcam: Command, tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text("[model]\nmin_confidence = 1.0\n")
    # so far out of focus that half of its digits may be others
    blurred = tmp_path / "blurred.png"
    Image.open(SAMPLES / "frame-1.png").filter(ImageFilter.GaussianBlur(11)).save(blurred)
    arguments = ["read", "--json", "--config", path, blurred]
    unsure = json.loads(digitcam(*arguments).stdout)
    set_by_environment = json.loads(
        digitcam(*arguments, env={**os.environ, "DIGITCAM_MODEL_MIN_CONFIDENCE": "0"}).stdout
    )
    set_by_flag = json.loads(digitcam(*arguments, "--min-confidence", "0").stdout)
    assert len(unsure["digits"]) < len(set_by_environment["digits"]) == len(set_by_flag["digits"])
    assert "not sure enough" in {reject["reason"] for reject in unsure["rejected"]}


def test_annotate_draws_the_picture_and_the_crops(digitcam: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert digitcam("read", FRAME, "--annotate", out).returncode == 0
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape[0] > 480
    assert [file.name for file in tmp_path.iterdir()] == ["out.png"]


def test_annotate_writes_through_a_link(digitcam: Command, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    link = tmp_path / "latest.png"
    link.symlink_to("web/page.png")
    assert digitcam("read", FRAME, "--annotate", link).returncode == 0
    assert link.is_symlink()
    assert cv2.imread(str(tmp_path / "web/page.png")) is not None
    link.unlink()
    link.symlink_to("missing/page.png")
    done = digitcam("read", FRAME, "--annotate", link)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path / 'missing'} is not a folder" in done.stderr


def test_annotate_never_writes_over_the_picture_it_reads(digitcam: Command, tmp_path: Path) -> None:
    picture = Path(shutil.copy(FRAME, tmp_path))
    done = digitcam("read", "frame-0.png", "--annotate", picture, cwd=tmp_path)
    assert done.returncode == 2
    assert picture.read_bytes() == FRAME.read_bytes()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("missing/out.png", "is not a folder"),
        ("file/out.png", "is not a folder"),
        ("folder.png", "a folder stands there"),
        ("/proc/out.png", "cannot write"),
    ],
)
@pytest.mark.parametrize("command", [("read", str(FRAME)), ("run", "--source", str(FRAME))], ids=["read", "run"])
def test_a_place_that_takes_no_picture_is_refused(
    command: tuple[str, ...], place: str, reason: str, tmp_path: Path, digitcam: Command
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    done = digitcam(*command, "--annotate", tmp_path / place)
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]  # `run` has said before what it reads
    assert line.startswith(f"digitcam: {tmp_path / place}: ")
    assert reason in line
    assert "Traceback" not in done.stderr


def test_a_full_disk_leaves_the_old_picture_whole(refused: Refused, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"old")
    # a limit on the size of files stands in for a full disk: both fail in the middle of writing
    line = refused(
        "read",
        FRAME,
        "--annotate",
        out,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        stdout=subprocess.DEVNULL,
    )
    assert line == f"digitcam: {out}: cannot write: File too large"
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("out.png", b"old")]


@pytest.mark.parametrize("command", [("read", str(FRAME)), ("run", "--source", str(FRAME)), ("cameras",)])
def test_a_full_disk_under_standard_output_is_one_line(command: tuple[str, ...], digitcam: Command) -> None:
    with Path("/dev/full").open("w") as full:
        done = digitcam(*command, stdout=full)
    assert done.returncode == 1
    assert "cannot write: No space left on device" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error(digitcam: Command) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w") as pipe:
        done = digitcam("read", FRAME, stdout=pipe)
    assert done.returncode == 141
    assert done.stderr.replace("INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n", "") == ""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("v4l2:/dev/video99", "no such device; `digitcam cameras` lists what is there"),
        ("nowhere", "no such camera, file or folder"),
        (str(SAMPLES / "demo.json"), "neither a video nor a picture"),
    ],
)
def test_a_camera_that_is_not_there_is_refused(source: str, reason: str, refused: Refused) -> None:
    line = refused("run", "--source", source)
    assert source.removeprefix("v4l2:") in line
    assert reason in line


def test_run_reads_the_shipped_clip_and_draws_its_end(digitcam: Command, tmp_path: Path) -> None:
    out = tmp_path / "demo.png"
    done = digitcam("run", "--source", "demo", "--json", "--annotate", out)
    assert done.returncode == 0, done
    texts = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    assert texts == [page["text"] for page in DEMO["pages"]]
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape[0] > 480
    assert re.search(r"^digitcam: camera: .*demo.mp4: video 640x480", done.stderr, re.MULTILINE)
    assert re.search(r"^digitcam: finder: finder.tflite, .* on CPU \(", done.stderr, re.MULTILINE)
    assert re.search(r"^digitcam: model: digits.tflite, .* on CPU \(", done.stderr, re.MULTILINE)
    assert "frames read, 0 skipped" in done.stderr


def test_run_says_when_it_has_nothing_to_draw(digitcam: Command, blank: Path, tmp_path: Path) -> None:
    done = digitcam("run", "--source", blank, "--annotate", tmp_path / "out.png")
    assert done.returncode == 1
    assert done.stdout.startswith("(nothing)")
    assert done.stderr.splitlines()[-1].startswith(f"digitcam: {tmp_path / 'out.png'}: not written")
    assert not (tmp_path / "out.png").exists()


def interrupted(*arguments: str, ready: str) -> tuple[int, str]:
    """Start `digitcam`, press Ctrl-C when `ready` appears on a stream, and give its status and stderr."""
    command = [sys.executable, "-m", "digitcam", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        stream = process.stdout if ready == "stdout" else process.stderr
        assert stream.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        return process.returncode, said


def test_ctrl_c_ends_read_quietly() -> None:
    status, said = interrupted("read", *[str(FRAME)] * 500, ready="stdout")
    assert status == 130
    assert "Traceback" not in said


def test_ctrl_c_ends_bench_quietly() -> None:
    status, said = interrupted("bench", "--runs", "1000000", ready="stderr")
    assert status == 130
    assert "Traceback" not in said


@pytest.mark.parametrize("ms", [60, 90, 120, 160])
def test_ctrl_c_during_the_start_shows_no_traceback(ms: int) -> None:
    command = [sys.executable, "-c", "from digitcam.cli.main import main; print(flush=True); main(['read', 'x'])"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(ms / 1000)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["raed"],
        ["read"],
        ["read", "--nope", "a.png"],
        ["read", "--min-confidence", "1.5", "a.png"],
        ["read", "--min-confidence", "x", "a.png"],
        ["read", "--coral", "maybe", "a.png"],
        ["read", "--annotate", "out.jpg", "a.png"],
        ["read", "--annotate", "out.png", "a.png", "b.png"],
        ["read", "--annotate", "out.png", str(SAMPLES)],
        ["bench", "--runs", "1000"],
        ["bench", "--runs", "many"],
    ],
    ids=" ".join,
)
def test_wrong_usage_says_what_is_right(arguments: list[str], digitcam: Command) -> None:
    done = digitcam(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: digitcam")
    assert "Traceback" not in done.stderr


def test_cameras_says_what_is_there_or_that_nothing_is(digitcam: Command) -> None:
    done = digitcam("cameras")
    assert done.returncode == 0
    assert done.stdout.startswith(("picamera2", "v4l2:", "no camera found"))


def test_read_imports_no_package_but_those_it_reads_with() -> None:
    command = [sys.executable, "-c", LIST_PACKAGES, str(FRAME)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stderr.splitlines()[-1].split()) <= PACKAGES | SMALL


def list_imported(*arguments: object) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "digitcam", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_read_does_not_wait_for_what_looks_through_packages() -> None:
    imported = list_imported("read", FRAME)
    assert "numpy" in imported
    assert not imported & {"importlib.metadata", "importlib.resources", "email", "zipfile"}


def test_read_keeps_no_other_core_busy() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", COUNT_THREADS, str(FRAME)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
    assert done.stderr.splitlines()[-1] == "1"


def test_help_needs_no_package_at_all() -> None:
    assert {name.partition(".")[0] for name in list_imported("--help")} & PACKAGES == {"digitcam"}
