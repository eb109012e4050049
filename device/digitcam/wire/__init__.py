"""Every shape that is published: on stdout, by MQTT and HTTP, in recordings, and in the service's status file.

The OpenAPI document and the tables in docs/formats.md are made from these types. Moments are RFC 3339 in UTC, shares
go from 0 to 1, boxes are pixels of the picture as it is. A name that is published stays: scripts rely on it.
"""

from digitcam.wire.base import Published
from digitcam.wire.encoding import rfc3339, to_json, to_line, to_wire
from digitcam.wire.readings import (
    DetailedReading,
    DigitRecord,
    FrameReading,
    PictureReading,
    ReadingEvent,
    ReadingRecord,
    RecordedReading,
    RejectRecord,
    StableReading,
)
from digitcam.wire.service import (
    BrokerState,
    BrokerStats,
    Error,
    Health,
    Latency,
    PartHealth,
    Phase,
    Stats,
    Status,
    Threshold,
)

__all__ = [
    "BrokerState",
    "BrokerStats",
    "DetailedReading",
    "DigitRecord",
    "Error",
    "FrameReading",
    "Health",
    "Latency",
    "PartHealth",
    "Phase",
    "PictureReading",
    "Published",
    "ReadingEvent",
    "ReadingRecord",
    "RecordedReading",
    "RejectRecord",
    "StableReading",
    "Stats",
    "Status",
    "Threshold",
    "rfc3339",
    "to_json",
    "to_line",
    "to_wire",
]
