"""The API in OpenAPI's words, for people at `/api/docs` and for programs at `/api/openapi.json`.

https://spec.openapis.org/oas/v3.1.0
"""

from typing import Any

from msgspec.json import schema_components

from digitcam import __version__
from digitcam.outputs.web import WebConfig
from digitcam.wire import DetailedReading, Error, FrameReading, Health, StableReading, Stats, Threshold

Values = dict[str, Any]

SHAPES = (StableReading, DetailedReading, FrameReading, Health, Stats, Error, Threshold)
TEXT = {"type": "string"}
PICTURE = {"type": "string", "format": "binary"}


def make_document(config: WebConfig) -> Values:
    """Give the whole document, for the service as it is configured."""
    paths = {
        "/api/reading": {"get": _reading()},
        "/api/stream": {"get": _stream()},
        "/api/frame.jpg": {"get": _frame()},
        "/api/live.mjpg": {"get": _video()},
        "/api/read": {"post": _read(config.upload_mb)},
        "/api/health": {"get": _health()},
        "/api/pause": {"post": _command("pause", "Stop reading until it is resumed")},
        "/api/resume": {"post": _command("resume", "Read again")},
        "/api/threshold": {"post": _threshold()},
        "/metrics": {"get": _metrics()},
    }
    for path in paths.values():
        for method, operation in path.items():
            operation["responses"] |= {"421": _error("The Host header is no name of this machine")}
            if method == "post":
                operation["responses"] |= {"403": _error("Another site's page asked")}
            if config.password_file:
                operation["responses"] |= {
                    "401": _error("A password is needed"),
                    "429": _error("Too many wrong passwords, or pictures"),
                }
    described: Values = {
        "openapi": "3.1.0",
        "info": {
            "title": "digitcam",
            "version": __version__,
            "description": "What a camera reads, live. Every error is JSON with one line, `error`.",
        },
        "paths": paths,
        "components": {"schemas": schema_components(SHAPES, ref_template=_ref("{name}")["$ref"])[1]},
    }
    if config.password_file:
        described["components"]["securitySchemes"] = {"password": {"type": "http", "scheme": "basic"}}
        described["security"] = [{"password": []}]
    return described


def _reading() -> Values:
    return _operation(
        "reading",
        "The newest stable reading",
        {
            "200": _json("What stands there now", _ref("StableReading")),
            "503": _error("Nothing was read steadily yet"),
        },
    )


def _stream() -> Values:
    return _operation(
        "stream",
        "Server-sent events as they happen: frame, reading, stats, health",
        {
            "200": _answer("Events without end; each `data` line is JSON", "text/event-stream", TEXT),
            "503": _error("Too many watch already"),
        },
        "`reading` is a StableReading, `frame` a FrameReading; `stats` (Stats) and `health` (Health) come each second. "
        "A client that reads slowly gets the newest of each.",
    )


def _frame() -> Values:
    return _operation(
        "frame",
        "The newest frame as a JPEG picture",
        {
            "200": _answer("At most 1280 pixels wide and high", "image/jpeg", PICTURE),
            "503": _error("No frame came yet"),
        },
    )


def _video() -> Values:
    return _operation(
        "video",
        "The frames as motion JPEG",
        {
            "200": _answer("Pictures without end, each with X-Sequence", "multipart/x-mixed-replace", PICTURE),
            "503": _error("Too many watch already"),
        },
    )


def _read(most_mb: float) -> Values:
    return {
        **_operation(
            "read",
            "Read the digits of a picture that you send",
            {
                "200": _json("What stands there", _ref("DetailedReading")),
                "400": _error("It did not arrive whole, or the form holds no file"),
                "408": _error("It took too long to arrive"),
                "413": _error(f"More than {most_mb:g} MB"),
                "422": _error("It is no picture that can be read"),
                "429": _error("Too many pictures; see Retry-After"),
                "503": _error("Others are being read, or the model has gone; see Retry-After"),
            },
            f"JPEG, PNG, WebP, GIF, BMP or TIFF of at most {most_mb:g} MB and 25 megapixels: as the body itself "
            "(`curl --data-binary @page.jpg`) or as the one file of a form (`curl -F picture=@page.jpg`).",
        ),
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": PICTURE},
                "image/*": {"schema": PICTURE},
                "multipart/form-data": {
                    "schema": {"type": "object", "properties": {"picture": PICTURE}, "required": ["picture"]}
                },
            },
        },
    }


def _health() -> Values:
    described = _json("Every part works, or is worth a note", _ref("Health"))
    return _operation("health", "Which parts work", {"200": described, "503": _json("A part does not", _ref("Health"))})


def _command(name: str, about: str) -> Values:
    return _operation(name, about, {"202": {"description": "Asked of the loop; it obeys before its next frame"}})


def _threshold() -> Values:
    operation = _command("threshold", "Set how sure a digit must be to be read")
    operation["responses"] |= {
        "400": _error("It did not arrive whole"),
        "408": _error("It took too long to arrive"),
        "413": _error("More than 64 kB"),
        "422": _error("Not a number from 0 to 1"),
    }
    return {
        **operation,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Threshold")}}},
    }


def _metrics() -> Values:
    return _operation("metrics", "Counts and latencies for Prometheus", {"200": _answer("Samples", "text/plain", TEXT)})


def _operation(name: str, about: str, responses: Values, description: str = "") -> Values:
    more = {"description": description} if description else {}
    return {"operationId": name, "summary": about, **more, "responses": responses}


def _json(about: str, schema: Values) -> Values:
    return _answer(about, "application/json", schema)


def _answer(about: str, media_type: str, schema: Values) -> Values:
    return {"description": about, "content": {media_type: {"schema": schema}}}


def _error(about: str) -> Values:
    return _json(about, _ref("Error"))


def _ref(name: str) -> Values:
    return {"$ref": f"#/components/schemas/{name}"}
