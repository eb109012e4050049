# %% [markdown]
# # A camera before a counter
#
# Something happens whenever another number holds still before the camera. Here it is printed, with how much it grew;
# it might as well switch a light or call a web service.

# %%
import sys

import digitcam

SOURCE = sys.argv[1] if len(sys.argv) > 1 else "auto"


def number_of(text: str) -> int | None:
    """The number on a page; None where there is none."""
    return int(text.replace("\n", "")) if text else None


# %%
before = None
for reading in digitcam.watch(SOURCE, min_confidence=0.8):
    number = number_of(reading.text)
    if number is None:
        print("nothing there")
        continue
    print(number if before is None else f"{number} ({number - before:+})")
    before = number
