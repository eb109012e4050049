# %% [markdown]
# # A network of your own: capital letters
#
# Draws letters, trains a network of A to Z on them, and writes what `digitlab convert` makes a model of that digitcam
# reads with: the network, its labels, pictures to measure on, and a page to try. It takes some minutes:
#
#     .venv-host/bin/python docs/examples/letters.py letters
#     .venv-host/bin/digitlab convert letters/letters.keras --data letters/pictures
#     .venv-host/bin/digitlab evaluate --model letters/letters-int8.tflite --data letters/pictures
#     .venv-host/bin/digitcam read --model letters/letters-int8.tflite letters/page.png
#
# Installed fonts are used while it learns, where there are any, and OpenCV's own strokes; neither goes into the model.

# %%
import argparse
import string
from pathlib import Path

import cv2
import numpy as np

from digitlab.data.augment import ENLARGE, as_seen, photograph
from digitlab.render.marks import bent, character, doodle
from digitlab.scenes.fonts import HANDS, PRINTS, fonts, set_in
from digitlab.training.framework import load_tensorflow

LETTERS = string.ascii_uppercase
NONE = "none"  # the class of whatever is no letter: without it, every smudge is read as one
HEIGHT = 20 * ENLARGE  # pixels
IN_FONTS, DOODLED = 0.6, 0.4  # shares of the letters, and of what is none
PAGE = ("QUICK", "BROWN", "FOXES", "JUMPED")

parser = argparse.ArgumentParser(description="Train a network of the capital letters.")
parser.add_argument("folder", type=Path, help="where everything is written")
parser.add_argument("--each", type=int, default=600, help="pictures of each letter (default: %(default)s)")
parser.add_argument("--epochs", type=int, default=8, help="default: %(default)s")
options = parser.parse_args()
rng = np.random.default_rng(1)

# %% [markdown]
# ## Letters, and what is none
#
# A letter in a font, or in strokes, bent as a hand bends it; digits, signs and doodles are `none`. `as_seen` sends each
# through the device's own normalization: the network learns from what it will see.

# %%
INSTALLED = (*fonts(HANDS), *fonts(PRINTS))


def letter(text: str) -> np.ndarray:
    """One letter in ink, uint8, bright on black, cropped."""
    if INSTALLED and rng.random() < IN_FONTS:
        drawn = set_in(INSTALLED[rng.integers(len(INSTALLED))], text, HEIGHT, rng.uniform(-0.02, 0.08))
        if drawn.size:
            return bent(np.pad(drawn, HEIGHT // 5), rng, HEIGHT)
    return character(text, rng, HEIGHT, HEIGHT * rng.uniform(0.05, 0.16))


def other() -> np.ndarray:
    """Something that is no letter."""
    signs = string.digits[2:] + "+=*%#?!"  # a 0 and a 1 are an O and an I
    return doodle(rng, HEIGHT, 4) if rng.random() < DOODLED else letter(signs[rng.integers(len(signs))])


def crops(count: int) -> tuple[np.ndarray, np.ndarray]:
    """So many of each class: uint8 (n, 28, 28) as the device would cut them, and which class each is."""
    inks = [letter(text) for text in LETTERS for _ in range(count)] + [other() for _ in range(4 * count)]
    seen = as_seen((photograph(np.pad(ink, ENLARGE), rng) for ink in inks), len(inks))
    return seen, np.repeat(np.arange(len(LETTERS) + 1), [count] * len(LETTERS) + [4 * count])


# %% [markdown]
# ## The network
#
# Whatever takes a square picture and gives a number for each class will do.

# %%
load_tensorflow()
import keras  # noqa: E402  # after what keeps TensorFlow quiet
from keras import layers  # noqa: E402

keras.utils.set_random_seed(1)
network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(24, 5, strides=2, padding="same", activation="relu"),
        layers.Conv2D(48, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(len(LETTERS) + 1, activation="softmax"),
    ]
)
images, classes = crops(options.each)
network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
network.fit(images[..., None] / np.float32(255), classes, batch_size=64, epochs=options.epochs, verbose=2)

# %% [markdown]
# ## What is written
#
# Pictures that it did not learn from, a folder for each letter, as `digitlab convert` and `digitlab evaluate` take
# them; and a page, dark ink on paper.

# %%
options.folder.mkdir(parents=True, exist_ok=True)
network.save(options.folder / "letters.keras")
(options.folder / "letters.txt").write_text("\n".join([*LETTERS, NONE]) + "\n", encoding="utf-8")
for crop, kind in zip(*crops(20), strict=True):
    if kind < len(LETTERS):
        folder = options.folder / "pictures" / LETTERS[kind]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{len(list(folder.iterdir())):02}.png"), crop)

page = np.full((480, 640), 235, np.uint8)
for row, word in enumerate(PAGE):
    for column, text in enumerate(word):
        ink = character(text, rng, 60, 6)
        y, x = 40 + 110 * row, 40 + 95 * column
        high, wide = ink.shape
        page[y : y + high, x : x + wide] -= (ink * np.float32(190 / 255)).astype(np.uint8)
cv2.imwrite(str(options.folder / "page.png"), page)
print(f"wrote {options.folder}: letters.keras, letters.txt, pictures and page.png, which says {' '.join(PAGE)}")
