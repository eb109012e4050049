"""Readings for an MQTT broker, and commands from it. Needs the extra `mqtt`."""

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from digitcam.outputs.base import Finding, Output, OutputPlugin

if TYPE_CHECKING:
    from digitcam.state.service import ServiceState


class MqttConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Publish to an MQTT broker; needs the extra `mqtt`."""

    host: Annotated[str, Meta(description="The broker's name or address; empty: no MQTT.")] = ""
    port: Annotated[int, Meta(ge=0, le=65535, description="0: 1883, or 8883 with TLS.")] = 0
    name: Annotated[
        str,
        Meta(
            pattern="^[A-Za-z0-9_-]*$",
            description=(
                "What this camera is called in topics and in Home Assistant, unlike any other; empty: as the machine "
                "is."
            ),
        ),
    ] = ""
    topic: Annotated[
        str, Meta(pattern="^[^/+#\\0]+(/[^/+#\\0]+)*$", description="What every topic begins with; the name follows.")
    ] = "digitcam"
    discovery: Annotated[
        str,
        Meta(
            pattern="^[^/+#\\0]*$",
            description="What Home Assistant's discovery topics begin with; empty: not announced to it.",
        ),
    ] = "homeassistant"
    user: Annotated[str, Meta(description="Whom the broker knows this camera as; empty: nobody in particular.")] = ""
    password_file: Annotated[
        str, Meta(description="A file that holds the password; a name without a folder is a systemd credential.")
    ] = ""
    tls: Annotated[
        Literal["off", "on", "insecure"], Meta(description="`insecure` encrypts, but to whoever answers.")
    ] = "off"
    ca_file: Annotated[str, Meta(description="Who vouches for the broker, PEM; empty: whom this machine trusts.")] = ""
    cert_file: Annotated[str, Meta(description="What the broker knows this camera by, PEM, where it asks for it.")] = ""
    key_file: Annotated[str, Meta(description="That key, PEM, without a password.")] = ""
    heartbeat: Annotated[
        float, Meta(ge=1, le=86400, description="Seconds after which a state that is still the same is sent again.")
    ] = 60.0
    stats: Annotated[float, Meta(ge=1, le=86400, description="Seconds between two messages with rate and latency.")] = (
        30.0
    )
    picture: Annotated[
        float,
        Meta(
            ge=0,
            le=86400,
            description=(
                "Seconds, at least, between two pictures of what was read, 100 to 200 kB each, of which the broker "
                "keeps the last; 0: none but those that are asked for."
            ),
        ),
    ] = 10.0
    keepalive: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description=(
                "Seconds of silence after which the broker is asked whether it is there; after as many again it "
                "counts as gone."
            ),
        ),
    ] = 15
    retry: Annotated[
        float,
        Meta(
            ge=0.1,
            le=3600,
            description=(
                "Longest wait between two attempts to connect, seconds; the first is 1 s at most, then it doubles."
            ),
        ),
    ] = 30.0


def _open(service: "ServiceState", settings: MqttConfig) -> Output:
    """Connect to the broker, and keep at it on a thread of its own until `close`.

    A broker that is not there is no error: `service.health` says so until it is.

    Raises:
        ConfigError: a password or a certificate cannot be read.
    """
    from digitcam.outputs.mqtt.access import read_access
    from digitcam.outputs.mqtt.output import Mqtt

    return Mqtt(service, settings, read_access(settings))


def _check(settings: MqttConfig) -> Finding:
    from digitcam.outputs.mqtt.check import check

    return check(settings)


PLUGIN = OutputPlugin(
    settings=MqttConfig,
    is_wanted=lambda settings: bool(settings.host),
    open=_open,
    check=_check,
    # paho-mqtt 1, which Debian 12 has, lacks this module
    needs={"paho.mqtt.enums": "paho-mqtt 2"},
)
