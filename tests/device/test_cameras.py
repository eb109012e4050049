import errno
import os
import re
import struct
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.device.jpegs import jpeg
from tests.device.users import as_a_user

from digitcam.cameras import picamera, registry
from digitcam.cameras.base import Camera
from digitcam.cameras.v4l2 import device, source
from digitcam.config import CameraConfig
from digitcam.errors import CameraError, ImageError
from digitcam.frame import Frame, Grey, Origin
from digitcam.state.health import Health

FORMATS = [pytest.param("clip.avi", "MJPG", id="avi"), pytest.param("clip.mp4", "mp4v", id="mp4")]
FRAMES = 10


def grey_level(number: int) -> int:
    return 20 + 20 * number


def write_video(path: Path, codec: str = "MJPG") -> Path:
    """Ten plain 64x48 frames, each 20 levels lighter than the one before."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 10, (64, 48))
    assert writer.isOpened()
    for number in range(FRAMES):
        writer.write(np.full((48, 64, 3), grey_level(number), np.uint8))
    writer.release()
    return path


def write_picture(path: Path, level: int = 128) -> Path:
    assert cv2.imwrite(str(path), np.full((48, 64), level, np.uint8))
    return path


def opened(source: Path | str) -> Camera:
    return registry.open_camera(CameraConfig(source=str(source)), Health())


def frames_of(camera: Camera) -> list[Frame]:
    with camera:
        return list(iter(camera.read, None))


def refused(source: Path | str) -> str:
    """Open and read everything; the one line that it fails with."""
    with pytest.raises((CameraError, ImageError)) as caught:
        frames_of(opened(source))
    message = str(caught.value)
    assert "\n" not in message
    assert str(source) in message
    return message


# recordings


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_a_video_gives_every_frame_in_order(tmp_path: Path, name: str, codec: str) -> None:
    frames = frames_of(opened(write_video(tmp_path / name, codec)))
    assert [frame.sequence for frame in frames] == list(range(FRAMES))
    for number, frame in enumerate(frames):
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (48, 64)
        # lossy compression of a plain frame
        assert abs(float(frame.image.mean()) - grey_level(number)) < 8


def test_a_recording_is_not_live_and_says_what_it_is(tmp_path: Path) -> None:
    with opened(write_video(tmp_path / "clip.avi")) as video:
        assert not video.live
        assert video.describe() == f"{tmp_path / 'clip.avi'}: video 64x48, 10 frames"


def test_a_frame_of_a_recording_is_as_old_as_its_decoding(tmp_path: Path) -> None:
    before = time.monotonic_ns()
    times = [frame.time_ns for frame in frames_of(opened(write_video(tmp_path / "clip.avi")))]
    moments = [before, *times, time.monotonic_ns()]
    assert moments == sorted(moments)


def test_a_recording_has_a_time_of_its_own_and_a_camera_has_not(tmp_path: Path) -> None:
    frames = frames_of(opened(write_video(tmp_path / "clip.avi")))
    assert [frame.scene_ns for frame in frames] == [100_000_000 * number for number in range(FRAMES)]
    live = Frame(frames[0].image, time_ns=7, sequence=0)
    assert live.scene_ns == 7


def test_a_folder_is_taken_for_a_picture_a_second(tmp_path: Path) -> None:
    for number in range(3):
        write_picture(tmp_path / f"{number}.png")
    assert [frame.scene_ns for frame in frames_of(opened(tmp_path))] == [0, 1_000_000_000, 2_000_000_000]


def test_a_folder_gives_its_pictures_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1):
        write_picture(tmp_path / f"frame{number}.png", level=number)
    (tmp_path / "notes.txt").write_text("not a picture")
    camera = opened(tmp_path)
    assert camera.describe() == f"{tmp_path}: 4 pictures"
    assert [int(frame.image[0, 0]) for frame in frames_of(camera)] == [1, 9, 10, 100]


def test_one_picture_is_one_frame(tmp_path: Path) -> None:
    (frame,) = frames_of(opened(write_picture(tmp_path / "page.PNG", level=77)))
    assert frame.sequence == 0
    assert frame.image.shape == (48, 64)
    assert (frame.image == 77).all()


def test_an_unreadable_picture_in_a_folder_is_told_and_skipped(tmp_path: Path) -> None:
    whole = write_picture(tmp_path / "1.png").read_bytes()
    for name in ("0.png", "2.png", "4.png"):
        (tmp_path / name).write_bytes(whole[:40])
    write_picture(tmp_path / "3.png")
    health = Health()
    with registry.open_camera(CameraConfig(source=str(tmp_path)), health) as camera:
        frames = []
        while frame := camera.read():
            frames.append((frame.sequence, str(frame.origin)))
            # told by then: the page of the run shows it
            assert f"{tmp_path}/{2 * len(frames) - 2}.png: " in health.parts()["pictures"].text
    assert frames == [(0, f"{tmp_path}/1.png"), (1, f"{tmp_path}/3.png")]
    assert health.parts()["pictures"].state == "note"
    assert health.parts()["pictures"].text.startswith(f"{tmp_path}/4.png: ")


def test_a_folder_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_text("hello")
    assert "none of its 2 pictures can be read" in refused(tmp_path)


def test_each_page_of_a_file_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    pages = [Image.new("L", (64, 48), level) for level in (40, 90)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    frames = frames_of(opened(path))
    assert [(frame.origin, int(frame.image[0, 0])) for frame in frames] == [
        (Origin(str(path), 1), 40),
        (Origin(str(path), 2), 90),
    ]


def test_a_pattern_is_pictures_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 9):
        write_picture(tmp_path / f"a{number}.png", level=number)
    write_picture(tmp_path / "b1.png")
    frames = frames_of(opened(tmp_path / "a*.png"))
    assert [int(frame.image[0, 0]) for frame in frames] == [9, 10]


@pytest.mark.parametrize("name", ["page", "page.jfif", "page.dat"])
def test_a_picture_of_another_suffix_is_a_picture(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    Image.new("L", (64, 48), 77).save(path, "JPEG")
    (frame,) = frames_of(opened(path))
    assert frame.origin == Origin(str(path))


def test_a_moment_of_a_film_is_no_picture(tmp_path: Path) -> None:
    motion_jpeg = tmp_path / "clip.mjpeg"
    motion_jpeg.write_bytes(b"".join(map(jpeg, (40, 90))))
    without_suffix = write_video(tmp_path / "clip.avi").rename(tmp_path / "clip")
    for film in (write_video(tmp_path / "clip.mp4", "mp4v"), without_suffix, motion_jpeg):
        frames = frames_of(opened(film))
        assert len(frames) > 1
        assert {frame.origin for frame in frames} == {None}


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    assert "no pictures" in refused(tmp_path)


def test_a_video_cut_off_early_gives_its_frames_and_then_says_so(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.avi").read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole[: int(len(whole) * 0.85)])
    assert "truncated" in refused(cut)
    with opened(cut) as video:
        assert video.read() is not None


def head_of(path: Path) -> bytes:
    return path.read_bytes()[: path.stat().st_size // 3]


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_a_video_without_a_whole_frame_is_refused(tmp_path: Path, name: str, codec: str) -> None:
    path = write_video(tmp_path / name, codec)
    path.write_bytes(head_of(path))
    assert "truncated or damaged" in refused(path)


# FFmpeg would draw a .txt file as terminal art, three frames of it
@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes"])
@pytest.mark.parametrize("content", [b"hello\n" * 100, b""], ids=["text", "empty"])
def test_what_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert "neither a video nor a picture" in refused(path)


def test_a_text_file_called_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("hello")
    refused(path)


def test_motion_jpeg_whose_size_and_sampling_change_is_decoded_picture_by_picture(tmp_path: Path) -> None:
    path = tmp_path / "clip.mjpeg"
    shown = [jpeg(50, sampling="4:2:0"), jpeg(90, sampling="4:4:4"), jpeg(130, (96, 80)), jpeg(170, sampling="4:2:2")]
    path.write_bytes(b"".join(shown * 3))
    frames = frames_of(opened(path))
    assert [frame.image.shape for frame in frames] == [(48, 64), (48, 64), (80, 96), (48, 64)] * 3
    for frame, level in zip(frames, [50, 90, 130, 170] * 3, strict=True):
        middle = frame.image.shape[1] // 2
        assert frame.image[:, : middle - 8].max() < 8
        assert abs(frame.image[:, middle + 8 :].astype(int) - level).max() < 8


def test_a_broken_jpeg_in_a_video_costs_one_frame_which_shows_in_the_numbers(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi")
    data = path.read_bytes()
    fourth = re.findall(rb"\xff\xd8\xff.*?\xff\xd9", data, re.DOTALL)[3]
    path.write_bytes(data.replace(fourth, fourth[:100].ljust(len(fourth), b"\0")))
    frames = frames_of(opened(path))
    assert [frame.sequence for frame in frames] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert frames[3].scene_ns == 400_000_000


@pytest.mark.parametrize(
    ("matrix", "turns"),
    [((0, 1, -1, 0), -1), ((-1, 0, 0, -1), 2), ((0, -1, 1, 0), 1)],
    ids=["90", "180", "270"],
)
def test_a_video_is_turned_as_its_container_says(tmp_path: Path, matrix: tuple[int, ...], turns: int) -> None:
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    page = np.zeros((48, 64, 3), np.uint8)
    page[:24, :32] = 200
    writer.write(page)
    writer.release()
    data = path.read_bytes()
    # the matrix of the track's header, sixteen bits behind the point, stands 44 bytes behind its name
    at = data.index(b"tkhd") + 44
    assert struct.unpack(">5i", data[at : at + 20]) == (1 << 16, 0, 0, 0, 1 << 16)
    a, b, c, d = (number << 16 for number in matrix)
    path.write_bytes(data[:at] + struct.pack(">5i", a, b, 0, c, d) + data[at + 20 :])
    with opened(path) as video:
        frame = video.read()
        said = video.describe()
    assert frame
    upright = np.rot90(page[:, :, 0], turns)
    assert f"video {upright.shape[1]}x{upright.shape[0]}" in said
    assert frame.image.shape == upright.shape
    assert frame.image.flags.c_contiguous
    assert np.abs(frame.image.astype(int) - upright).mean() < 10


# AV1's sequence header of one still picture of 64x48: profile 0, still, reduced, level 0; bits of width and height less
# one, both less one; no tool; 8 bits of colour, 4:2:0; no grain, and the bit that ends it
AV1_BITS = "000 1 1 00000  0101 0101 111111 101111  000 000  0000 00 0 0  1"


def test_av1_that_cannot_be_decoded_is_told_to_be_converted(tmp_path: Path) -> None:
    bits = AV1_BITS.replace(" ", "")
    header = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")

    def units(match: re.Match[bytes]) -> bytes:
        """A temporal delimiter, that header, and padding, in the place of a JPEG."""
        begin = b"\x12\0\x0a" + bytes([len(header)]) + header
        rest = len(match[0]) - len(begin) - 3
        return begin + bytes([0x7A, rest & 0x7F | 0x80, rest >> 7]) + rest * b"\x80"

    path = write_video(tmp_path / "clip.avi")
    video = path.read_bytes().replace(b"MJPG", b"AV01")
    path.write_bytes(re.sub(rb"\xff\xd8\xff.*?\xff\xd9", units, video, flags=re.DOTALL))
    message = refused(path)
    assert "AV1, which OpenCV's FFmpeg cannot decode here; convert it: `ffmpeg -i" in message
    assert "damaged" not in message


# in a fresh process: FFmpeg takes its log level once, and the writer of this test's video has already set it here
def test_a_broken_video_leaves_no_chatter_on_stderr(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", "mp4v")
    path.write_bytes(head_of(path))
    program = """
import sys
from digitcam import config, errors
from digitcam.cameras import registry
from digitcam.state import health
try:
    registry.open_camera(config.CameraConfig(source=sys.argv[1]), health.Health())
except errors.CameraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith(f"{path}: no frame can be decoded")


# cameras that are not there


def test_an_unknown_source_is_told_what_there_is_to_choose() -> None:
    message = refused("webcam")
    assert "picamera2, v4l2:/dev/video0" in message
    assert "digitcam cameras" in message


def test_a_device_without_its_prefix_is_told_how_to_write_it() -> None:
    assert "v4l2:/dev/null" in refused("/dev/null")


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("0", "no such device; write it as `digitcam cameras` lists"),
        ("/dev/video9", "v4l2:/dev/video0"),
        ("~/film.mp4", f"write {Path.home()}/film.mp4"),
        ("file:///a%20b.mp4", "write the path alone: /a b.mp4"),
    ],
)
def test_what_is_written_as_elsewhere_is_told_how_to_be_written_here(source: str, advice: str) -> None:
    assert advice in refused(source)


def test_an_absent_v4l2_camera_is_refused_without_chatter(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CameraError, match=r"^/dev/video99: no such device; `digitcam cameras` lists"):
        opened("v4l2:/dev/video99")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("node", ["/dev/null", "/dev/zero"])
def test_a_device_that_is_no_camera_is_refused(node: str) -> None:
    with pytest.raises(CameraError, match=f"^{node}: not a camera"):
        opened(f"v4l2:{node}")


def test_a_file_is_no_v4l2_camera(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"not a camera"):
        opened(f"v4l2:{write_video(tmp_path / 'clip.avi')}")


def test_a_device_without_permission_says_which_group_to_join(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch(mode=0)
    with as_a_user(), pytest.raises(CameraError, match="usermod -aG video"):
        opened(f"v4l2:{node}")


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.EBUSY, "fuser -v"), (errno.EACCES, "usermod"), (errno.ENODEV, "plug it in again")]
)
def test_what_the_kernel_says_is_turned_into_a_remedy(number: int, remedy: str) -> None:
    message = str(device.explain_refusal("/dev/video0", OSError(number, os.strerror(number))))
    assert message.startswith("/dev/video0: ")
    assert remedy in message


class Driver:
    """What OpenCV hands over of a camera, for want of a device: YUYV, and the frames given."""

    def __init__(self, *frames: Grey | None) -> None:
        self.frames = list(frames)
        self.settings = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV"))}

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        return True

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True

    def get(self, key: int) -> float:
        return self.settings.get(key, 0.0)

    def grab(self) -> bool:
        return bool(self.frames) and self.frames[0] is not None

    def retrieve(self) -> tuple[bool, Grey | None]:
        return True, self.frames.pop(0)

    def release(self) -> None: ...


def driven(monkeypatch: pytest.MonkeyPatch, node: Path, *frames: Grey | None) -> source.V4L2Camera:
    monkeypatch.setattr(source, "_prepare", lambda *_: device.Identity("Test Camera", "usb-1"))
    monkeypatch.setattr(source, "open_capture", lambda *_: Driver(*frames))
    return source.V4L2Camera(CameraConfig(width=64, height=48), str(node))


def test_a_v4l2_frame_is_its_luma(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    frame = np.dstack([np.full((48, 64), 90, np.uint8), np.full((48, 64), 128, np.uint8)])
    camera = driven(monkeypatch, tmp_path, frame, frame)
    assert [camera.read().sequence, camera.read().sequence] == [0, 1]
    assert "YUYV 64x48" in camera.describe()
    assert (driven(monkeypatch, tmp_path, frame).read().image == np.full((48, 64), 90)).all()


@pytest.mark.parametrize("frame", [None, np.empty((0, 0, 2), np.uint8)], ids=["none", "empty"])
def test_a_camera_that_gives_empty_frames_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, frame: Grey | None
) -> None:
    with pytest.raises(CameraError, match=r"Test Camera\): gives empty frames or none; plug it into another port"):
        driven(monkeypatch, tmp_path, frame).read()


def test_a_camera_that_was_pulled_out_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="the device is gone; plug it in again"):
        driven(monkeypatch, tmp_path / "gone", None).read()


def test_an_error_without_a_remedy_keeps_the_kernels_words() -> None:
    message = str(device.explain_refusal("/dev/video0", OSError(errno.EIO, "Input/output error")))
    assert message == "/dev/video0: Input/output error"


@pytest.mark.skipif(Path("/sys/class/video4linux").exists(), reason="this machine has cameras")
def test_a_machine_without_cameras_lists_none() -> None:
    assert registry.list_cameras()[0] == []


def has_picamera2() -> bool:
    try:
        import picamera2  # noqa: F401 - only whether it is there
    except ImportError:
        return False
    return True


@pytest.mark.skipif(has_picamera2(), reason="picamera2 is installed")
@pytest.mark.parametrize("source", ["picamera2", "picamera2:1"])
def test_without_picamera2_the_command_to_type_is_given(source: str) -> None:
    with pytest.raises(CameraError, match=r"sudo apt install python3-picamera2.*--system-site-packages"):
        opened(source)


# what the adapters take from a buffer


def test_the_luma_of_a_padded_yuv420_buffer_is_copied_without_the_padding() -> None:
    width, height, stride = 6, 4, 8
    luma = np.arange(width * height, dtype=np.uint8).reshape(height, width)
    buffer = np.full(stride * height * 3 // 2, 255, np.uint8)
    buffer[: stride * height].reshape(height, stride)[:, :width] = luma
    image = picamera.take_luma(buffer, (width, height), stride)
    buffer[:] = 0
    assert np.array_equal(image, luma)
    assert image.flags.c_contiguous


def test_a_sensor_timestamp_is_brought_to_the_monotonic_clock() -> None:
    before = time.monotonic_ns()
    on_ours = picamera.on_monotonic_clock(time.clock_gettime_ns(time.CLOCK_BOOTTIME))
    # the two clocks cannot be read at one moment
    slack_ns = 1_000_000_000
    assert before - slack_ns < on_ours < time.monotonic_ns() + slack_ns


LUMA = np.arange(16, dtype=np.uint8).reshape(4, 4)
CHROMA = np.full((4, 4), 200, np.uint8)
BUFFERS = {
    "YUYV": np.dstack([LUMA, CHROMA]),
    "UYVY": np.dstack([CHROMA, LUMA]),
    "NV12": np.vstack([LUMA, CHROMA[:2]]),
    "GREY": LUMA,
}


def is_luma(image: Grey) -> bool:
    return np.array_equal(image, LUMA) and image.dtype == np.uint8 and image.flags.c_contiguous


@pytest.mark.parametrize("fourcc", BUFFERS)
def test_luma_is_taken_from_every_kind_of_v4l2_frame_in_every_shape(fourcc: str) -> None:
    raw = BUFFERS[fourcc]
    assert is_luma(source.take_luma(raw, fourcc, (4, 4)))
    assert is_luma(source.take_luma(raw.reshape(1, -1), fourcc, (4, 4)))
    # each row with eight bytes more, as some drivers align them
    rows = raw.reshape(len(raw), -1)
    assert is_luma(source.take_luma(np.pad(rows, ((0, 0), (0, 8))).reshape(1, -1), fourcc, (4, 4)))


def test_luma_of_a_v4l2_frame_that_opencv_has_converted() -> None:
    assert is_luma(source.take_luma(np.dstack([LUMA, LUMA, LUMA]), "MJPG", (4, 4)))


def test_a_v4l2_frame_that_is_too_short_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    camera = driven(monkeypatch, tmp_path, np.zeros((1, 2 * 64 * 48 - 1), np.uint8))
    with pytest.raises(CameraError, match=r"Test Camera\): gives 6143 bytes, which are not 48 rows"):
        camera.read()


@pytest.mark.parametrize(
    ("request_code", "form"),
    [
        (device.VIDIOC_QUERYCAP, device.CAPABILITY),
        (device.VIDIOC_REQBUFS, device.REQUEST_BUFFERS),
        (device.VIDIOC_ENUM_FMT, device.FORMAT),
        (device.VIDIOC_ENUM_FRAMESIZES, device.FRAME_SIZE),
        (device.VIDIOC_ENUM_FRAMEINTERVALS, device.FRAME_INTERVAL),
        (device.VIDIOC_QUERYCTRL, device.QUERY_CONTROL),
        (device.VIDIOC_S_CTRL, device.CONTROL),
    ],
)
def test_structures_are_as_large_as_the_kernel_expects(request_code: int, form: struct.Struct) -> None:
    # an ioctl's number holds the size of its argument in bits 16 to 29
    assert form.size == request_code >> 16 & 0x3FFF
