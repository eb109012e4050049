"""A recording played for ever, and the part of a picture that is wanted."""

import itertools
import time
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec import convert
from tests.device.looking import fault, until

from digitcam.cameras.base import Camera, NoFrameError
from digitcam.cameras.capture_thread import Timeouts
from digitcam.cameras.recorded import pictures
from digitcam.cameras.recorded.clip import find_shipped_clip, open_clip
from digitcam.cameras.recorded.loop import Loop
from digitcam.cameras.registry import open_camera
from digitcam.cameras.transform import split, transform, view
from digitcam.config import CameraConfig, load
from digitcam.errors import CameraError, ConfigError
from digitcam.frame import Frame, Grey
from digitcam.state.health import Health


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, 1, 2 and 3 everywhere."""
    for level in (1, 2, 3):
        cv2.imwrite(str(tmp_path / f"{level}.png"), np.full((48, 64), level, np.uint8))
    return tmp_path


def opened(source: str, **asked: object) -> Camera:
    return open_camera(CameraConfig(source=source, **asked), Health())  # type: ignore[arg-type]


def taken(camera: Camera, count: int) -> list[Frame]:
    frames: list[Frame] = []
    with camera:
        while len(frames) < count:
            with suppress(NoFrameError):
                frame = camera.read()
                assert frame is not None
                frames.append(frame)
    return frames


def taken_now(camera: Camera) -> list[Frame]:
    with suppress(NoFrameError):
        frame = camera.read()
        return [frame] if frame else []
    return []


def test_a_replay_goes_on_over_its_end_and_skips_nothing(folder: Path) -> None:
    camera = opened(f"replay:{folder}")
    assert not camera.live
    assert camera.describe() == f"{folder}: 3 pictures, played for ever"
    frames = taken(camera, 7)
    assert [int(frame.image[0, 0]) for frame in frames] == [1, 2, 3, 1, 2, 3, 1]
    assert [frame.sequence for frame in frames] == list(range(7))
    assert [frame.scene_ns for frame in frames] == [second * 1_000_000_000 for second in range(7)]


def test_the_clock_of_a_video_goes_on_over_its_end() -> None:
    with open_clip(find_shipped_clip()) as clip:
        length = sum(1 for _ in iter(clip.read, None))
    times = [frame.scene_ns for frame in taken(opened("replay:demo"), 2 * length + 1)]
    steps = {round((after - before) / 1e6) for before, after in itertools.pairwise(times)}
    assert len(steps) <= 2  # milliseconds, rounded up or down
    assert min(steps) > 0


def test_a_loop_is_live_and_keeps_the_recordings_time() -> None:
    camera = opened("loop:demo")
    assert camera.live
    frames = taken(camera, 4)
    assert all(frame.recorded_ns is None for frame in frames)
    # 15 frames a second: the first three steps take no less than that, however slow the machine is
    assert frames[-1].time_ns - frames[0].time_ns > 3 * 0.9e9 / 15


def test_one_picture_is_played_for_ever(folder: Path) -> None:
    frames = taken(Loop(str(folder / "1.png"), paced=False), 3)
    assert [frame.scene_ns for frame in frames] == [0, 1_000_000_000, 2_000_000_000]


def test_a_picture_that_cannot_be_read_is_told_once_however_often_a_replay_comes_past_it(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("0.png", "4.png"):
        (folder / name).write_text("hello")
    frames = taken(opened(f"replay:{folder}"), 7)
    assert [int(frame.image[0, 0]) for frame in frames] == [1, 2, 3, 1, 2, 3, 1]
    told = [record.getMessage() for record in caplog.records]
    assert [line.split(": ")[1] for line in told] == [str(folder / "0.png"), str(folder / "4.png")]


def test_a_replay_of_what_cannot_be_read_ends(tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_text("hello")
    with pytest.raises(CameraError, match="none of its 2 pictures can be read"):
        taken(opened(f"replay:{tmp_path}"), 1)


def test_a_loop_of_pictures_gives_each_however_slowly_they_are_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PICTURE_NS", 1000)  # so that all of them are due at once
    frames: list[Frame] = []
    with opened(f"loop:{folder}") as camera:
        while len(frames) < 5:
            time.sleep(0.05)
            frames += taken_now(camera)
    assert [int(frame.image[0, 0]) for frame in frames] == [1, 2, 3, 1, 2]
    assert [frame.sequence for frame in frames] == list(range(5))
    assert str(frames[0].origin) == str(folder / "1.png")


def test_a_folder_is_played_as_it_is_by_then(folder: Path) -> None:
    with opened(f"replay:{folder}") as camera:
        before = [camera.read() for _ in range(3)]
        (folder / "1.png").rename(folder / "4.png")
        after = [camera.read() for _ in range(3)]
    assert [frame and str(frame.origin) for frame in before] == [str(folder / f"{number}.png") for number in (1, 2, 3)]
    assert [frame and str(frame.origin) for frame in after] == [str(folder / f"{number}.png") for number in (2, 3, 4)]


def test_a_folder_that_is_emptied_is_a_fault_until_pictures_are_there_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PICTURE_NS", 1000)
    health, away = Health(), folder.with_name("away")
    timeouts = Timeouts(stall_s=10.0, first_delay_s=0.05, longest_delay_s=0.2)
    with open_camera(CameraConfig(source=f"loop:{folder}"), health, timeouts) as camera:
        until(camera, lambda: "camera" in health.parts())
        folder.rename(away)
        folder.mkdir()
        until(camera, lambda: "no pictures in this folder" in fault(health))
        for file in away.iterdir():
            file.rename(folder / file.name)
        assert until(camera, lambda: not fault(health))


def test_a_loop_is_no_sensor_also_where_it_is_cut(folder: Path) -> None:
    assert not Loop(str(folder), paced=True).sensor
    assert not transform(CameraConfig(flip="both"), Loop(str(folder), paced=True)).sensor


@pytest.mark.parametrize("kind", ["loop", "replay"])
def test_what_is_not_there_cannot_be_played(kind: str) -> None:
    with pytest.raises(CameraError, match=r"^nowhere: no such file or folder to play"):
        opened(f"{kind}:nowhere")


def test_demo_is_the_shipped_clip() -> None:
    with opened("demo") as camera:
        assert "demo.mp4: video 640x480" in camera.describe()


# what is asked of a camera

PICTURE = np.arange(12, dtype=np.uint8).reshape(3, 4)


@pytest.mark.parametrize(
    ("config", "seen"),
    [
        (CameraConfig(), PICTURE),
        (CameraConfig(flip="horizontal"), PICTURE[:, ::-1]),
        (CameraConfig(flip="vertical"), PICTURE[::-1]),
        (CameraConfig(flip="both"), PICTURE[::-1, ::-1]),
        (CameraConfig(roi="0.5,0,0.5,1"), PICTURE[:, 2:]),
        (CameraConfig(roi="0,0.34,0.25,0.66"), PICTURE[1:, :1]),
        # a region of the flipped picture
        (CameraConfig(flip="horizontal", roi="0.5,0,0.5,1"), PICTURE[:, 1::-1]),
        (CameraConfig(roi="0.95,0.95,0.05,0.05"), PICTURE[2:, 3:]),
        # clockwise, and first of all
        (CameraConfig(rotate=90), PICTURE[::-1].T),
        (CameraConfig(rotate=180), PICTURE[::-1, ::-1]),
        (CameraConfig(rotate=270), PICTURE.T[::-1]),
        (CameraConfig(rotate=90, flip="horizontal"), PICTURE.T),
        (CameraConfig(rotate=90, roi="0,0,1,0.5"), PICTURE[::-1, :2].T),
    ],
)
def test_a_picture_is_flipped_and_cut(config: CameraConfig, seen: Grey) -> None:
    image = view(PICTURE, config)
    assert np.array_equal(image, seen)
    assert image.flags.c_contiguous


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["none", "horizontal", "vertical", "both"])
def test_a_camera_that_flips_and_cuts_by_itself_gives_the_same_view(rotate: int, flip: str) -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(6, 8)
    config = convert({"rotate": rotate, "flip": flip, "roi": "0.5,0.5,0.5,0.5"}, CameraConfig)
    asked, left = split(config)
    assert asked.rotate == 0
    assert np.array_equal(view(view(picture, asked), left), view(picture, config))


# a page with digits' strokes in a corner
PAGE = np.full((100, 200), 180, np.uint8)
PAGE[10:20, 5:60:4] = 20


@pytest.mark.parametrize("mask", ["0,0.1,0.3,0.1", " 0.02,0.08,0.28,0.14 ; 0.9,0.9,0.1,0.1; ", "0,0,1,1"])
def test_what_is_masked_is_painted_over_and_nothing_stands_out(mask: str) -> None:
    assert (view(PAGE, CameraConfig(mask=mask)) == 180).all()
    assert (PAGE == 20).any()


def test_a_mask_covers_that_part_and_no_more_of_the_picture_that_is_seen() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (100, 200), np.uint8)
    config = CameraConfig(rotate=180, roi="0,0,0.5,1", mask="0.5,0,0.5,0.25")
    masked = view(noise, config)
    assert len(np.unique(masked[:25, 50:])) == 1
    masked[:25, 50:] = noise[::-1, ::-1][:25, 50:100]
    assert np.array_equal(masked, noise[::-1, ::-1][:, :100])


@pytest.mark.parametrize("source", ["{}", "loop:{}", "replay:{}"])
def test_every_source_is_flipped_and_cut(source: str, folder: Path) -> None:
    wide = folder / "wide.png"
    cv2.imwrite(str(wide), np.hstack([np.full((48, 32), 90, np.uint8), np.full((48, 32), 200, np.uint8)]))
    camera = opened(source.format(wide), flip="vertical", roi="0,0,0.25,0.5", rotate=180, mask="0,0,0.1,0.1")
    assert camera.describe().endswith(", roi 0,0,0.25,0.5, flip vertical, rotate 180, mask 0,0,0.1,0.1")
    (frame,) = taken(camera, 1)
    assert np.array_equal(frame.image, np.full((24, 16), 200))


@pytest.mark.parametrize("source", ["demo", "loop:demo", "replay:demo", "http://127.0.0.1:1/"])
@pytest.mark.parametrize("asked", [{"exposure": 1000}, {"focus": 1.0}, {"format": "YUYV"}], ids=str)
def test_what_no_such_source_can_do_is_refused(source: str, asked: dict[str, object]) -> None:
    (name,) = asked
    with pytest.raises(CameraError, match=rf"camera\.{name} cannot be set for this source; leave it out"):
        opened(source, **asked)


def test_a_pixel_format_is_not_asked_of_picamera2() -> None:
    with pytest.raises(CameraError, match=r"camera\.format cannot be set"):
        opened("picamera2", format="YUYV")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roi = '1,2'", "roi '1,2' is not four numbers"),
        ("roi = '0.5,0,0.6,1'", "is not within 0,0,1,1"),
        ("roi = '0,0,0.01,1'", "a side is less than 0.05"),
        ("roi = '0,0,nan,1'", "is not within 0,0,1,1"),
        ("exposure = 50000", "exposure 50000 us is longer than a frame at fps 30"),
        ("exposure = 0", ">= 1"),
        ("exposure = 'long'", "camera.exposure"),
        ("focus = -1.0", ">= 0"),
        ("flip = 'left'", "camera.flip"),
        ("rotate = 45", "camera.rotate"),
        ("mask = '0,0,1'", "mask '0,0,1' is not four numbers"),
        ("mask = '0,0,1,0.1; 0,0.95,1,0.1'", "mask ' 0,0.95,1,0.1' is not within 0,0,1,1"),
        ("format = 'yuyv2'", "camera.format"),
    ],
)
def test_settings_that_make_no_sense_are_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "digitcam.toml"
    path.write_text(f"[camera]\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert said in str(caught.value)


def test_the_environment_sets_them_too() -> None:
    environ = {"EXPOSURE": "2000", "FOCUS": "1.5", "ROI": "0.7,0,0.3,1", "WAIT": "true", "FLIP": "both", "ROTATE": "90"}
    camera = load(None, {f"DIGITCAM_CAMERA_{name}": value for name, value in environ.items()}).camera
    assert (camera.exposure, camera.focus, camera.region, camera.wait, camera.flip, camera.rotate) == (
        *(2000, 1.5),
        (0.7, 0.0, 0.3, 1.0),
        *(True, "both", 90),
    )
