"""What a model can read: the text that each of its classes stands for."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NONE = "none"  # the label of the class of whatever is none of the others: an operator, a smudge, half a sign
LONGEST = 32  # characters of a label


@dataclass(frozen=True, slots=True)
class Labels:
    """What can be read, in the order in which probabilities are given; what is none of it comes after them.

    Attributes:
        texts: ten digits, letters, or words.
    """

    texts: tuple[str, ...]

    @property
    def are_digits(self) -> bool:
        """Whether nothing but single digits is among them."""
        return set(self.texts) <= set("0123456789")

    @property
    def none(self) -> str:
        """What is said of a place where none of them stands."""
        return "no digit" if self.are_digits else "none of the labels"

    @property
    def nothing(self) -> str:
        """What is said of a picture where none of them stands."""
        return "no digits found" if self.are_digits else "nothing found"

    def joined(self, texts: Iterable[str]) -> str:
        """Join a line of what was read; with spaces between where a label may be longer than one character."""
        return (" " if self._are_long else "").join(texts)

    def split(self, line: str) -> list[str]:
        """Split a line as `joined` makes it, or as a person wrote it, with any spaces, into labels."""
        return line.split() if self._are_long else list("".join(line.split()))

    @property
    def _are_long(self) -> bool:
        return any(len(text) > 1 for text in self.texts)


DIGITS = Labels(tuple("0123456789"))
DIGIT_CLASSES = len(DIGITS.texts)
NO_DIGIT = DIGIT_CLASSES  # the class of whatever is none: a letter, an operator, a smudge
CLASSES = DIGIT_CLASSES + 1


def check_labels(texts: Sequence[str]) -> tuple[str, ...]:
    """Bring the labels of a model's answers to the one form that Unicode has for each.

    Raises:
        ValueError: they are none; the message says why.
    """
    labels = tuple(unicodedata.normalize("NFC", text) for text in texts)
    for number, label in enumerate(labels, 1):
        if not label.isprintable() or label.split() != [label] or len(label) > LONGEST:
            raise ValueError(f"label {number} is {label!r}; a label is 1 to {LONGEST} characters without a space")
        if label in labels[: number - 1]:
            raise ValueError(f"label {number} is {label!r} again; each stands once")
    if not set(labels) - {NONE}:
        raise ValueError(f"no label but {NONE!r}; there is nothing to read")
    return labels
