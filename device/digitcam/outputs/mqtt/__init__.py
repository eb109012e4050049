"""Readings for an MQTT broker, and commands from it. Needs the extra `mqtt`."""

from digitcam.outputs.base import Output
from digitcam.outputs.mqtt.access import read_access
from digitcam.outputs.mqtt.output import Mqtt
from digitcam.state.shared import Live


def open_output(live: Live) -> Output:
    """Connect to `live.config.mqtt`'s broker, and keep at it on a thread of its own until `close`.

    A broker that is not there is no error: `live.health` says so until it is.

    Raises:
        ConfigError: a password or a certificate cannot be read.
    """
    return Mqtt(live, read_access(live.config.mqtt))
