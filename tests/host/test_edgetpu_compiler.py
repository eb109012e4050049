"""The compiler is on no package registry, so a script that prints what its documentation shows stands in for it."""

import os
from pathlib import Path

import pytest

from digitcam.errors import ModelError
from digitlab.edgetpu.compiler import compile_model

COMPILER = """#!/bin/sh
# edgetpu_compiler --show_operations --out_dir DIR MODEL
name=$(basename "$4" .tflite)
echo "Edge TPU Compiler version 16.0.384591198"
FAILS
echo compiled > "$3/${name}_edgetpu.tflite"
echo "Model compiled successfully in 11 ms."
echo
echo "Operator                       Count      Status"
echo
echo "CONV_2D                        4          Mapped to Edge TPU"
echo "SOFTMAX                        1          STATUS"
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    path = tmp_path / "digits.tflite"
    path.write_bytes(b"model")
    return path


def compiler(folder: Path, status: str = "Mapped to Edge TPU", fails: str = "") -> None:
    program = folder / "edgetpu_compiler"
    program.write_text(COMPILER.replace("STATUS", status).replace("FAILS", fails))
    program.chmod(0o755)


def test_all_of_it_is_mapped(model: Path) -> None:
    compiler(model.parent)
    compiled = compile_model(model)
    assert compiled == (model.parent / "digits_edgetpu.tflite", 5)
    assert compiled.path.read_text() == "compiled\n"


def test_a_part_that_is_left_to_the_cpu_is_named_and_nothing_is_kept(model: Path) -> None:
    compiler(model.parent, "More than one subgraph is not supported")
    with pytest.raises(ModelError, match=r"not all of it would run on the Edge TPU: 1 SOFTMAX \(More than one"):
        compile_model(model)
    assert not (model.parent / "digits_edgetpu.tflite").exists()


def test_a_model_that_it_refuses(model: Path) -> None:
    compiler(model.parent, fails="echo 'Invalid model: not quantized' >&2; exit 1")
    with pytest.raises(ModelError, match="edgetpu_compiler failed: Invalid model: not quantized"):
        compile_model(model)


def test_without_the_compiler_it_says_how_to_get_it(model: Path) -> None:
    with pytest.raises(ModelError, match=r"edgetpu_compiler is not installed.*docs/coral.md"):
        compile_model(model)
