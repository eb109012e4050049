# %% [markdown]
# # A folder of photographs to a CSV file
#
# Each photograph shows a number that somebody wrote down. Those that the reader is sure of go into `numbers.csv`;
# those that a person should look at are drawn into `doubtful/`.

# %%
import csv
import sys
from pathlib import Path

from digitcam import ImageError, Reader

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "photographs")
SURE = 0.9

reader = Reader()

# %%
rows = []
for path in sorted(FOLDER.glob("*")):
    try:
        reading = reader.read(path)
    except ImageError as error:
        print(error, file=sys.stderr)
        continue
    least = min((digit.confidence for digit in reading.digits), default=0.0)
    rows.append({"file": path.name, "number": reading.text.replace("\n", " "), "least": f"{least:.2f}"})
    if least < SURE or reading.rejected:
        Path("doubtful").mkdir(exist_ok=True)
        reading.annotated().save(f"doubtful/{path.stem}.png")

# %%
with Path("numbers.csv").open("w", newline="", encoding="utf-8") as file:
    writer = csv.DictWriter(file, ["file", "number", "least"])
    writer.writeheader()
    writer.writerows(rows)
print(f"{len(rows)} photographs read into numbers.csv")
