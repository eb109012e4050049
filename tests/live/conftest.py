"""What the tests of the live outputs share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.live.serving import Site

from digitcam.config import Config, configure
from digitcam.frame import Grey
from digitcam.outputs.web import WebConfig
from digitcam.outputs.web.output import Web
from digitcam.pictures import image_file
from digitcam.reading import Reading
from digitcam.recognition.adoption.shipped import SAMPLES
from digitcam.recognition.reader import Reader, open_reader
from digitcam.state.service import ServiceState


@pytest.fixture(scope="session")
def page() -> Grey:
    """A frame with digits."""
    return image_file.load(SAMPLES / "frame-1.png")


@pytest.fixture(scope="session")
def reader() -> Reader:
    return open_reader(Config())


@pytest.fixture(scope="session")
def reading(reader: Reader, page: Grey) -> Reading:
    return reader.read(page)


@pytest.fixture
def site_with(page: Grey, reading: Reading) -> Iterator[Callable[..., Site]]:
    """Start a server with settings of its own."""
    opened: list[Web] = []

    def start(**settings: Any) -> Site:  # noqa: ANN401
        web = WebConfig(enabled=True, **{"port": 0, "fps": 60.0} | settings)
        live = ServiceState(configure(web=web))
        output = Web(live, web)
        opened.append(output)
        return Site(live, output, reading, page)

    yield start
    for output in opened:
        output.close()


@pytest.fixture
def site(site_with: Callable[..., Site]) -> Site:
    return site_with()
