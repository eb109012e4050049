"""The settings of the outputs."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


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


class WebConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The page and its API; needs the extra `web`."""

    enabled: Annotated[bool, Meta(description="Whether it is served.")] = False
    host: Annotated[
        str,
        Meta(
            min_length=1,
            description=(
                "The address to listen on: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for every machine "
                "around."
            ),
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="0: any that is free; the log says which.")] = 8000
    password_file: Annotated[
        str,
        Meta(
            description=(
                "A file that holds the password, any user name goes with it; a name without a folder is a systemd "
                "credential."
            )
        ),
    ] = ""
    open: Annotated[
        bool,
        Meta(description="Let everyone in without a password who can reach an address other than this machine's own."),
    ] = False
    hosts: Annotated[
        str,
        Meta(
            description=(
                "Further names that this machine is called in a browser, such as `pi.lan`, with commas between."
            )
        ),
    ] = ""
    fps: Annotated[float, Meta(ge=0.1, le=60, description="Frames a second, at most, that watchers are sent.")] = 15.0
    quality: Annotated[int, Meta(ge=10, le=100, description="Of the JPEG pictures.")] = 75
    upload_mb: Annotated[float, Meta(gt=0, le=100, description="Largest picture that may be sent to be read.")] = 15.0


class RecordConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep frames and crops on disk, one at each change of what stands there, the doubtful ones longest."""

    folder: Annotated[
        str,
        Meta(
            description=(
                "Where; empty: keep none. A folder of its own: it is made where only its last part is missing."
            )
        ),
    ] = ""
    max_mb: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Megabytes of disk to use at most; the surest go first.")
    ] = 200
    max_days: Annotated[
        float, Meta(gt=0, le=36500, description="What is older goes, by a clock that has not leapt in between.")
    ] = 30.0
    min_free_mb: Annotated[int, Meta(ge=0, le=1_000_000, description="Megabytes that are left free for others.")] = 500
    max_per_minute: Annotated[int, Meta(ge=1, le=600, description="Frames kept in a minute at most.")] = 6
