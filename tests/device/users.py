"""What root may do and other users may not, for tests that root runs, too."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

# capabilities(7), capget(2): opening what nobody may open, and entering what nobody may enter
OVERRIDE, SEARCH = 1, 2
VERSION = 0x20080522
# before a command
AS_A_USER = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
    if os.geteuid() == 0
    else ()
)


@contextmanager
def as_a_user() -> Iterator[None]:
    """Be held to permissions, in this thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, twice
    assert libc.capget(header, sets) == 0
    before = sets[0]
    sets[0] &= ~(1 << OVERRIDE | 1 << SEARCH)
    assert libc.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert libc.capset(header, sets) == 0
