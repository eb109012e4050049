"""Which rooms of digitcam a picture goes through: the calls from one module to another, as they happen."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple


class Call(NamedTuple):
    """A call from one module of digitcam to another.

    Attributes:
        caller: that module; empty where the call comes from outside.
        callee: the other one.
        values: what the function is given, and what it gives back.
    """

    caller: str
    callee: str
    values: list[object]


@contextmanager
def traced(passed: set[str]) -> Iterator[list[Call]]:
    """Note every call between modules, on this thread and on those that begin meanwhile, in order.

    Args:
        passed: types that are handed from room to room, `module.Name`: asking them for something enters no room.
    """
    calls: list[Call] = []
    open_calls: dict[FrameType, Call] = {}

    def note(frame: FrameType, event: str, value: object) -> None:
        if event == "call" and (callee := _room_of(frame, passed)):
            outer = frame.f_back
            while outer and not _room_of(outer, passed):
                if _module_of(outer) == callee:
                    return  # a type that is handed on has its own module do something
                outer = outer.f_back
            caller = _room_of(outer, passed) if outer else ""
            if caller != callee:
                call = Call(caller, callee, list(frame.f_locals.values()))
                calls.append(call)
                open_calls[frame] = call
        elif event == "return" and (returned := open_calls.pop(frame, None)):
            returned.values.append(value)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def _room_of(frame: FrameType, passed: set[str]) -> str:
    """Name the module of digitcam that a frame runs in; empty for any other, and within a type that is handed on."""
    module, code = _module_of(frame), frame.f_code
    if not module.startswith("digitcam."):
        return ""
    first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
    # what a dataclass is given to be made with has a name of its own, but knows whose it is
    owners = {code.co_qualname.partition(".")[0], type(first).__name__, getattr(first, "__name__", "")}
    return "" if any(f"{module}.{owner}" in passed for owner in owners) else module


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
