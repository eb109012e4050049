"""Pictures of the page for the docs: `python tests/live/screenshots.py FOLDER`."""

import io
import sys
import time
from pathlib import Path

from browser import PHONE, WIDE, Scheme, browser, missing, screenshot
from conftest import Service, until
from PIL import Image
from selenium.webdriver.common.by import By

from digitcam.files import write_atomically

COLOURS = 256  # a third of the file, and nothing that an eye misses
STEADY_S = 5.0
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def small(png: bytes) -> bytes:
    """The same picture in fewer bytes."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main() -> None:
    """Wide and phone, light and dark."""
    if need := missing():
        sys.exit(f"needs a browser: {need}")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with Service() as service:
        service.report("ok", "reading", "reads; min_confidence is 0.6")
        for name, size in (("wide", WIDE), ("phone", PHONE)):
            for scheme in SCHEMES:
                with browser(size, scheme) as driver:
                    driver.get(service.url)
                    time.sleep(STEADY_S)
                    until(lambda driver=driver: len(driver.find_elements(By.CSS_SELECTOR, ".cell")) >= 8, "a page is read")
                    time.sleep(1)
                    write_atomically(folder / f"{name}-{scheme}.png", small(screenshot(driver, size[0])))


if __name__ == "__main__":
    main()
