"""One connection to the broker, from its beginning to its end. The next one is another."""

import select
import ssl
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.access import Access
from digitcam.outputs.mqtt.outbox import Outbox
from digitcam.outputs.mqtt.reasons import of_closing, of_connecting
from digitcam.outputs.mqtt.topics import Topics, client_id
from digitcam.outputs.mqtt.wake import Wake

CONNECT_S = 5.0  # to connect, and once more for TLS
PASSWORDS = ("Bad user name or password", "Not authorized")  # paho's names of MQTT 3.1.1's return codes 4 and 5


class LostError(Exception):
    """The connection has come to its end, or to no beginning; the text says why, for whoever runs the broker."""


class Connection:
    """Drives paho-mqtt from one thread, so that what it waits for and what went wrong are known here.

    With threads of its own paho tells nobody why it cannot connect, and sends again what is no longer true.
    """

    def __init__(
        self,
        config: MqttConfig,
        topics: Topics,
        access: Access,
        outbox: Outbox,
        on_message: Callable[[str, bytes, bool], None],
    ) -> None:
        """Prepare it.

        Args:
            config: where the broker is.
            topics: what to listen to, and where the last will goes.
            access: password and certificates.
            outbox: what is to be sent; told of each message that has arrived.
            on_message: takes a topic, a payload, and whether the broker had kept it.
        """
        self._config = config
        self._topics = topics
        self._outbox = outbox
        self._tls = access.context is not None
        self._lost = ""
        self._sent_at: float | None = None  # while a message is in flight
        self.address = name_broker(config)
        self.accepted = False
        self.deaf = False
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id(topics.name))
        client.connect_timeout = CONNECT_S
        client.will_set(topics.availability, "offline", qos=1, retain=True)
        if config.user:
            client.username_pw_set(config.user, access.password.text if access.password else None)
        if access.context:
            client.tls_set_context(access.context)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = lambda _client, _data, message: on_message(
            message.topic, bytes(message.payload), message.retain
        )
        self._client = client

    def open(self) -> None:
        """Connect; whether the broker accepts that, `accepted` says after some turns.

        Raises:
            LostError: it cannot be reached.
        """
        try:
            self._client.connect_async(self._config.host, port_of(self._config), self._config.keepalive)
            self._client.reconnect()
        except (OSError, ValueError) as error:
            raise LostError(f"{self.address}: {of_connecting(error, tls=self._tls)}") from error

    def turn(self, wake: Wake, wait_s: float) -> None:
        """Send and receive what can be, after waiting until something can be or `wake` is set.

        Raises:
            LostError: the broker refused, or has gone.
        """
        if connected := self._client.socket():
            poll = select.poll()
            poll.register(wake, select.POLLIN)
            poll.register(connected, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
            # what TLS has decrypted already makes no descriptor readable
            decrypted = isinstance(connected, ssl.SSLSocket) and connected.pending()
            ready = {descriptor for descriptor, _ in poll.poll(0 if decrypted else 1000 * wait_s)}
            wake.clear()
            try:
                if decrypted or connected.fileno() in ready:
                    self._client.loop_read()
                    self._client.loop_write()
                self._client.loop_misc()
            except Exception as error:  # paho raises anything at what is no MQTT
                raise LostError(f"{self.address}: does not speak MQTT: {error}") from error
        if not self._client.socket():
            raise LostError(f"{self.address}: {self._lost or of_closing(accepted=self.accepted, tls=self._tls)}")

    def send(self) -> None:
        """Begin to send what is next in the outbox; a connection that is lost meanwhile is told by the next turn."""
        while message := self._outbox.take():
            self._sent_at = time.monotonic()
            self._client.publish(message.topic, message.payload, message.qos, message.retain)

    @property
    def waits_s(self) -> float:
        """Seconds since the broker was sent a message that it has not acknowledged; 0 where it has them all."""
        return 0.0 if self._sent_at is None else time.monotonic() - self._sent_at

    def close(self, *, gracefully: bool) -> None:
        """End it; unless gracefully, the broker publishes the last will."""
        client = self._client
        if gracefully:
            client.disconnect()
        if connected := client.socket():
            connected.close()
        # they refer to this object, which refers to the client: neither should wait for the garbage collector
        client.on_connect = client.on_disconnect = client.on_subscribe = client.on_publish = client.on_message = None

    def _on_connect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:  # noqa: ANN401  # paho's
        if not reason.is_failure:
            self.accepted = True
            wanted = [(topic, 1) for topic in (self._topics.command, self._topics.birth) if topic]
            self._client.subscribe(wanted)
        elif reason.getName() in PASSWORDS:
            who = f"user {self._config.user!r} or the password" if self._config.user else "whoever gives no user"
            self._lost = f"refuses {who}; see mqtt.user and mqtt.password_file"
        else:
            self._lost = f"refuses the connection: {reason.getName().lower()}"

    def _on_disconnect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _prop: Any) -> None:  # noqa: ANN401  # paho's
        if reason.getName() == "Keep alive timeout":
            self._lost = self._lost or "does not answer; is it overloaded, or the network down?"
        else:
            self._lost = self._lost or of_closing(accepted=self.accepted, tls=self._tls)

    def _on_publish(self, *_: object) -> None:
        self._sent_at = None
        self._outbox.arrived()

    def _on_subscribe(self, _client: paho.Client, _data: Any, _mid: int, reasons: list[ReasonCode], _prop: Any) -> None:  # noqa: ANN401  # paho's
        self.deaf = any(reason.is_failure for reason in reasons)


def name_broker(config: MqttConfig) -> str:
    """Tell where the broker is, for people."""
    return f"{config.host}:{port_of(config)}"


def port_of(config: MqttConfig) -> int:
    """Give the port that was set, else IANA's: https://www.iana.org/assignments/service-names-port-numbers."""
    return config.port or (1883 if config.tls == "off" else 8883)
