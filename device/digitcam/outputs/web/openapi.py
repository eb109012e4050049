"""The API in OpenAPI's words, for people at `/api/docs` and for programs at `/api/openapi.json`.

https://spec.openapis.org/oas/v3.1.0
"""

from typing import Any

from digitcam import __version__
from digitcam.config import WebConfig

Values = dict[str, Any]

NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
TEXT = {"type": "string"}
BOX = {
    "type": "array",
    "items": {"type": "integer"},
    "minItems": 4,
    "maxItems": 4,
    "description": "x, y of the top left corner, width, height; pixels of the picture as it is",
}
PICTURE = {"type": "string", "format": "binary"}


def document(config: WebConfig) -> Values:
    """The whole document, for the service as it is configured."""
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
        "components": {"schemas": _schemas()},
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
        "`reading` is a StableReading; `frame` is what one frame says, a DetailedReading with `sequence` and `size`; "
        "`stats` and `health` come each second. A client that reads slowly gets the newest of each.",
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
    asked = {
        "type": "object",
        "properties": {"min_confidence": SHARE},
        "required": ["min_confidence"],
        "additionalProperties": False,
    }
    return {**operation, "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}}}


def _metrics() -> Values:
    return _operation("metrics", "Counts and latencies for Prometheus", {"200": _answer("Samples", "text/plain", TEXT)})


def _schemas() -> Values:
    digit = {
        "confidence": SHARE,
        "box": BOX,
        "line": COUNT,
    }
    reject = {"reason": TEXT, "confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1}, "box": BOX}
    named = {
        "digit": {"type": "integer", "minimum": 0, "maximum": 9},
        "label": {**TEXT, "description": "instead of `digit`, where the model reads others than digits"},
    }
    labels = {"type": "array", "items": TEXT, "description": "what probabilities are of, where others than digits"}
    seen = {
        "probabilities": {
            "type": "array",
            "items": SHARE,
            "description": "of each digit, or label; what they lack of 1, or one more, is that of being none",
        },
        "crop": {"type": "string", "contentEncoding": "base64", "description": "28x28 grey levels, as the network saw"},
    }
    head = {
        "time": {"type": "string", "format": "date-time"},
        "sequence": {**COUNT, "description": "the frame's number"},
        "skipped": {**COUNT, "description": "frames that were never read because a newer one had come"},
    }
    page = {"type": "integer", "minimum": 1}
    origin = {
        "image": {**TEXT, "description": "where the source is pictures: the file's name"},
        "page": {**page, "description": "which of its pages, where it holds several"},
    }
    part = {
        "state": {"enum": ["ok", "note", "fault"]},
        "text": TEXT,
        "since": {"type": "string", "format": "date-time"},
    }
    return {
        "StableReading": _object(head | _read_values(_object(digit, named), _object(reject)), origin),
        "DetailedReading": _object(
            _read_values({**_object(digit, named | seen)}, {**_object(reject, seen)}),
            {
                "labels": labels,
                "page": {**page, "description": "which page of the picture was read, where it holds several"},
            },
        ),
        "Health": _object(
            {
                "ok": {"type": "boolean"},
                "paused": {"type": "boolean"},
                "min_confidence": SHARE,
                "parts": {"type": "object", "additionalProperties": _object(part)},
            }
        ),
        "Error": _object({"error": TEXT}),
    }


def _read_values(digit: Values, reject: Values) -> Values:
    return {
        "text": {"type": "string", "description": "the digits, one line of paper a line"},
        "digits": {"type": "array", "items": digit},
        "rejected": {"type": "array", "items": reject},
        "turn": {"enum": [0, 90, 180, 270], "description": "degrees by which the picture was turned to be read"},
        "ms": {"type": "object", "additionalProperties": NUMBER, "description": "latency of each stage"},
    }


def _object(required: Values, optional: Values | None = None) -> Values:
    properties = required | (optional or {})
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


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
