"""What the API answers."""

import io
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from msgspec import structs, to_builtins
from PIL import Image
from tests.device.pages import MARKS, marked
from tests.held import Held
from tests.live.serving import Answer, Site

from digitcam.config import FindConfig, ModelConfig, configure, merge, shipped_finder, shipped_model
from digitcam.frame import Grey
from digitcam.outputs.web import WebConfig, app, uploads
from digitcam.outputs.web.output import Web
from digitcam.reading import Reading
from digitcam.recognition.reader import Reader
from digitcam.service import loop
from digitcam.service.reload import Reloader
from digitcam.state.commands import Pause, Resume, SetThreshold
from digitcam.state.service import ServiceState
from digitcam.wire import StableReading

STREAMS = {"/api/stream", "/api/live.mjpg"}


def as_png(image: Grey) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


# what was read


def test_before_the_first_reading_there_is_none(site: Site) -> None:
    answer = site.ask("/api/reading")
    assert (answer.status, answer.error) == (503, "nothing was read steadily yet; ask again")
    assert answer.headers["retry-after"] == "1"


def test_the_newest_stable_reading_is_what_run_prints(site: Site) -> None:
    site.publish()
    update = site.publish()
    answer = site.ask("/api/reading")
    assert answer.status == 200
    assert answer.json == to_builtins(update.to_wire(StableReading))


def test_the_newest_frame_is_a_jpeg_picture(site: Site, page: Grey) -> None:
    assert site.ask("/api/frame.jpg").error == "no frame came yet; ask again"
    site.show(np.zeros_like(page))
    site.show()
    answer = site.ask("/api/frame.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-sequence"] == "1"
    shown = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown.shape == page.shape
    assert np.abs(shown.astype(int) - page).mean() < 3


def test_a_large_frame_is_shown_smaller(site: Site) -> None:
    site.show(np.full((1536, 2560), 99, np.uint8))
    with Image.open(io.BytesIO(site.ask("/api/frame.jpg").body)) as shown:
        assert shown.size == (1280, 768)


def test_health_is_an_answer_and_a_status(site: Site) -> None:
    site.live.health.report("camera", "note", "dark")
    answer = site.ask("/api/health")
    assert (answer.status, answer.json["ok"]) == (200, True)
    site.live.health.report("camera", "fault", "unplugged; plug it in")
    answer = site.ask("/api/health")
    assert (answer.status, answer.json["ok"]) == (503, False)
    assert answer.json["parts"]["camera"]["text"] == "unplugged; plug it in"
    assert answer.json["parts"]["web"] == {
        "state": "ok",
        "text": site.output.url,
        "since": answer.json["parts"]["web"]["since"],
    }


def test_metrics_are_what_prometheus_reads(site: Site) -> None:
    for _ in range(3):
        site.live.stats.frame(skipped=2)
    site.live.stats.published()
    site.live.stats.latency({"find": 4.0, "total": 8.0})
    site.live.health.report("mqtt", "fault", "no broker")
    answer = site.ask("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert samples["digitcam_frames_total"] == "3"
    assert samples["digitcam_frames_skipped_total"] == "6"
    assert samples["digitcam_readings_total"] == "1"
    assert samples['digitcam_latency_seconds{stage="find",quantile="0.99"}'] == "0.004"
    assert samples['digitcam_healthy{part="mqtt"}'] == "0"
    assert samples['digitcam_healthy{part="web"}'] == "1"
    assert samples["digitcam_watchers"] == "0"
    assert all(re.fullmatch(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})?', name) for name in samples)
    # https://prometheus.io/docs/instrumenting/exposition_formats/: each metric once, its type before its samples
    types = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    assert {re.split(r"[{ ]", name)[0] for name in samples} <= set(types)


# sent pictures


def same(answer: Answer, reading: Reading) -> bool:
    told = {key: value for key, value in answer.json.items() if key in {"text", "turn"}}
    return answer.status == 200 and told == {"text": reading.text, "turn": reading.turn}


def test_a_mark_across_writing_is_read_by_its_colour_in_what_is_sent(site: Site) -> None:
    sent = io.BytesIO()
    marked("57", MARKS["red"]).save(sent, "JPEG")
    assert site.ask("/api/read", "POST", sent.getvalue()).json["text"] == "57"


def test_a_sent_picture_is_read_as_any_other(site: Site, page: Grey, reading: Reading) -> None:
    answer = site.ask("/api/read", "POST", as_png(page))
    assert same(answer, reading)
    digit = answer.json["digits"][0]
    assert digit["box"] == list(reading.digits[0].box)
    assert len(digit["probabilities"]) == 10
    assert len(digit["crop"]) == 1048  # 784 bytes in base64


def test_a_page_on_its_side_reads_the_same_live_and_sent(site: Site, page: Grey, reader: Reader) -> None:
    lying = np.ascontiguousarray(np.rot90(page))
    loop.run(site.live, Held(lying, frames=4), reader, [site.output])
    live, sent = site.ask("/api/reading").json, site.ask("/api/read", "POST", as_png(lying)).json
    assert live["turn"] == 90
    assert {key: live[key] for key in ("text", "turn")} == {key: sent[key] for key in ("text", "turn")}
    for one, other in zip(live["digits"], sent["digits"], strict=True):
        assert [one[key] for key in ("digit", "box", "line")] == [other[key] for key in ("digit", "box", "line")]
        assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-3)


def as_form(file: bytes | None, name: str = "picture", boundary: str = "x") -> tuple[bytes, str]:
    filename = '; filename="page.png"\r\nContent-Type: image/png' if file is not None else ""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
    return head.encode() + (
        file or b"text"
    ) + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def test_a_picture_may_come_in_a_form(site: Site, page: Grey, reading: Reading) -> None:
    form, kind = as_form(as_png(page))
    assert same(site.ask("/api/read", "POST", form, content_type=kind), reading)


def test_of_a_picture_with_pages_the_first_is_read_and_that_is_told(site: Site, page: Grey, reading: Reading) -> None:
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "TIFF", save_all=True, append_images=[Image.new("L", (640, 480), 200)])
    answer = site.ask("/api/read", "POST", stream.getvalue())
    assert same(answer, reading)
    assert answer.json["page"] == 1
    assert "page" not in site.ask("/api/read", "POST", as_png(page)).json


def saved(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    stream = io.BytesIO()
    Image.new("L", size, 200).save(stream, kind)
    return stream.getvalue()


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 422, "an empty file"),
    "text": (b"12345", 422, "not a JPEG, PNG, WEBP, GIF, BMP or TIFF"),
    # Pillow would start Ghostscript for it
    "PostScript": (saved("EPS"), 422, "not a JPEG"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 422, "HEIC"),
    "a truncated picture": (saved("PNG", (640, 480))[:300], 422, "truncated"),
    "a tiny picture": (saved("PNG", (4, 4)), 422, "too small"),
    "26 megapixels": (saved("PNG", (6500, 4000)), 422, "more than 25 megapixels"),
    "more than was allowed": (b"\0" * 2_000_001, 413, "more than 2 MB"),
}


@pytest.mark.parametrize(("body", "status", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_picture_is_refused_in_one_line(
    site_with: Callable[..., Site], body: bytes, status: int, reason: str
) -> None:
    answer = site_with(upload_mb=2.0).ask("/api/read", "POST", body)
    assert answer.status == status
    assert reason in answer.error


@pytest.mark.parametrize(
    ("body", "kind"),
    [as_form(None), (b"no form at all", "multipart/form-data; boundary=x"), (b"", "multipart/form-data")],
    ids=["no file", "no form", "no boundary"],
)
def test_a_form_without_a_file_is_refused(site: Site, body: bytes, kind: str) -> None:
    answer = site.ask("/api/read", "POST", body, content_type=kind)
    assert answer.status == 400
    assert "form" in answer.error


def test_a_client_that_sends_many_pictures_has_to_wait(site: Site) -> None:
    answers = [site.ask("/api/read", "POST", b"x") for _ in range(app.PICTURES_AT_ONCE + 1)]
    assert [answer.status for answer in answers[:-1]] == [422] * app.PICTURES_AT_ONCE
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_more_pictures_than_can_wait_are_refused(site: Site, page: Grey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "WAITING", 0)
    answer = site.ask("/api/read", "POST", as_png(page))
    assert (answer.status, answer.error) == (503, "other pictures are being read; send it again")


@pytest.mark.parametrize(("key", "shipped"), [("path", shipped_model()), ("finder", shipped_finder())])
def test_a_network_that_was_replaced_is_read_with_and_a_damaged_one_is_told(
    key: str, shipped: str, tmp_path: Path, page: Grey, reading: Reading
) -> None:
    model = Path(shutil.copy(shipped, tmp_path))
    shutil.copy(Path(shipped).with_suffix(".json"), tmp_path)
    settings = WebConfig(port=0)
    live = ServiceState(configure(model=structs.replace(ModelConfig(), **{key: str(model)}), web=settings))
    output = Web(live, settings)
    try:
        site = Site(live, output, reading, page)
        assert same(site.ask("/api/read", "POST", as_png(page)), reading)
        whole = model.read_bytes()
        model.write_bytes(whole[:-100])
        answer = site.ask("/api/read", "POST", as_png(page))
        assert answer.status == 503
        assert str(model) in answer.error
        model.write_bytes(whole)
        assert same(site.ask("/api/read", "POST", as_png(page)), reading)
    finally:
        output.close()


def test_a_picture_is_read_with_the_threshold_and_the_settings_that_are_in_force(page: Grey, reader: Reader) -> None:
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), 11), np.uint8)
    reading = reader.read(page)
    web = WebConfig(port=0)
    started = configure(web=web)
    live, now = ServiceState(started), started
    reload = Reloader(live, lambda: now)
    with closing(Web(live, web)) as output:
        site = Site(live, output, reading, page)
        least = np.median([digit.confidence for digit in reading.digits])
        live.control.min_confidence = float(least)  # as the loop does
        sure = [digit.digit for digit in reading.digits if digit.confidence >= least]
        assert 0 < len(sure) < len(reading.digits)
        assert [digit["digit"] for digit in site.ask("/api/read", "POST", as_png(page)).json["digits"]] == sure
        live.control.min_confidence = started.model.min_confidence
        assert same(site.ask("/api/read", "POST", as_png(page)), reading)
        # what a restart alone changes is none of it
        now = merge(started, find=FindConfig(min_height=0.5), web=WebConfig(upload_mb=0.001))
        assert reload()
        answer = site.ask("/api/read", "POST", as_png(page))
        assert answer.json["digits"] == []
        assert {reject["reason"] for reject in answer.json["rejected"]} >= {"too small"}


# commands


def test_commands_are_left_for_the_loop(site: Site) -> None:
    for path, body in (("pause", None), ("resume", None), ("threshold", b'{"min_confidence": 0.75}')):
        answer = site.ask(f"/api/{path}", "POST", body)
        assert (answer.status, answer.body) == (202, b"")
    assert site.live.control.pending() == [Pause(), Resume(), SetThreshold(0.75)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"0.5",
        b"{}",
        b'{"min_confidence": "high"}',
        b'{"min_confidence": 1.01}',
        b'{"min_confidence": NaN}',
        b"\xff",
        b'{"min_confidence": 0.5, "more": 1}',
        b'{"min_confidence": 1e999}',
        b"[" * 1000,
    ],
)
def test_what_is_no_threshold_is_refused(site: Site, body: bytes) -> None:
    answer = site.ask("/api/threshold", "POST", body)
    assert answer.status == 422
    assert "min_confidence" in answer.error
    assert site.live.control.pending() == []


# pages


class Links(HTMLParser):
    """What a page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {
            value for name, value in attrs if name in {"href", "src"} and value and not value.startswith("#")
        }


@pytest.mark.parametrize("path", ["/", "/api/docs"])
def test_a_page_asks_this_server_only(site: Site, path: str) -> None:
    links = Links()
    links.feed(site.ask(path).body.decode())
    assert links.found
    # a stream does not end
    statuses = {link: site.ask(link, "HEAD" if link in STREAMS else "GET").status for link in links.found}
    assert set(statuses.values()) == {200}, statuses


def test_modules_import_only_what_is_served(site: Site) -> None:
    seen: set[str] = set()
    waiting = {"/static/page.js", "/static/docs.js"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = site.ask(path)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        text = answer.body.decode()
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in text
        waiting |= {f"/static/{name}" for name in re.findall(r'from "\./(\w+\.js)"', text)} - seen
    assert len(seen) > 5


def test_a_browser_keeps_a_file_that_has_not_changed(site: Site) -> None:
    first = site.ask("/static/page.css")
    assert site.ask("/static/page.css", if_none_match=first.headers["etag"]).status == 304
    assert site.ask("/static/page.css", if_none_match='"old"').body == first.body


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/",
        "/static",
        "/../../../etc/passwd",
        "/static/page.css/",
        "/static/page.css%00.html",
        "/api",
        "/api/nothing",
        "/%ff",
    ],
)
def test_no_path_leads_out_of_the_pages(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404
    assert answer.error == "Not Found"


def test_every_operation_is_in_the_document(site: Site) -> None:
    site.show()
    site.publish()
    paths: dict[str, Any] = site.ask("/api/openapi.json").json["paths"]
    for path, methods in paths.items():
        other = "POST" if "get" in methods else "GET"
        assert site.ask(path, other).status == 405, path
        if "get" in methods and path not in STREAMS:
            answer = site.ask(path)
            kind = answer.headers["content-type"].split(";")[0]
            assert list(methods["get"]["responses"][str(answer.status)]["content"]) == [kind]
    served = set(re.findall(r'Route\("(/(?:api|metrics)[^"]*)"', Path(app.__file__).read_text()))
    assert served - {"/api/openapi.json"} == set(paths)


def test_every_answer_tells_the_browser_to_be_careful(site: Site) -> None:
    for path in ("/", "/static/page.js", "/api/health", "/api/frame.jpg", "/nothing"):
        headers = site.ask(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == ("no-cache" if path in {"/", "/static/page.js"} else "no-store")
        assert "server" not in headers
