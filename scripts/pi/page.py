"""Any picture as the page under the emulated camera."""

from pathlib import Path

import cv2

from digitcam.errors import ImageError
from digitcam.pictures import image_file
from pi.machine import Machine, MachineError

WIDTH, HEIGHT = 640, 480  # of the camera
PAGE = "/var/lib/camera/page.pgm"


def lay(machine: Machine, path: Path) -> None:
    """Lay a picture under the camera: upright, grey, in its full size as far as it fits, on paper of its own shade.

    Raises:
        MachineError: it cannot be read, or not brought there.
    """
    try:
        grey = image_file.load(path)
    except ImageError as error:
        raise MachineError(str(error)) from error
    scale = min(1.0, WIDTH / grey.shape[1], HEIGHT / grey.shape[0])
    width, height = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
    around = (top, HEIGHT - height - top, left, WIDTH - width - left)
    framed = cv2.copyMakeBorder(small, *around, cv2.BORDER_REPLICATE)
    # renamed into place: the camera never sees half a page
    machine.ssh(
        f"sudo mkdir -p {Path(PAGE).parent} && sudo tee {PAGE}.new >/dev/null && sudo mv {PAGE}.new {PAGE}",
        stdin=b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT) + framed.tobytes(),
    )
