"""Every tuned number of reading: what it means, its unit, and the command that shows what it does.

`digitlab sensitivity` varies each of them by a fifth. `digitlab score --rendered` and `digitlab finder-evaluate` draw
frames of their own, and numbers are chosen on such. Photographs of forms decided that neighbours weigh on a place, not
all of its page; photographs of text, which of some equally good weights of the networks' evidence were taken; all of
them, that `LEAST_SCORE` and `SCORE_WEIGHT` are no higher, and which of some equally good `UNEVEN`; a 1 in one, which of
some equally good `SURE`.
"""

# -- colours, where grey levels show no ink (shows: `digitlab sensitivity`, pages of ink as bright as its paper)
COLOUR_STROKE = 31  # pixels of a look: what stands out from what is around it is a stroke up to this width
COLOUR_NOISE = 10.0  # grey levels: so far noise stands out
CLEARER = 3.0  # times further than noise what is ink for sure, and than grey a channel that is taken in its place
COLOUR_SHOWN = 0.005  # of the picture: smaller is no digit
GROUND_APART = 48  # grey levels by which white or black must show a transparent picture's ink, or it is laid on grey

# -- looking (shows: `digitlab score --rendered`, conditions faint, shadow, noise)
CLIPPED = 0.01  # share of the darkest, and of the lightest pixels, that do not count
LEAST_CONTRAST = 40.0  # grey levels between the two: with less, noise would look like ink

# -- finding (shows: `digitlab finder-evaluate`, precision and recall by score)
LEAST_SCORE = 0.36  # 0 to 1: what scores less is no digit
ALIKE = 0.6  # intersection over union from which boxes are averaged, by their scores
ENDS = 0.01  # a find that is likely cut by an edge ends so near to that, the picture's or a look's, in its longer side

# -- other looks (shows: `digitlab score --rendered`, conditions large, small, dense, tiny; cost: `make bench-pi`)
HINT = 0.26  # 0 to 1: from this score on something may be a digit
SURELY = 0.65  # 0 to 1: what scores so much is surely a digit: what is small at full size is print where nothing does
SHARED = 0.06  # of a closer look's sides that its neighbour shows, too

# -- what a picture may cost, whatever it shows (shows: `make bench-pi`)
MOST_LOOKS = 9  # at one picture
MOST_PLACES = 700  # of one look that are compared, the surest: three hundred digits are found by these
MOST_UNSURE = 64  # places none of which is `SURELY` a digit: so many tell a pattern; nobody crops a picture to more
MANY = 8  # places: of more, one at least is `SURELY` a digit, or they are a pattern, and not asked about; more that are
# so tell alone how the page is turned

# -- marks of any kind, for labels other than digits (shows: tests/device/test_marks.py, which counts what is found)
MARKS_SIDE = 1280  # pixels: the longer side of the picture as its ink is measured
PAPER_STEP = 8  # of these pixels are one where the paper is measured
PAPER_WINDOW = 0.3  # of the shorter side: within so much, most is paper
MOST_INK = 0.8  # share of the ink that is fainter than what counts as usual
FAINTEST, OVER_NOISE = 14.0, 5.0  # grey levels, and deviations of the noise, by which ink differs from paper at least
STROKE = 0.4  # of what most of the ink differs by: where strokes end
RULE = 0.5  # of a side: a stroke so long and straight is a rule
LEAST_MARK = 8.0  # pixels: what is smaller is dust, and so is ...
DUST = 0.3  # ... what is smaller than so much of the page's usual mark
PART, GAP = 0.5, 0.45  # a dot or accent: so much smaller than its letter, and so near to it, in the letter's height
SPANNED = 0.5  # of its width that the letter spans
FRAMED = 3  # what holds so many other marks is a frame, or a drawing

# -- cropping (shows: `digitlab boxes-evaluate`, what the classifier reads of perfectly known boxes)
LONGER = 22  # pixels: the longer side of a digit's box as its ink is measured
AROUND = 7  # pixels: most of a box and of so much around it is paper, and half as wide as what is no stroke but paper,
# or a shadow on it; a stroke that leads further out ends at the box, which the longer side, around which no more is cut
# out, never sees
INK = 0.45  # of the darkest ink: where strokes end
FULL = 0.1  # share of a box's pixels, and then of a digit's inked ones, that are fully inked: MNIST's along their spine

# -- weighing what both networks say (shows: `digitlab score --rendered`, all of it, and without digits above all)
READ_WEIGHT, SCORE_WEIGHT = 0.6, 4.0  # what the log odds of a digit count, the classifier's and the finder's
UNEVEN = 0.11  # of their height: by how much digits of one hand lean, or are tall, differently, or are longer or
# shorter than their boxes: a standard deviation
SURE = 6.6  # nats by which a digit must be likelier than none to be one by itself; else it is one beside such, ...
BESIDE, AS_LARGE = 4.0, 1.4  # ... no further away than so many of its longer sides, and no more times as large
FAINT = 0.2  # of the usual contrast of the page's sure digits: fainter ink shows through from its other side (dust)
ON = 0.45  # shares of the longer of their sides: what is so near to a digit is on it: another, or that again

# -- classifying (shows: `digitlab score --rendered`, conditions form, underlined, circled)
WELL = 0.9  # probability of the likeliest digit: what reads so well is not cut out again, and a page that does so on
# average, as it lies, is not turned
OFF = 0.1  # of a box's size: cut out again it is so much smaller, and larger, or, where it holds a frame, so much,
# twice and three times as much smaller

# -- orienting (shows: `digitlab score --rendered`, conditions turned, upside-down)
LEAD = 0.2  # nats, times the root of how many digits are asked, by which a side must be likelier than every other

# -- ordering (shows: `digitlab sensitivity`, whole, and tests of random layouts; lengths are in heights of the page's
# usual digit)
STEEPEST = 0.4  # slope of a line down the page for each pixel to the right: 22 degrees
# neighbours whose centres stand further apart than this, down the page, are on two lines; three standard deviations of
# how far the digits of a line stand from its middle
SAME_LINE = 0.7

# -- tracking (shows: `digitlab sensitivity`, clips; `digitlab clips`)
NEAR = 0.5  # digit sizes that a digit may move between two frames
LIKE = 0.6  # smaller size by larger: how much it may change meanwhile
STILL = 0.3  # digit sizes: what moves less holds still
CLEAR = 0.7  # share of the frames, of which most must say of each digit that it stands, that must for it to settle soon
