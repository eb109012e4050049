"""Whether the broker can be reached."""

import socket

from digitcam.errors import OutputError
from digitcam.outputs.base import Finding
from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.access import read_access
from digitcam.outputs.mqtt.connection import name_broker, port_of
from digitcam.outputs.mqtt.reasons import of_connecting

ANSWER_S = 3.0


def check(settings: MqttConfig) -> Finding:
    """Connect, with TLS where that is wanted, and go again.

    Raises:
        ConfigError: a password or a certificate cannot be read.
        OutputError: the broker does not answer.
    """
    where, context = name_broker(settings), read_access(settings).context
    try:
        with socket.create_connection((settings.host, port_of(settings)), ANSWER_S) as connected:
            if context:
                context.wrap_socket(connected, server_hostname=settings.host).close()
    except (OSError, ValueError) as error:
        raise OutputError(f"{where}: {of_connecting(error, tls=context is not None)}") from error
    return Finding(f"a broker answers at {where}{' with TLS' if context else ''}")
