"""Brings what is in the outbox to the broker, over one connection after another."""

import logging
import threading
import time
from collections.abc import Callable

from digitcam.outputs.mqtt import MqttConfig
from digitcam.outputs.mqtt.access import Access
from digitcam.outputs.mqtt.connection import Connection, LostError, name_broker
from digitcam.outputs.mqtt.outbox import Outbox
from digitcam.outputs.mqtt.reports import Reports
from digitcam.outputs.mqtt.topics import Topics
from digitcam.outputs.mqtt.wake import Wake
from digitcam.state.health import Health

FIRST_RETRY_S = 1.0
TICK_S = 0.5  # how soon a change is seen that wakes nobody: a command that was obeyed, a part that failed
SLOW_S = 5.0  # a broker that has not acknowledged a message by then is called slow
FLUSH_S = 3.0  # for what is left at the end
log = logging.getLogger(__name__)


class BrokerThread:
    """The thread that talks to the broker; it alone does, and it alone waits for it."""

    def __init__(
        self,
        health: Health,
        settings: MqttConfig,
        topics: Topics,
        access: Access,
        reports: Reports,
        outbox: Outbox,
        work: Callable[[], None],
        on_command: Callable[[bytes], None],
    ) -> None:
        """Begin.

        Args:
            health: told how the broker is.
            settings: where it is.
            topics: where everything goes.
            access: password and certificates.
            reports: asked for what is due.
            outbox: what is to be sent.
            work: called from time to time, and when woken, to prepare more.
            on_command: takes what comes to the command topic.
        """
        self._config = settings
        self._health = health
        self._topics = topics
        self._access = access
        self._reports = reports
        self._outbox = outbox
        self._work = work
        self._on_command = on_command
        self._wake = Wake()
        self._stopping = threading.Event()
        self._stop_by = 0.0
        self._dropped = 0
        self._said_stopped = False
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do; return at once."""
        if not self._stopping.is_set():
            self._wake.set()

    def stop(self) -> None:
        """Send what is left, say that this was on purpose, and end, within some seconds; a second call does nothing."""
        if self._stopping.is_set():
            return
        self._stop_by = time.monotonic() + FLUSH_S
        self._stopping.set()
        self._wake.set()
        self._thread.join(FLUSH_S + 2.0)
        if self._thread.is_alive():
            # it still waits for a name server or for a broker to answer; nothing is lost that could still be sent
            log.warning("mqtt: closed while connecting to %s", name_broker(self._config))
        else:
            self._wake.close()
        if not self._outbox.empty:
            log.warning("mqtt: not all could be sent before the end")

    def _run(self) -> None:
        try:
            self._keep_connected()
        finally:
            if not self._stopping.is_set():
                self._health.report("mqtt", "fault", "ended by a defect, which the log shows; restart digitcam")

    def _keep_connected(self) -> None:
        """Serve over one connection after another, with pauses that grow while there is none."""
        delay = first = min(FIRST_RETRY_S, self._config.retry)
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._serve()
            except LostError as error:
                self._outbox.lost()
                self._health.report("mqtt", "fault", f"{error}; digitcam keeps trying")
                # a broker that accepts and then closes, again and again, is not asked each second either
                delay = first if time.monotonic() - began > self._config.retry else delay
                self._stopping.wait(delay)
                delay = min(2 * delay, self._config.retry)

    def _serve(self) -> None:
        """Keep one connection until it is lost, or no longer needed.

        Raises:
            LostError: it is lost.
        """
        connection = Connection(self._config, self._topics, self._access, self._outbox, self._on_message)
        finished = welcomed = False
        try:
            connection.open()
            while not finished and not self._out_of_time(connection):
                connection.turn(self._wake, TICK_S)
                if not connection.accepted:
                    continue
                if not welcomed:
                    welcomed = True
                    self._welcome(connection)
                finished = self._deal(connection)
        finally:
            connection.close(gracefully=finished)

    def _out_of_time(self, connection: Connection) -> bool:
        return self._stopping.is_set() and (not connection.accepted or time.monotonic() > self._stop_by)

    def _welcome(self, connection: Connection) -> None:
        """Tell a broker everything, which may have forgotten it."""
        self._tell(connection)
        self._reports.everything()
        if (dropped := self._outbox.dropped) > self._dropped:
            log.warning("mqtt: %d events were dropped, the broker was away for too long", dropped - self._dropped)
            self._dropped = dropped

    def _deal(self, connection: Connection) -> bool:
        """Send what can be sent; True when there is nothing more to come."""
        self._work()
        if not self._said_stopped:
            self._reports.due()
        if self._stopping.is_set() and self._outbox.empty:
            if self._said_stopped:
                return True
            self._said_stopped = True
            self._reports.stopped()
        connection.send()
        self._tell(connection)
        return False

    def _tell(self, connection: Connection) -> None:
        """Report how the broker is."""
        notes = list(self._access.notes)
        if connection.deaf:
            notes.append(f"the broker does not let this user listen to {self._topics.command}: no commands")
        if connection.waits_s > SLOW_S:
            notes.append(f"the broker is slow: it takes more than {SLOW_S:g} s for a message")
        text = f"connected to {connection.address}{' with TLS' if self._access.context else ''}"
        self._health.report("mqtt", "note" if notes else "ok", "; ".join([text, *notes]))

    def _on_message(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001  # as the broker says it
        if topic == self._topics.birth:
            if payload == b"online":
                self._reports.everything()
        elif retained:
            # it would be obeyed again at every connection
            log.warning("mqtt: a retained message on %s is ignored; clear it: mosquitto_pub -r -n -t %s", topic, topic)
        else:
            self._on_command(payload)
