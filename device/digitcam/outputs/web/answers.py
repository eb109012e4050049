"""Answers in JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from digitcam.wire import Error, Published, to_json


def told(values: Published | Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Give an answer that holds values."""
    return Response(to_json(values) + b"\n", status, media_type="application/json")


def failed(
    status: HTTPStatus, reason: str, *, retry_s: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Give an error: one line that says what is wrong and what to do, and after how many seconds to ask again."""
    extra = dict(headers or {}) | ({"retry-after": str(retry_s)} if retry_s else {})
    return Response(to_json(Error(error=" ".join(reason.split()))) + b"\n", status, extra, "application/json")
