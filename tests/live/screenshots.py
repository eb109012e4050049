"""Pictures of the page for the docs: `python -m tests.live.screenshots FOLDER`."""

import io
import os
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from PIL import Image
from tests.live.brokers import free_port
from tests.live.browser import PHONE, WIDE, Scheme, browser, screenshot
from tests.live.serving import Service, until
from tests.needs import missing

from digitcam.cameras.registry import list_cameras
from digitcam.files import write_atomically

COARSE = 0xFC  # without the two lowest bits of a camera's noise a file is a third smaller, and no eye misses them
STEADY_S = 12.0
# what stands in the boxes is what is read
STEADY = """
const tags = [...document.querySelectorAll('#boxes .tag')].map((tag) => tag.textContent).join('');
return tags.length >= 8 && tags === document.getElementById('reading').textContent.replaceAll('\\n', '');
"""
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def small(png: bytes) -> bytes:
    """The same picture in fewer bytes."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").point(lambda level: level & COARSE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def without_camera(folder: Path) -> None:
    """The page of a service that waits for a camera."""
    if list_cameras()[0]:
        sys.exit("unplug the cameras of this machine: one picture is of a service without any")
    port = free_port()
    environ = {"DIGITCAM_CAMERA_WAIT": "true", "DIGITCAM_WEB_ENABLED": "true", "DIGITCAM_WEB_PORT": str(port)}
    with (
        subprocess.Popen([sys.executable, "-m", "digitcam", "run"], env={**os.environ, **environ}) as service,
        browser(WIDE, "light") as driver,
    ):
        try:
            until(lambda: listens(port), "the page is served")
            driver.get(f"http://127.0.0.1:{port}/")
            until(lambda: "no camera" in driver.find_element("id", "veil").text, "the page tells of the camera")
            write_atomically(folder / "no-camera.png", small(screenshot(driver, WIDE[0])))
        finally:
            service.terminate()


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    """Wide and phone, light and dark; and wide without a camera."""
    if need := missing("browser"):
        sys.exit(f"needs a browser: {need}")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    without_camera(folder)
    with Service() as service:
        for name, size in (("wide", WIDE), ("phone", PHONE)):
            for scheme in SCHEMES:
                with browser(size, scheme) as driver:
                    driver.get(service.url)
                    time.sleep(STEADY_S)
                    until(partial(driver.execute_script, STEADY), "a page lies still")
                    write_atomically(folder / f"{name}-{scheme}.png", small(screenshot(driver, size[0])))


if __name__ == "__main__":
    main()
