"""Readings for an MQTT broker, and commands from it. paho-mqtt is imported when the output is opened."""

from digitcam.errors import ConfigError
from digitcam.live import Live
from digitcam.outputs.base import Output


def open_output(live: Live) -> Output:
    """Connect to `live.config.mqtt`'s broker, and keep at it on a thread of its own until `close`.

    A broker that is not there is no error: `live.health` says so until it is.

    Raises:
        ConfigError: paho-mqtt 2 is not installed, or a password or a certificate cannot be read.
    """
    try:
        # paho-mqtt 1, which Debian 12 has, has no such module
        from paho.mqtt import enums  # noqa: F401
    except ImportError as error:
        raise ConfigError("mqtt.host is set, but paho-mqtt 2 is not installed; pip install 'digitcam[mqtt]'") from error
    from digitcam.outputs.mqtt.access import read_access
    from digitcam.outputs.mqtt.output import Mqtt

    return Mqtt(live, read_access(live.config.mqtt))
