import platform
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys, threading
from digitcam.service.memory import use_one_arena

if sys.argv[1] == "one":
    use_one_arena()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(4)

def work():
    together.wait()
    for _ in range(100):
        libc.malloc(2000)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
stdout = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stdout)
libc.fflush(stdout)
"""


def heaps(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.count("<heap nr=")


SCATTERED = """
import ctypes
from pathlib import Path
from digitcam.service import memory

def held_kb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1])

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
large = []
for _ in range(1000):
    large.append(libc.malloc(40_000))
    ctypes.memset(large[-1], 1, 40_000)
    libc.malloc(100)
for pointer in large:
    libc.free(pointer)
trim = memory.Trimmer()
trim()
before_kb = held_kb()
memory.TRIM_S = 0
trim()
print(before_kb - held_kb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_free_between_what_stays_is_given_back_when_it_is_time() -> None:
    done = subprocess.run([sys.executable, "-c", SCATTERED], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) > 30_000  # of 40,000 that were freed


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_one_heap() -> None:
    assert heaps("usual") > 1
    assert heaps("one") == 1
