"""Write docs/formats.md: a table of each published shape, made from its type. `make formats` runs it."""

from pathlib import Path
from typing import Any

from msgspec.json import schema_components

from digitcam import wire
from digitcam.files import write_atomically

PAGE = Path(__file__).parents[1] / "docs/formats.md"
HEAD = """\
# What is published

Made by `make formats` from [digitcam.wire](../device/digitcam/wire/__init__.py); `GET /api/openapi.json` says the
same of the API for programs. Moments are RFC 3339 in UTC. What is set in *italics* may be left out.
"""
# where each shape is met, in the order of the page
SHAPES: dict[type[wire.Published], str] = {
    wire.PictureReading: "`digitcam read --json`: one line a picture.",
    wire.StableReading: "`digitcam run --json`: a line a reading; `GET /api/reading`; `reading` of `GET /api/stream`.",
    wire.ReadingEvent: "MQTT, topic `event`.",
    wire.BrokerState: "MQTT, topic `state`.",
    wire.BrokerStats: "MQTT, topic `stats`.",
    wire.Health: "MQTT, topic `health`; `GET /api/health`; `health` of `GET /api/stream`.",
    wire.DetailedReading: "`POST /api/read`.",
    wire.FrameReading: "`frame` of `GET /api/stream`.",
    wire.Stats: "`stats` of `GET /api/stream`.",
    wire.Threshold: "`POST /api/threshold` takes it.",
    wire.Error: "Every error of the API.",
    wire.RecordedReading: "`reading.json` in a folder that `record.folder` keeps.",
    wire.Status: "`/run/digitcam/status.json`, while the service runs.",
}


def page() -> str:
    """Make the page: a table of each shape, then of what they hold."""
    _, components = schema_components(SHAPES, ref_template="{name}")
    met = {kind.__name__: where for kind, where in SHAPES.items()}
    names = [*met, *sorted(components.keys() - met.keys())]
    return "\n".join([HEAD, *(_section(name, components[name], met.get(name, "")) for name in names)])


def _section(name: str, shape: dict[str, Any], where: str) -> str:
    about = "\n\n".join(filter(None, [shape.get("description", ""), where]))
    rows = [
        f"| {_name(key, shape)} | {_type(value)} | {value.get('description', '')} |"
        for key, value in shape["properties"].items()
    ]
    return "\n".join([f"## {name}", "", about, "", "| | | |", "| --- | --- | --- |", *rows, ""])


def _name(key: str, shape: dict[str, Any]) -> str:
    return f"`{key}`" if key in shape.get("required", ()) else f"*`{key}`*"


def _type(value: dict[str, Any]) -> str:
    """Say in words what a value is."""
    if "anyOf" in value:
        return " or ".join(map(_type, value["anyOf"]))
    if "enum" in value:
        return " or ".join(f"`{choice}`" for choice in value["enum"])
    match value:
        case {"$ref": name}:
            said = f"[{name}](#{name.lower()})"
        case {"items": items}:
            said = f"list of {_type(items)}"
        case {"additionalProperties": dict(items)}:
            said = f"by name, {_type(items)}"
        case {"format": "date-time"}:
            said = "moment"
        case {"type": "number", "minimum": 0, "maximum": 1}:
            said = "0 to 1"
        case _:
            said = value.get("contentEncoding", value["type"])
    return said


if __name__ == "__main__":
    write_atomically(PAGE, page().encode())
