# %% [markdown]
# # A model of one's own, with labels of its own
#
# `mine.tflite` gives an answer for each of ten letters. What each stands for is written into `mine.txt`, a line each;
# `digitcam card mine.tflite` then finds out how it wants its pictures. From there on it reads as the shipped one does.

# %%
import subprocess
import sys
from pathlib import Path

from digitcam import Reader

MODEL = Path(sys.argv[1] if len(sys.argv) > 1 else "mine.tflite")
PAGE = "page.jpg"
LETTERS = "OIZabScdBe"

# %%
MODEL.with_suffix(".txt").write_text("\n".join(LETTERS) + "\n", encoding="utf-8")
subprocess.run([sys.executable, "-m", "digitcam", "card", MODEL], check=True)

# %%
reader = Reader(MODEL)  # warns that it has no class for what is none of these
reading = reader.read(PAGE)
print(reading.text)
for place in reading.digits:
    print(place.label, f"{place.confidence:.2f}", place.box)
