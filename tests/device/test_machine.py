"""What a machine tells of itself, from a root folder of our own."""

from pathlib import Path

import pytest

from digitcam import system_info


def test_what_a_raspberry_pi_tells_is_read(tmp_path: Path) -> None:
    files = {
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
        "proc/cpuinfo": "processor\t: 0\nBogoMIPS\t: 108.00\nCPU part\t: 0xd08\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
        "sys/class/thermal/thermal_zone0/temp": "48312\n",
        "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    told = system_info.describe(tmp_path)
    assert told["model"] == "Raspberry Pi 4 Model B Rev 1.5"
    assert told["governor"] == "ondemand"
    assert told["temperature_c"] == 48.312
    assert told["throttling"] == "under-voltage, throttled, under-voltage since start, throttled since start"


def test_a_machine_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    told = system_info.describe(tmp_path)
    assert told["model"] is told["governor"] is told["temperature_c"] is None
    assert told["cpu"]


@pytest.mark.parametrize(
    ("bits", "words"),
    [(0, "none"), (0x2, "clock capped"), (0x80008, "soft temperature limit, soft temperature limit since start")],
)
def test_throttling_is_told_in_words(bits: int, words: str) -> None:
    assert system_info.explain_throttling(bits) == words
