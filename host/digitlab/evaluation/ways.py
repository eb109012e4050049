"""Ways of reading in which the tuned numbers show what they do: each number in the one that asks most of it.

A number of colours changes nothing on grey pages, and one of faint ink nothing where all ink is dark.
"""

from typing import NamedTuple

from digitcam.recognition import params

# digits read as what they are, as another, and where none stands; pages that were read whole, and nothing else
READ = ("read", "wrong", "false", "whole")
# pages whose lines are right, and digits that are followed by the one that belongs there
ORDERED = ("pages", "pairs")
# pages that were read whole at last; readings let through over a still page, and between pages, that are neither's;
# frames from a page's first one until it was read whole
FOLLOWED = ("right", "flickers", "moving", "late")


class Way(NamedTuple):
    """A way of reading in which some of the numbers show what they do.

    Attributes:
        title: what is read.
        figures: what is counted.
        names: those numbers.
    """

    title: str
    figures: tuple[str, ...]
    names: tuple[str, ...]


CUT_OUTS = Way(
    "parts of pages, near and far, heavy and faint",
    READ[:3],
    ("LEAST_CONTRAST", "BESIDE", "ENDS", "MOST_LOOKS"),
)
ON_SIDES = Way(
    "parts of pages, on any side",
    READ[:3],
    ("WELL", "LEAD"),
)
IN_COLOUR = Way(
    "parts of pages whose ink is about as bright as their paper, or their paper transparent",
    READ[:3],
    ("COLOUR_STROKE", "COLOUR_NOISE", "CLEARER", "COLOUR_SHOWN", "GROUND_APART"),
)
BY_MARKS = Way(
    "pages whose digits are found as marks of any kind",
    READ,
    (
        *("MARKS_SIDE", "PAPER_STEP", "PAPER_WINDOW", "MOST_INK", "FAINTEST", "OVER_NOISE", "STROKE", "RULE"),
        *("LEAST_MARK", "DUST", "PART", "GAP", "SPANNED", "FRAMED"),
    ),
)
IN_LINES = Way("layouts", ORDERED, ("STEEPEST", "SAME_LINE"))
IN_CLIPS = Way("clips whose frames are often misread", FOLLOWED, ("NEAR", "LIKE", "STILL", "CLEAR"))
HARDER = (CUT_OUTS, ON_SIDES, IN_COLOUR, BY_MARKS, IN_LINES, IN_CLIPS)
ELSEWHERE = {name for way in HARDER for name in way.names}
AS_IT_IS = Way("pages", READ, tuple(name for name in vars(params) if name.isupper() and name not in ELSEWHERE))
WAYS = (AS_IT_IS, *HARDER)
