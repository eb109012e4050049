# %% [markdown]
# # What the network sees
#
# A page is read; then each digit is looked at as the network saw it: 28x28 pixels, bright ink on black, its
# probabilities, and what it would have been taken for otherwise.

# %%
import sys

import numpy as np

from digitcam import Reader

PAGE = sys.argv[1] if len(sys.argv) > 1 else "page.jpg"

reader = Reader()
reading = reader.read(PAGE)
print(reading.text)

# %% [markdown]
# In a notebook the reading shows itself, with all crops and their probabilities:

# %%
reading  # noqa: B018  # a cell's last line is shown

# %% [markdown]
# The network's input, drawn in characters, and the three likeliest digits:

# %%
SHADES = np.array([*" .:-=+*#%@"])
for digit in reading.digits[:3]:
    for row in digit.crop[::2]:
        print("".join(SHADES[row.astype(int) * (len(SHADES) - 1) // 255]))
    likeliest = np.argsort(-digit.probabilities)[:3]
    print(", ".join(f"{reading.labels.texts[n]}: {digit.probabilities[n]:.1%}" for n in likeliest))

# %% [markdown]
# How sure must a digit be? With a higher threshold less is read, and less of that is wrong:

# %%
for least in (0.5, 0.9, 0.99, 0.999):
    reader.min_confidence = least
    again = reader.read(PAGE)
    print(f"{least}: {len(again.digits)} read, {len(again.rejected)} rejected")
