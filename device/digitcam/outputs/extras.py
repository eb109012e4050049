"""Extras: packages that an output needs and a bare install has not."""

import sys
from importlib.util import find_spec

from digitcam.errors import ConfigError

# What each extra installs: a module that it has and nothing else, and the name that people know it by. paho-mqtt 1,
# which Debian 12 has, lacks that module.
PACKAGES = {
    "mqtt": {"paho.mqtt.enums": "paho-mqtt 2"},
    "web": {"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart"},
}


def require(name: str) -> None:
    """Make sure that what an output needs is installed.

    Args:
        name: the output's, and its extra's; an output that needs none passes.

    Raises:
        ConfigError: something is missing.
    """
    missing = [package for module, package in PACKAGES.get(name, {}).items() if not _is_installed(module)]
    if missing:
        command = f"{sys.executable} -m pip install --editable 'device[{name}]'"
        raise ConfigError(
            f"[{name}] is switched on, but needs {', '.join(missing)}; in digitcam's folder type: {command}"
        )


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False
