"""How the service is, as it is published."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from digitcam.wire.base import Count, Moment, Published, Share

PartState = Annotated[
    Literal["ok", "note", "fault"], Meta(description="`note`: works, but is worth knowing; `fault`: does not work")
]
Phase = Literal["starting", "reading", "paused", "waiting", "stopping"]


class PartHealth(Published, kw_only=True, frozen=True):
    """How one part of the service is."""

    state: PartState
    text: Annotated[str, Meta(description="what is there or what is wrong, and what to do: one line")]
    since: Annotated[Moment, Meta(description="when it became so")]


class Health(Published, kw_only=True, frozen=True):
    """Which parts work, and what the loop was asked for."""

    ok: Annotated[bool, Meta(description="whether no part has a fault")]
    faults: Annotated[list[str], Meta(description="the parts that do not work, with their texts")]
    paused: bool
    min_confidence: Annotated[Share, Meta(description="a place whose likeliest digit is less sure is rejected")]
    parts: Annotated[dict[str, PartHealth], Meta(description="by name: `camera`, `model`, `web`, ...")]


class Latency(Published, kw_only=True, frozen=True):
    """Latency of one stage over the newest frames, in milliseconds."""

    p50: float
    p90: float
    p99: float
    max: float


class Stats(Published, kw_only=True, frozen=True):
    """What this run counted."""

    rate: Annotated[float, Meta(description="frames read a second, just now")]
    frames: Annotated[Count, Meta(description="frames read")]
    skipped: Annotated[Count, Meta(description="frames that a newer one replaced")]
    readings: Annotated[Count, Meta(description="stable readings published")]
    seconds: Annotated[float, Meta(description="how long it runs")]
    latency: Annotated[dict[str, Latency], Meta(description="by stage; `total` from capture to the last output")]
    temperature_c: Annotated[float | None, Meta(description="degrees Celsius of the machine's hottest sensor")]


class BrokerStats(Stats, kw_only=True, frozen=True):
    """The same as MQTT has it."""

    events_dropped: Annotated[Count, Meta(description="events lost while the broker was away")]


class BrokerState(Published, kw_only=True, frozen=True):
    """What stands there now, for MQTT; null where nothing was read yet."""

    text: str | None
    lines: list[str]
    confidence: Annotated[Share | None, Meta(description="of the least sure digit")]
    rejected: Annotated[Count | None, Meta(description="how many places were not read")]
    time: Annotated[Moment | None, Meta(description="when the frame was captured")]
    sequence: Annotated[Count | None, Meta(description="that frame's number")]
    paused: bool
    min_confidence: Annotated[Share, Meta(description="a place whose likeliest digit is less sure is rejected")]
    sent: Annotated[Moment | UnsetType, Meta(description="when this message was made")] = UNSET


class Status(Published, kw_only=True, frozen=True):
    """`status.json` in the service's runtime directory, for `make status`, deployments and other programs."""

    version: Annotated[str, Meta(description="digitcam's")]
    time: Annotated[Moment, Meta(description="when this was written: on change, and every few seconds")]
    pid: int
    invocation: Annotated[str, Meta(description="which start of the unit this is, as systemd's InvocationID")]
    ready: Annotated[bool, Meta(description="whether systemd was told that it is ready")]
    phase: Annotated[Phase, Meta(description="`waiting`: for its camera")]
    health: Health
    stats: Stats


class Error(Published, kw_only=True, frozen=True):
    """Every refusal and failure of the API."""

    error: Annotated[str, Meta(description="one line that says what is wrong and what to do")]


class Threshold(Published, kw_only=True, frozen=True):
    """What `POST /api/threshold` takes."""

    min_confidence: Share
