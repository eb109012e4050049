"""A bare install has no extra, and an output that needs one says so."""

import re
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from digitcam.config import Config, configure
from digitcam.diagnostics.check_output import check_output
from digitcam.errors import ConfigError
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.registry import open_output
from digitcam.outputs.web import WebConfig
from digitcam.plugins import OUTPUTS
from digitcam.state.service import ServiceState

PROJECT = Path(__file__).parents[2] / "device" / "pyproject.toml"


@pytest.mark.parametrize(
    ("name", "config", "packages", "module"),
    [
        ("mqtt", configure(mqtt=MqttConfig(host="localhost")), "paho-mqtt 2", "paho"),
        ("web", configure(web=WebConfig(enabled=True)), "starlette, uvicorn, python-multipart", "starlette"),
    ],
)
def test_an_extra_that_is_not_installed_is_one_line_that_says_what_to_type(
    name: str, config: Config, packages: str, module: str
) -> None:
    if find_spec(module):
        pytest.skip("the extra is installed here")
    line = (
        f"[{name}] is switched on, but needs {packages}; in digitcam's folder type: "
        f"{sys.executable} -m pip install --editable 'device[{name}]'"
    )
    with pytest.raises(ConfigError, match=f"^{re.escape(line)}$"):
        open_output(name, ServiceState(config))
    with pytest.raises(ConfigError, match=f"^{re.escape(line)}$"):
        check_output(name, config)


def test_every_package_of_an_extra_is_looked_for() -> None:
    extras = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    del extras["all"], extras["litert"]  # which no output needs
    required = {name: {re.split(r"[<>=]", each)[0] for each in packages} for name, packages in extras.items()}
    needed = {name: plugin.needs for name in OUTPUTS.shipped if (plugin := OUTPUTS.find(name)) and plugin.needs}
    assert {name: {each.split()[0] for each in packages.values()} for name, packages in needed.items()} == required
