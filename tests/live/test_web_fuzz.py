"""Whatever is asked, the answer is one that the OpenAPI document knows: no 500, no traceback.

`CASES` in the environment says how many cases of each kind; `make fuzz-web` asks for thousands.
"""

import io
import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis import Case
from schemathesis.checks import CHECKS
from tests.live.serving import Site

from digitcam.config import configure
from digitcam.frame import Grey
from digitcam.outputs.web import WebConfig, app
from digitcam.outputs.web.openapi import make_document
from digitcam.outputs.web.output import Web
from digitcam.reading import Reading
from digitcam.state.service import ServiceState

CASES = int(os.environ.get("CASES", "60"))
STREAMS = ("/api/stream", "/api/live.mjpg")
PATHS = ("/", "/api/reading", "/api/frame.jpg", "/api/health", "/api/read", "/api/threshold", "/api/pause", "/metrics")
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")

# a busy machine is slow, and that is no finding; the same cases each time, so that a finding can be repeated
fuzzing = settings(
    max_examples=CASES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def fuzzed(page: Grey, reading: Reading) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        # what is looked for lies behind the limits
        patch.setattr(app, "PICTURES_AT_ONCE", 10**9)
        web = WebConfig(port=0, upload_mb=0.5)
        live = ServiceState(configure(web=web))
        output = Web(live, web)
        site = Site(live, output, reading, page)
        site.show()
        site.publish()
        yield site
        output.close()


SCHEMA = schemathesis.openapi.from_dict(make_document(WebConfig())).exclude(path=list(STREAMS))


@SCHEMA.parametrize()
@fuzzing
def test_the_api_is_as_its_document_says(case: Case[Any], fuzzed: Site) -> None:
    # what a document calls a picture may be any bytes, and those are rightly refused
    excluded = CHECKS.get_by_names(["positive_data_acceptance"]) if case.path == "/api/read" else []
    case.call_and_validate(base_url=fuzzed.output.url, excluded_checks=excluded)  # type: ignore[arg-type]


def raw(site: Site, request: bytes, *, whole: bool = True) -> bytes:
    """Send bytes, and what comes back until the server closes; it does, since that is what it is asked for.

    What may be no whole request ends with an end of sending, at which the server gives up whatever it has begun.
    """
    host, _, port = site.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        answer = b""
        with suppress(ConnectionError):  # it may be refused before all of it is sent
            client.sendall(request)
            if not whole:
                client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while part := client.recv(65536):
                answer += part
    return answer


def is_decent(answer: bytes) -> bool:
    """Whether it is an answer, and without a fault of the server's own."""
    status = answer.partition(b" ")[2][:3]
    return answer.startswith(b"HTTP/1.1 ") and status != b"500" and b"Traceback" not in answer


tokens = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40)
names = st.sampled_from(
    ["Accept", "Authorization", "Content-Type", "Cookie", "Host", "If-None-Match", "Origin", "Range"]
)
headers = st.dictionaries(names | st.from_regex(r"[A-Za-z-]{1,12}", fullmatch=True), tokens, max_size=5)


@fuzzing
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "FOO"]),
    path=st.sampled_from(PATHS) | tokens,
    query=tokens,
    headers=headers,
    body=st.binary(max_size=200) | st.from_regex(rb'\{"min_confidence": ?.{0,20}\}'),
)
def test_any_request_gets_a_decent_answer(
    fuzzed: Site, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    told = {"Host": "localhost", "Content-Length": str(len(body))} | headers | {"Connection": "close"}
    lines = [f"{method} {path}?{query} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    assert is_decent(raw(fuzzed, "\r\n".join(lines).encode("latin-1") + body))


@fuzzing
@given(st.binary(max_size=300))
def test_any_bytes_get_a_decent_answer_or_none_where_they_are_no_whole_request(fuzzed: Site, data: bytes) -> None:
    answer = raw(fuzzed, data, whole=False)
    assert is_decent(answer) or (not answer and b"\n\r\n" not in data)
    assert fuzzed.ask("/api/health").status == 200


def files() -> dict[str, bytes]:
    """A small picture in each format."""
    made = {}
    for kind in FORMATS:
        stream = io.BytesIO()
        Image.linear_gradient("L").resize((48, 48)).save(stream, kind)
        made[kind] = stream.getvalue()
    return made


FILES = files()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture file with some bytes changed, cut out or put in."""
    data = bytearray(FILES[draw(st.sampled_from(FORMATS))])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(data)


@fuzzing
@given(damaged())
def test_a_damaged_picture_is_read_or_refused(fuzzed: Site, data: bytes) -> None:
    answer = fuzzed.ask("/api/read", "POST", data)
    assert answer.status in {200, 422}
    assert answer.status == 200 or answer.error


@fuzzing
@given(
    boundary=st.from_regex(r"[a-z]{0,5}", fullmatch=True),
    body=st.lists(
        st.sampled_from(
            [b"--a", b"--a--", b"\r\n", b"\r\n\r\n", b'Content-Disposition: form-data; name="p"; filename="f"']
        )
        | st.just(FILES["PNG"])
        | st.binary(max_size=20),
        max_size=12,
    ),
)
def test_any_form_is_read_or_refused(fuzzed: Site, boundary: str, body: list[bytes]) -> None:
    answer = fuzzed.ask("/api/read", "POST", b"".join(body), content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status in {200, 400, 422}
    assert answer.status == 200 or answer.error


keys = st.just("min_confidence") | st.text(max_size=9)
plain = st.none() | st.booleans() | st.floats() | st.integers(-9, 9) | st.text(max_size=9)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=9
)


@fuzzing
@given(values)
def test_any_json_is_a_threshold_or_refused(fuzzed: Site, value: object) -> None:
    fuzzed.live.control.pending()  # what other tests asked
    answer = fuzzed.ask("/api/threshold", "POST", json.dumps(value).encode())
    assert answer.status in {202, 422}
    asked = fuzzed.live.control.pending()
    assert bool(asked) == (answer.status == 202)
