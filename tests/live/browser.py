"""Debian's chromium, driven for real."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Literal

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from tests.needs import NEEDS

CHROMIUM, DRIVER = NEEDS["browser"].places
WIDE, PHONE = (1440, 900), (390, 844)
QUIET = (
    "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync hide-scrollbars disable-dev-shm-usage"
)

Scheme = Literal["light", "dark"]


@contextmanager
def browser(size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> Iterator[Chrome]:
    """A browser with a profile of its own, which ends with the block."""
    with TemporaryDirectory() as profile:
        options = ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in [*QUIET.split(), f"user-data-dir={profile}", f"window-size={size[0]},{size[1]}"]:
            options.add_argument(f"--{argument}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = Chrome(options=options, service=Service(DRIVER))
        try:
            resize(driver, size)
            prefer(driver, scheme)
            yield driver
        finally:
            driver.quit()


def resize(driver: Chrome, size: tuple[int, int]) -> None:
    """Give the page a size, whatever the window's frame takes."""
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def prefer(driver: Chrome, scheme: Scheme) -> None:
    """What a person's system is set to."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def screenshot(driver: Chrome, width: int) -> bytes:
    """The whole page as PNG."""
    height = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["height"]
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    return base64.b64decode(shot["data"])
