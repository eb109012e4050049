"""A network that answers at once what it was asked before: the same pictures are read again and again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitcam.model.runtime import Interpreter

Values = NDArray[np.generic]


class CachedInterpreter:
    """An interpreter of one input that keeps its answers; an `Interpreter` itself."""

    def __init__(self, interpreter: Interpreter) -> None:
        """Take a ready interpreter."""
        self._interpreter = interpreter
        self._outputs = [details["index"] for details in interpreter.get_output_details()]
        self._answers: dict[bytes, dict[int, Values]] = {}
        self._asked: tuple[int, Values] | None = None
        self._answer: dict[int, Values] = {}

    def get_input_details(self) -> list[dict[str, Any]]:
        """Give its own."""
        return self._interpreter.get_input_details()

    def get_output_details(self) -> list[dict[str, Any]]:
        """Give its own."""
        return self._interpreter.get_output_details()

    def allocate_tensors(self) -> None:
        """Do nothing: it is ready."""

    def set_tensor(self, tensor_index: int, value: Values) -> None:
        """Take what is asked next."""
        self._asked = tensor_index, value

    def invoke(self) -> None:
        """Find the answer, or have it worked out."""
        if self._asked is None:
            raise ValueError("nothing is asked: call set_tensor first")
        index, value = self._asked
        key = value.tobytes()
        if key not in self._answers:
            self._interpreter.set_tensor(index, value)
            self._interpreter.invoke()
            self._answers[key] = {output: self._interpreter.get_tensor(output) for output in self._outputs}
        self._answer = self._answers[key]

    def get_tensor(self, tensor_index: int) -> Values:
        """Give one part of the answer."""
        return self._answer[tensor_index]
