"""What a .tflite file says of its operations and no runtime tells: their versions and options.

Read straight from the flatbuffer: a table begins with the distance back to its vtable, which lists where each field
lies (https://flatbuffers.dev/internals/); fields by their number in
https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

CODES, SUBGRAPHS = 1, 2  # of Model
OLD_CODE, VERSION, CODE = 0, 2, 3  # of OperatorCode
OPERATORS = 3  # of SubGraph
OPCODE, OPTIONS = 0, 4  # of Operator


class Operation(NamedTuple):
    """One operation of the first subgraph.

    Attributes:
        code: its number in the schema's `BuiltinOperator`.
        version: of what it does.
        options: where its options begin in the file; 0 without any.
    """

    code: int
    version: int
    options: int


class ModelFile:
    """A .tflite file's content."""

    def __init__(self, data: bytes) -> None:
        """Take it.

        Raises:
            struct.error: it is cut off.
        """
        self._data = data
        self._root = self._target(0)

    def operations(self) -> Iterator[Operation]:
        """Give them in the order in which they run."""
        codes = [self._code(table) for table in self._tables(self._root, CODES)]
        for table in self._tables(self._tables(self._root, SUBGRAPHS)[0], OPERATORS):
            code, version = codes[self.number(table, OPCODE, "I", 0)]
            options = self._field(table, OPTIONS)
            yield Operation(code, version, self._target(options) if options else 0)

    def number(self, table: int, field: int, kind: str, default: int) -> int:
        """Give a field of a table, of one of `struct`'s kinds; the default where it is left out."""
        place = self._field(table, field) if table else 0
        return self._at(kind, place) if place else default

    def _code(self, table: int) -> tuple[int, int]:
        # files from before the schema outgrew a byte have the first only
        code = max(self.number(table, OLD_CODE, "b", 0), self.number(table, CODE, "i", 0))
        return code, self.number(table, VERSION, "i", 1)

    def _tables(self, table: int, field: int) -> list[int]:
        place = self._field(table, field)
        if not place:
            return []
        start = self._target(place)
        return [self._target(start + 4 + 4 * i) for i in range(self._at("I", start))]

    def _field(self, table: int, field: int) -> int:
        """Tell where a field lies; 0 where it is left out."""
        layout = table - self._at("i", table)
        entry = 4 + 2 * field
        offset = self._at("H", layout + entry) if entry < self._at("H", layout) else 0
        return table + offset if offset else 0

    def _target(self, place: int) -> int:
        return place + self._at("I", place)

    def _at(self, kind: str, place: int) -> int:
        return int(struct.unpack_from(f"<{kind}", self._data, place)[0])
