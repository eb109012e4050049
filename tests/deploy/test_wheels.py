"""Resolving, with the real pip, from wheels made here in place of the internet's."""

from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from tests.deploy.boards import BITS_32, BOOKWORM, board, wheel

from digitlab.deploy.errors import DeployError
from digitlab.deploy.packing import wheels
from digitlab.deploy.packing.wheels import Platform, closure, platform_of, requirements, resolve, roots

TRIXIE = Platform((3, 13), "aarch64", 41, (("numpy", "2.2.4"),))
OLD = Platform((3, 11), "aarch64", 36, (("numpy", "1.24.2"),))


def names(found: list[Requirement]) -> set[str]:
    return {each.name for each in found}


@pytest.mark.parametrize(
    ("changes", "runtime"),
    [({}, "ai-edge-litert"), (BOOKWORM, "tflite-runtime"), ({**BOOKWORM, **BITS_32}, "tflite-runtime")],
    ids=["trixie", "bookworm", "bookworm 32"],
)
def test_the_runtime_is_that_of_the_machines_python_not_of_ours(changes: dict[str, Any], runtime: str) -> None:
    asked = names(roots(platform_of(board(**changes), requirements()), requirements()))
    assert asked & {"ai-edge-litert", "tflite-runtime"} == {runtime}


def test_all_extras_are_brought_and_digitcam_itself_is_not_looked_for() -> None:
    asked = names(roots(TRIXIE, requirements()))
    assert {"paho-mqtt", "starlette", "uvicorn"} <= asked
    assert "digitcam" not in asked


@pytest.mark.parametrize(
    ("changes", "supplied"),
    [
        ({}, {"numpy": "2.2.4"}),
        (BOOKWORM, {"numpy": "1.24.2"}),
        ({"numpy": ""}, {}),
        # tflite-runtime cannot work with it; the environment gets one of its own, and apt's stays
        ({**BOOKWORM, "numpy": "2.1.0"}, {}),
        ({**BOOKWORM, **BITS_32}, {"numpy": "1.24.2", "opencv-python-headless": "", "pillow": ""}),
    ],
)
def test_what_apt_supplies_is_kept(changes: dict[str, Any], supplied: dict[str, str]) -> None:
    assert dict(platform_of(board(**changes), requirements()).supplied) == supplied


def test_tags_go_from_the_machines_glibc_down() -> None:
    tags = OLD.tags
    assert tags[0] == "manylinux_2_36_aarch64"
    assert {"manylinux_2_34_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"} <= set(tags)
    assert "manylinux_2_37_aarch64" not in tags


def test_markers_are_read_for_the_machine(tmp_path: Path) -> None:
    made = [
        wheel(
            tmp_path, "a", "1.0", 'b; python_version < "3.13"', 'c; platform_machine == "aarch64"', "d; extra == 'x'"
        ),
        wheel(tmp_path, "b"),
        wheel(tmp_path, "c"),
    ]
    needed, missing = closure(TRIXIE, [Requirement("a")], made)
    assert [path.name[0] for path in needed] == ["a", "c"]
    assert not missing
    needed, missing = closure(OLD, [Requirement("a[x]")], made)
    assert [path.name[0] for path in needed] == ["a", "b", "c"]
    assert names(missing) == {"d"}


def test_apts_numpy_is_never_shipped(tmp_path: Path) -> None:
    made = [wheel(tmp_path, "a", "1.0", "numpy>=1.20"), wheel(tmp_path, "numpy", "2.2.4")]
    needed, missing = closure(TRIXIE, [Requirement("a"), Requirement("numpy")], made)
    assert [path.name for path in needed] == [made[0].name]
    assert not missing


def test_a_wheel_that_does_not_fit_apts_numpy_is_refused(tmp_path: Path) -> None:
    made = [wheel(tmp_path, "a", "1.0", "numpy>=2")]
    with pytest.raises(
        DeployError, match=r"a-1.0-py3-none-any.whl needs numpy>=2, but version 1.24.2 is what there is"
    ):
        closure(OLD, [Requirement("a")], made)


def test_an_extra_of_a_wheel_that_is_needed_already_brings_more(tmp_path: Path) -> None:
    made = [wheel(tmp_path, "a", "1.0", "b; extra == 'x'"), wheel(tmp_path, "b")]
    needed, _ = closure(OLD, [Requirement("a[x]"), Requirement("a")], made)
    assert len(needed) == 2


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes everything from."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    wheel(folder, "pip", "26.0")
    return folder


def test_wheels_are_of_the_machines_python_and_processor(index: Path, tmp_path: Path) -> None:
    wheel(index, "fast", "2.0", tag="cp313-cp313-manylinux_2_34_aarch64")
    wheel(index, "fast", "2.0", tag="cp313-cp313-manylinux_2_34_x86_64")
    wheel(index, "fast", "3.0", tag="cp313-cp313-manylinux_2_99_aarch64")
    wheel(index, "fast", "3.0", tag="cp311-cp311-manylinux_2_17_aarch64")
    found = resolve(TRIXIE, ["fast"], cache=tmp_path / "cache")
    assert list(found.sha256) == ["fast-2.0-cp313-cp313-manylinux_2_34_aarch64.whl"]
    assert found.pip == "pip-26.0-py3-none-any.whl"
    assert sorted(path.name for path in found.folder.glob("*.whl")) == [*found.sha256, found.pip]


def test_what_ours_would_not_need_and_the_machine_does_is_fetched_too(index: Path, tmp_path: Path) -> None:
    # a Python that nothing runs the tests with
    machine = Platform((3, 12), "aarch64", 41, ())
    wheel(index, "a", "1.0", 'b; platform_machine == "aarch64"')
    wheel(index, "b", "1.0", 'c; platform_machine == "aarch64"')
    wheel(index, "c")
    assert len(resolve(machine, ["a"], cache=tmp_path / "cache").sha256) == 3


def test_numpy_decides_which_version_of_others_comes(index: Path, tmp_path: Path) -> None:
    wheel(index, "numpy", "1.24.2")
    wheel(index, "numpy", "2.2.4")
    wheel(index, "cv", "4.13", "numpy>=2")
    wheel(index, "cv", "4.11", "numpy>=1.23")
    assert list(resolve(OLD, ["cv", "numpy"], cache=tmp_path / "cache").sha256) == ["cv-4.11-py3-none-any.whl"]


def test_what_was_resolved_stays_until_newer_is_asked_for(index: Path, tmp_path: Path) -> None:
    wheel(index, "a", "1.0")
    resolved = [resolve(TRIXIE, ["a"], cache=tmp_path / "cache").sha256]
    wheel(index, "a", "2.0")
    resolved.append(resolve(TRIXIE, ["a"], cache=tmp_path / "cache").sha256)
    resolved.append(resolve(TRIXIE, ["a"], cache=tmp_path / "cache", refresh=True).sha256)
    assert [next(iter(each)) for each in resolved] == [
        "a-1.0-py3-none-any.whl",
        "a-1.0-py3-none-any.whl",
        "a-2.0-py3-none-any.whl",
    ]


def test_a_wheel_that_is_not_made_for_the_machine_is_one_clear_line(index: Path, tmp_path: Path) -> None:
    wheel(index, "fast", "2.0", tag="cp311-cp311-manylinux_2_17_x86_64")
    with pytest.raises(DeployError, match=r"^no wheels for Python 3.13 on aarch64: ERROR: No matching .* fast$"):
        resolve(TRIXIE, ["fast"], cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_32_bits_also_look_where_raspberry_pi_os_does() -> None:
    assert wheels.PIWHEELS.startswith("https://www.piwheels.org/")
