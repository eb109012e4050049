"""A bare install has no web output, and says so."""

from importlib.util import find_spec

import pytest

from digitcam.config import Config, WebConfig
from digitcam.errors import ConfigError
from digitcam.live import Live
from digitcam.outputs import web


@pytest.mark.skipif(find_spec("starlette") is not None, reason="the extra is installed here; tests/live tests it")
def test_without_its_extra_the_web_output_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"^web\.enabled: starlette is not installed; pip install 'digitcam\[web\]'$"):
        web.open_output(Live(Config(web=WebConfig(enabled=True))))
