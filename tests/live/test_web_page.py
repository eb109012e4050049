"""The page in a real browser, on a real service that plays the shipped clip."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from tests.live.browser import PHONE, WIDE, browser, prefer, resize
from tests.live.serving import Service, ask, until
from tests.needs import need

from digitcam.recognition.adoption.shipped import SAMPLES

TEXTS = {page["text"] for page in json.loads((SAMPLES / "demo.json").read_text())["pages"]}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    need("browser")
    with browser() as driver:
        yield driver


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as started:
        yield started


@pytest.fixture
def page(chrome: Chrome, service: Service) -> Chrome:
    said(chrome)  # of the page before
    chrome.get(service.url)
    until(lambda: sequence(chrome) is not None, "a frame is shown")
    return chrome


def sequence(driver: Chrome) -> int | None:
    number = driver.execute_script("return document.getElementById('picture').dataset.sequence")
    return None if number is None else int(number)


def text(driver: Chrome, name: str) -> str:
    return str(driver.execute_script(f"return document.getElementById('{name}').textContent")).strip()


def said(driver: Chrome) -> list[Any]:
    """What the browser's console was told since the last call."""
    return list(driver.get_log("browser"))  # type: ignore[no-untyped-call]


def errors(driver: Chrome) -> list[Any]:
    return [entry for entry in said(driver) if entry["level"] != "INFO"]


def pixels(driver: Chrome) -> str:
    return str(driver.execute_script("return document.getElementById('picture').toDataURL()"))


def test_frames_move_and_the_reading_changes(page: Chrome) -> None:
    pictures, numbers, readings = set(), set(), set()

    def moved() -> bool:
        pictures.add(pixels(page))
        numbers.add(sequence(page))
        readings.add(text(page, "reading"))
        return len(pictures) > 5 and len(readings & TEXTS) >= 2

    until(moved, "frames move, and two of the clip's pages are read")
    assert len(numbers) > 5
    assert text(page, "state").startswith("Live, ")
    assert text(page, "faults") == ""
    assert errors(page) == []


def test_boxes_crops_bars_and_times_are_those_of_the_frame(page: Chrome) -> None:
    def read() -> bool:
        # one script, so that no frame comes between
        shown = page.execute_script(
            "const all = (s) => [...document.querySelectorAll(s)];"
            "return {tags: all('#boxes .tag').map((t) => t.textContent),"
            " cells: all('.cell .verdict').map((v) => v.firstChild.data),"
            " best: all('.cell').map((c) => c.querySelector('.best').textContent),"
            " ink: all('.cell .crop').map((c) =>"
            " c.getContext('2d').getImageData(0, 0, 28, 28).data.some((v, i) => i % 4 < 3 && v > 200)),"
            " stages: all('#stages th').map((t) => t.textContent)}"
        )
        same = shown["tags"] == shown["cells"] == shown["best"]
        return bool(shown["tags"] and same and all(shown["ink"]) and shown["stages"][-1:] == ["total"])

    until(read, "the same digits in boxes and crops")
    drawn = "return new Set(document.getElementById('chart').getContext('2d').getImageData(0, 0, 400, 150).data).size"
    until(lambda: page.execute_script(drawn) > 5, "the chart is drawn")


def test_faults_are_shown_and_go_again(page: Chrome, service: Service) -> None:
    service.report("fault", "camera", "unplugged: plug it in again")
    until(lambda: text(page, "faults") == "camera: unplugged: plug it in again", "the fault is shown")
    assert text(page, "state") == "Fault: camera"
    assert page.find_element(By.CSS_SELECTOR, "#parts dd[data-state=fault]").text == "unplugged: plug it in again"
    service.report("ok", "camera", "there again")
    until(lambda: text(page, "state").startswith("Live"), "the fault has gone")
    assert text(page, "faults") == ""


def test_it_survives_a_restart_of_the_service_by_itself(page: Chrome, service: Service) -> None:
    page.execute_script("window.same = true")
    for _ in range(2):
        service.kill()
        until(lambda: text(page, "veil").startswith("Connection lost"), "the lost connection is shown")
        assert text(page, "state").startswith("Connection lost")
        with Service(int(service.address.rpartition(":")[2])) as again:
            until(lambda: text(page, "veil") == "" and text(page, "state").startswith("Live"), "it is live again")
            numbers = {sequence(page)}
            until(lambda: len(numbers | {sequence(page)}) > 1, "frames move again")  # noqa: B023  # not kept
            service = again
    assert page.execute_script("return window.same")


def test_a_person_with_a_keyboard_reaches_everything(page: Chrome) -> None:
    order = []
    for _ in range(12):
        ActionChains(page).send_keys(Keys.TAB).perform()
        element = page.switch_to.active_element
        order.append(element.get_attribute("id") or element.text)
        # what has the focus can be seen to have it
        assert element.is_displayed()
    assert order[:1] == ["Skip to the reading"]
    assert {"pause", "picture-file", "threshold", "API", "Metrics"} <= set(order)


def test_commands_reach_the_service(page: Chrome, service: Service) -> None:
    page.find_element(By.ID, "pause").send_keys(Keys.ENTER)
    page.find_element(By.ID, "threshold").send_keys(Keys.ARROW_RIGHT)
    until(lambda: text(page, "threshold-value") == "71 %", "the threshold moves")
    until(lambda: text(page, "pause") == "Resume", "the page shows that it is paused")
    assert text(page, "answer") == ""
    said = json.loads(ask(service.address, "/api/health").body)
    assert (said["paused"], said["min_confidence"]) == (True, 0.71)
    page.find_element(By.ID, "pause").click()
    until(lambda: text(page, "pause") == "Pause", "it is resumed")


def test_a_picture_that_is_sent_is_read_and_what_is_none_is_told(page: Chrome) -> None:
    page.find_element(By.ID, "picture-file").send_keys(str(SAMPLES / "frame-1.png"))
    until(lambda: page.execute_script("return document.getElementById('sent').open"), "the answer is shown")
    frames = json.loads((SAMPLES / "frames.json").read_text())["frames"]
    told = next(frame for frame in frames if frame["image"] == "frame-1.png")
    tags = page.execute_script("return document.querySelectorAll('#sent-boxes .tag').length")
    assert tags == len(told["digits"])
    page.switch_to.active_element.send_keys(Keys.ENTER)
    until(lambda: not page.execute_script("return document.getElementById('sent').open"), "it is closed")
    page.find_element(By.ID, "picture-file").send_keys(str(SAMPLES / "frames.json"))
    until(lambda: "not a JPEG" in text(page, "answer"), "the page says why not")


def test_it_asks_no_other_host(page: Chrome, service: Service) -> None:
    asked = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert asked
    assert all(name.startswith(service.url) for name in asked)


# contrast of every text to what it stands on, by https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
CONTRAST = """
const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
  if (c.length && (c[3] ?? 1) > 0) return c; } return [255, 255, 255]; };
return [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() &&
  !e.closest('.veil, .hidden, svg, noscript') && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .map((e) => {
  const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
  return [(a + 0.05) / (b + 0.05), e.textContent.trim().slice(0, 30)]; });
"""
NAMELESS = """
return [...document.querySelectorAll('button, input, a, canvas, img, dialog, section')].filter((e) =>
  !e.closest('[aria-hidden]') && e.getAttribute('alt') === null && !(e.getAttribute('aria-label') ?? '').trim() &&
  !document.getElementById(e.getAttribute('aria-labelledby') ?? '') && !e.textContent.trim() && !e.labels?.length)
  .map((e) => e.outerHTML);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_and_is_named(page: Chrome, scheme: Any) -> None:  # noqa: ANN401
    prefer(page, scheme)
    until(lambda: page.find_elements(By.CSS_SELECTOR, ".cell"), "crops are shown")
    ratios = page.execute_script(CONTRAST)
    assert len(ratios) > 20
    assert [said for ratio, said in ratios if ratio < 4.5] == []
    assert page.execute_script(NAMELESS) == []
    assert page.execute_script("return document.documentElement.lang") == "en"
    reading = page.find_element(By.ID, "reading")
    assert (reading.get_attribute("aria-live"), reading.aria_role) == ("polite", "status")


@pytest.mark.parametrize("size", [PHONE, (320, 568), WIDE, (768, 1024)])
def test_nothing_sticks_out_at_the_side(page: Chrome, size: tuple[int, int]) -> None:
    resize(page, size)
    try:
        until(lambda: page.find_elements(By.CSS_SELECTOR, ".cell"), "crops are shown")
        assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        small = page.execute_script(
            "return [...document.querySelectorAll('button, .button, input[type=range]')]"
            ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 32).map((e) => e.outerHTML)"
        )
        assert small == []
    finally:
        resize(page, WIDE)


def test_the_api_page_lists_every_operation(page: Chrome, service: Service) -> None:
    page.get(service.url + "api/docs")
    until(lambda: len(page.find_elements(By.CSS_SELECTOR, ".operation")) == 10, "ten operations are listed")
    assert "POST" in page.find_element(By.ID, "operations").text
    assert errors(page) == []
