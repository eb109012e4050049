"""Writing without cells: lines of digits, a few large ones, strewn ones, sums, lists, text."""

from collections.abc import Iterator

import numpy as np

from digitcam.frame import Grey
from digitlab.render import marks
from digitlab.scenes.canvas import LARGEST, Canvas
from digitlab.scenes.fonts import PRINTS, SCRIPTS, Font, Script, fonts, foreign, set_in
from digitlab.scenes.glyphs import ALONE, LETTERS, OFTEN, SIGNS, SYMBOLS, UNLIKE, on_line
from digitlab.scenes.scene import SIDE
from digitlab.scenes.signs import draw_sign, put_mark

LEAST_MARK = 24.0  # pixels: the smallest number that is written over text
BETWEEN = OFTEN, SIGNS.replace("()", ""), SYMBOLS  # what stands between two numbers; brackets stand around them
FACTORS = 0.4  # share of a sum's letters that have a number before them
FUNCTIONS = "OOOfghTPSn"  # what a bracket may follow; nothing but the bracket tells an O from a 0
FOREIGN, GREEK = "\N{GREEK SMALL LETTER ALPHA}", 0.2  # stands for any letter of another script; their share of a sum's


def write_lines(canvas: Canvas) -> None:
    """Draw lines of digits: close or wide, tidy or ragged, with or without words between them."""
    rng, high = canvas.rng, canvas.height
    gap = rng.uniform(-0.16, 0.12) if rng.random() < 0.4 else rng.uniform(0.1, 1.0)
    strange = float(rng.choice([0, 0, 0.08, 0.25]))
    cell = rng.uniform(0.9, 1.5) if rng.random() < 0.15 else None
    y = (rng.uniform(-0.5, 0.1) if rng.random() < 0.6 else rng.uniform(-0.3, 0.2)) * SIDE
    pitch = rng.uniform(1.15, 2.3)
    uneven = rng.uniform(0, 0.12)
    for _ in range(int(rng.choice([1, 2, 3, 4, 8, 60]))):
        x, end = (rng.uniform(-0.55, 0) * SIDE, rng.uniform(0.1, 0.55) * SIDE)
        while x < end:
            h = high * float(np.exp(rng.normal(0, 0.07 + uneven)))
            up = y + rng.normal(0, 0.03 + uneven) * high
            if rng.random() < strange:
                wide = put_mark(canvas, x, up, h)
            else:
                digit = int(rng.integers(10))
                glyph = canvas.hand.digit(digit, rng, h)
                wide = float(glyph.shape[1])
                canvas.stamp(glyph, x + wide / 2, up, digit=digit)
            x += cell * high if cell else wide + gap * high
            if rng.random() < 0.06:
                x += rng.uniform(0.4, 3) * high
        if rng.random() < 0.08:
            start = rng.uniform(-0.5, 0.2) * SIDE
            base = y + rng.uniform(0.45, 0.7) * high
            canvas.line((start, base), (end, base + rng.normal(0, 0.05) * high), canvas.hand.pen * high)
        y += pitch * high
        if y > 0.55 * SIDE:
            break


def write_few(canvas: Canvas) -> None:
    """Draw one to three digits, as large as the picture allows; another character instead of some."""
    rng = canvas.rng
    count = int(rng.choice([1, 1, 1, 2, 3]))
    canvas.height = high = float(np.exp(rng.uniform(np.log(60), np.log(LARGEST / (1 + 0.4 * (count - 1))))))
    x = rng.normal(0, 0.12) * SIDE - 0.35 * high * (count - 1)
    for _ in range(count):
        y, h = rng.normal(0, 0.1) * SIDE, high * rng.uniform(0.9, 1.1)
        # a bar that fills a look is hard to see: so many of them
        digit = 1 if rng.random() < 0.15 else None
        wide = canvas.digit(x, y, h, digit=digit) if rng.random() < 0.8 else put_mark(canvas, x - h / 4, y, h)
        x += 0.6 * wide + rng.uniform(0.2, 0.5) * high


def scatter(canvas: Canvas) -> None:
    """Scatter digits and other marks of any size, anywhere, not touching."""
    rng = canvas.rng
    taken: list[tuple[float, float, float]] = []
    wide = rng.random() < 0.4
    for _ in range(int(rng.integers(2, 60))):
        h = canvas.height * (float(np.exp(rng.normal(0, 0.6))) if wide else float(np.exp(rng.normal(0, 0.12))))
        h = min(h, 0.5 * SIDE)
        x, y = rng.uniform(-0.52, 0.52, 2) * SIDE
        if any((x - a) ** 2 + (y - b) ** 2 < (0.62 * (h + c)) ** 2 for a, b, c in taken):
            continue
        taken.append((x, y, h))
        if rng.random() < 0.75:
            canvas.digit(x, y, h)
            if rng.random() < 0.06:
                draw_ring(canvas, x, y, h)
        else:
            put_mark(canvas, x - h / 4, y, h)


def draw_ring(canvas: Canvas, x: float, y: float, h: float, wide: float = 0) -> None:
    """Circle something `h` high, and `wide` where that is more, by hand or by compass."""
    # some touch what they hold
    axes = max(h, wide) * canvas.rng.uniform(0.55, 1.1), h * canvas.rng.uniform(0.55, 1.1)
    canvas.ring(canvas.place(x, y), axes, canvas.hand.pen * h)


def write_sums(canvas: Canvas) -> None:
    """Write arithmetic: numbers of close digits, operators between them, brackets, exponents, results below a bar."""
    rng, high = canvas.rng, canvas.height
    # without room around operators, and their place between numbers, nothing tells some of them from 1s
    close, room = rng.uniform(0.03, 0.2) * high, rng.uniform(0.08, 0.6) * high
    y = rng.uniform(-0.45, 0.1) * SIDE
    while y < 0.5 * SIDE:
        x = rng.uniform(-0.5, -0.1) * SIDE
        for term in invent_sum(rng):
            if term.isdecimal():
                x = _write_number(canvas, term, x, y, close)
            else:
                x = _write_sign(canvas, term, x, y, close, room)
            if x > 0.52 * SIDE:
                break
        if rng.random() < 0.3:
            bar = y + 0.8 * high
            canvas.line((-0.4 * SIDE, bar), (x, bar + rng.normal(0, 0.04) * high), canvas.hand.pen * high)
        y += rng.uniform(1.4, 2.6) * high
        if rng.random() < 0.15:
            break


def _write_number(canvas: Canvas, number: str, x: float, y: float, close: float) -> float:
    """Write a number from `x` on, its digits so close, an exponent after some; gives where it ends."""
    rng, high = canvas.rng, canvas.height
    for digit in number:
        h = high * float(np.exp(rng.normal(0, 0.08)))
        x += canvas.digit(x + 0.3 * high, y, h, digit=int(digit)) + close
    if rng.random() < 0.08:
        x += canvas.digit(x, y - 0.5 * high, 0.55 * high) * 0.8
    return x


def _write_sign(canvas: Canvas, sign: str, x: float, y: float, close: float, room: float) -> float:
    """Write what is no digit: close to its number, or with room around it; gives where it ends."""
    rng, high = canvas.rng, canvas.height
    is_near = sign in "()" or (sign.isalpha() and sign not in OFTEN)
    x += 0 if is_near else rng.uniform(0.7, 1.3) * room
    tall = high * (rng.uniform(0.9, 1.6) if sign in "()[]{}/|∫∑√" else rng.uniform(0.7, 1.1))
    glyph, unlike = foreign(rng, tall) if sign == FOREIGN else (draw_sign(canvas, sign, tall), sign in UNLIKE + ALONE)
    wide = float(glyph.shape[1]) if glyph.size else 0.3 * high
    low = y + (0.5 * high if sign in ",." else 0)
    canvas.stamp(glyph, x + wide / 2, low, unlike=unlike)
    return x + wide + (close if is_near else rng.uniform(0.7, 1.3) * room)


def invent_sum(rng: np.random.Generator) -> Iterator[str]:
    """Give numbers, or letters in their place, a sign between any two, an operator mostly, brackets, functions."""
    opened = 0
    letters = rng.choice([0.05, 0.15, 0.5])
    for number in range(int(rng.integers(2, 9))):
        if number:
            choice = BETWEEN[rng.choice(3, p=[0.84, 0.09, 0.07])]
            yield choice[rng.integers(len(choice))]
        if rng.random() < 0.3:
            opened += 1
            if rng.random() < letters:
                yield FUNCTIONS[rng.integers(len(FUNCTIONS))]
            yield "("
        is_letter = rng.random() < letters
        if not is_letter or rng.random() < FACTORS:
            digits = int(rng.choice([1, 2, 3], p=[0.65, 0.25, 0.1]))
            yield "".join(str(digit) for digit in rng.integers(0, 10, digits))
        if is_letter:
            yield FOREIGN if rng.random() < GREEK else ALONE[rng.integers(len(ALONE))]
        while opened and rng.random() < 0.5:
            opened -= 1
            yield ")"
    if rng.random() < 0.3:
        yield "="


def write_text(canvas: Canvas) -> None:
    """Draw words by hand or in print, with numbers among them or without."""
    rng = canvas.rng
    printed = rng.random() < 0.5
    prints = fonts(PRINTS)
    font = prints[rng.integers(len(prints))] if prints and printed else None
    if not font:
        canvas.hand.choose_letters(rng)
    canvas.height = high = float(np.exp(rng.uniform(np.log(5), np.log(110))))
    numbers = float(rng.choice([0, 0, 0.05, 0.2]))
    script = SCRIPTS[rng.integers(len(SCRIPTS))] if rng.random() < 0.25 else None
    chars = (LETTERS, LETTERS.upper(), marks.ALPHABET)[rng.integers(3)]
    gap = rng.uniform(-0.08, 0.25) if not font else 0.1  # letters that join, or stand apart
    y = rng.uniform(-0.55, 0) * SIDE
    while y < 0.55 * SIDE:
        x = rng.uniform(-0.55, -0.2) * SIDE
        while x < rng.uniform(0.3, 0.55) * SIDE:
            if rng.random() < numbers:
                for _ in range(int(rng.integers(1, 5))):
                    x += canvas.digit(x + high * 0.3, y, high, printed=font) + 0.12 * high
            else:
                x = _write_word(canvas, x, y, chars, font, gap, script)
            x += rng.uniform(0.4, 0.8) * high
        y += rng.uniform(1.4, 2.0) * high
        if rng.random() < 0.05:
            break
    if rng.random() < 0.16:
        _mark_over(canvas)


def _write_word(
    canvas: Canvas, x: float, y: float, chars: str, font: Font | None, gap: float, script: Script | None
) -> float:
    """Draw a word from `x` on, of some letters or of another script; gives where it ends."""
    rng, high = canvas.rng, canvas.height
    count = int(rng.integers(1, 9))
    # which only their word tells from digits
    known = chars + "OolI" if count > 2 else ALONE
    for _ in range(count):
        char = known[rng.integers(len(known))]
        if script:
            glyph, unlike = foreign(rng, high, script)
        else:
            glyph = set_in(font, char, high) if font else canvas.hand.letter(char, rng, high)
            unlike = char in ALONE
        if glyph.size:
            low = on_line(char, glyph, y, high)
            canvas.stamp(glyph, x + glyph.shape[1] / 2, low, printed=font is not None, unlike=unlike and gap > 0.05)
            x += glyph.shape[1] + gap * high
    return x


def _mark_over(canvas: Canvas) -> None:
    """Write large numbers over what stands there, as a teacher does, circled or not."""
    rng = canvas.rng
    for _ in range(int(rng.integers(1, 4))):
        h = min(canvas.height * rng.uniform(2, 6), 0.5 * SIDE)
        if h < LEAST_MARK:
            continue
        x, y = rng.uniform(-0.4, 0.4, 2) * SIDE
        canvas.digit(x, y, h)
        if rng.random() < 0.7:
            draw_ring(canvas, x, y, h)


def write_lists(canvas: Canvas) -> None:
    """Write lists and calls: numbers between commas, in brackets, a name before them."""
    rng, high = canvas.rng, canvas.height
    y = rng.uniform(-0.45, 0.1) * SIDE
    while y < 0.5 * SIDE:
        x = rng.uniform(-0.5, -0.1) * SIDE
        opening, closing = ("[]", "()", "{}", "  ")[rng.integers(4)]
        for _ in range(int(rng.integers(0, 7)) if rng.random() < 0.5 else 0):
            x += _put(canvas, canvas.hand.letter(LETTERS[rng.integers(len(LETTERS))], rng, high), x, y)
        tall = high * rng.uniform(1, 1.6)
        x += _put(canvas, draw_sign(canvas, opening, tall), x, y) if opening != " " else 0
        count = int(rng.integers(1, 9))
        for number in range(count):
            for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
                x += canvas.digit(x + 0.3 * high, y, high * float(np.exp(rng.normal(0, 0.08)))) + 0.12 * high
            if number + 1 < count:
                x += _put(canvas, draw_sign(canvas, ",", high), x, y + rng.uniform(0.4, 0.55) * high)
                x += rng.uniform(0, 0.5) * high
            if x > 0.5 * SIDE:
                break
        if closing != " ":
            _put(canvas, draw_sign(canvas, closing, tall), x, y)
        y += rng.uniform(1.5, 2.6) * high
        if rng.random() < 0.15:
            break


def _put(canvas: Canvas, glyph: Grey, x: float, y: float) -> float:
    """Put another character on the page, its left middle at (x, y); gives its width and the room after it."""
    wide = float(glyph.shape[1]) if glyph.size else 0.3 * canvas.height
    canvas.stamp(glyph, x + wide / 2, y)
    return wide + float(canvas.rng.uniform(0.08, 0.3)) * canvas.height
