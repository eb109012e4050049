"""The settings of the camera."""

from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta, Struct

LEAST_SHARE = 0.05  # of a region of interest: three pixels of the least picture
LEAST_MASK = 0.001
WHOLE = 1.0001  # 0.7 and 0.3 are rounded, and so is their sum

Flip = Literal["none", "horizontal", "vertical", "both"]
Region = tuple[float, float, float, float]  # x, y, width and height as shares of a picture


class CameraConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Where frames come from, and what is asked of the camera; what it gives instead is reported."""

    source: Annotated[
        str,
        Meta(
            min_length=1,
            description=(
                "`auto`: the Pi's own camera where picamera2 finds one, else the first V4L2 device that gives frames. "
                "Or `picamera2`, `v4l2:/dev/video0`, `rtsp://...`, `http://...`, a video, a picture, a folder of "
                "pictures, or a pattern such as `scans/*.png`. `loop:` before one of these last four plays it for "
                "ever, as a camera would: a video at its own rate, pictures one a second; `replay:` as fast as it is "
                "read; `demo` for a path is the shipped clip."
            ),
        ),
    ] = "auto"
    password_file: Annotated[
        str,
        Meta(
            description=(
                "A file that holds the password of a URL that names only the user, as `rtsp://admin@camera/stream`; a "
                "name without a folder is a systemd credential."
            )
        ),
    ] = ""
    wait: Annotated[
        bool,
        Meta(
            description=(
                "Whether a live camera that is absent at the start is waited for; a service wants that, a person does "
                "not."
            )
        ),
    ] = False
    width: Annotated[int, Meta(ge=64, le=8192, description="Pixels; a stream has its own size.")] = 640
    height: Annotated[int, Meta(ge=64, le=8192)] = 480
    fps: Annotated[
        float,
        Meta(
            ge=0.1,
            le=240,
            description=(
                "Frames a second; a stream has its own rate, and a picture at a URL is asked for as often, up to 5 "
                "times."
            ),
        ),
    ] = 30.0
    format: Annotated[
        str,
        Meta(
            pattern="^(auto|[A-Z0-9]{4})$",
            description=(
                "V4L2's name of the pixel format, such as YUYV or MJPG; `auto` takes YUYV, or MJPG where that is "
                "faster."
            ),
        ),
    ] = "auto"
    exposure: Annotated[
        Literal["auto"] | Annotated[int, Meta(ge=1, le=10_000_000)],
        Meta(description="Microseconds; shorter is sharper where things move, and needs more light."),
    ] = "auto"
    focus: Annotated[
        Literal["auto"] | Annotated[float, Meta(ge=0, le=10_000)],
        Meta(description="picamera2: dioptres, which is 1 / metres, 0 for far away; V4L2: the driver's own number."),
    ] = "auto"
    rotate: Annotated[
        Literal[0, 90, 180, 270],
        Meta(
            description=(
                "Degrees to turn the picture clockwise, for a camera on its side or upside down; `width` and `height` "
                "are those before."
            )
        ),
    ] = 0
    flip: Annotated[Flip, Meta(description="Mirror the turned picture, as for a camera that looks into a mirror.")] = (
        "none"
    )
    roi: Annotated[
        str,
        Meta(
            description=(
                "Region of interest, x,y,w,h as shares of the turned and flipped picture, as rpicam-apps take it. It "
                "cuts off what a camera writes into its picture, such as its clock: `0,0.1,1,0.9` leaves out the "
                "upper tenth."
            )
        ),
    ] = "0,0,1,1"
    mask: Annotated[
        str,
        Meta(
            description=(
                "What is ignored of the picture that `roi` leaves, such as a clock in its corner: regions x,y,w,h "
                "with semicolons between, which are painted over."
            )
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Check what no type can say."""
        _ = self.region, self.masks
        if self.exposure != "auto" and self.exposure > 1_000_000 / self.fps:
            raise ValueError(
                f"exposure {self.exposure} us is longer than a frame at fps {self.fps:g}; lower one of them"
            )

    @property
    def region(self) -> Region:
        """Region of interest: x, y, width and height as shares of the picture."""
        return _region("roi", self.roi, LEAST_SHARE)

    @property
    def masks(self) -> list[Region]:
        """What is ignored, likewise."""
        return [_region("mask", text, LEAST_MASK) for text in self.mask.split(";") if text.strip()]


@lru_cache  # asked for with every frame
def _region(setting: str, text: str, least: float) -> Region:
    """Give the region that a text gives.

    Raises:
        ValueError: it is none, not within the picture, or a side is less than `least`.
    """
    try:
        x, y, w, h = (float(share) for share in text.split(","))
    except ValueError as error:
        raise ValueError(f"{setting} {text!r} is not four numbers x,y,w,h") from error
    if not (x >= 0 and y >= 0 and w >= least and h >= least and x + w <= WHOLE and y + h <= WHOLE):
        raise ValueError(f"{setting} {text!r} is not within 0,0,1,1, or a side is less than {least}")
    return x, y, w, h
