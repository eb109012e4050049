"""Pictures of the page for the docs: `python -m tests.live.screenshots FOLDER`."""

import io
import sys
import time
from functools import partial
from pathlib import Path

from PIL import Image
from tests.live.browser import PHONE, WIDE, Scheme, browser, screenshot
from tests.live.serving import Service, until
from tests.needs import missing

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


def main() -> None:
    """Wide and phone, light and dark."""
    if need := missing("browser"):
        sys.exit(f"needs a browser: {need}")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
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
