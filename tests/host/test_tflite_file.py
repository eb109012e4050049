from pathlib import Path

import pytest

from digitcam.model.runtime import open_interpreter
from digitlab.cli.options import FINDER, MODEL
from digitlab.edgetpu.tflite_file import ModelFile

CODES = {"ADD": 0, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 4, "FULLY_CONNECTED": 9, "SOFTMAX": 25, "SPACE_TO_DEPTH": 26}


@pytest.mark.parametrize("path", [MODEL, FINDER])
def test_a_files_operations_are_those_that_the_runtime_runs(path: Path) -> None:
    data = path.read_bytes()
    read = [operation.code for operation in ModelFile(data).operations()]
    run = [op["op_name"] for op in open_interpreter(data)._get_ops_details()]  # type: ignore[attr-defined]  # noqa: SLF001
    run = [name for name in run if name != "DELEGATE"]
    assert len(read) == len(run)
    assert all(CODES[name] == code for code, name in zip(read, run, strict=True) if name in CODES)
    assert {"CONV_2D", "ADD"} <= set(run)
