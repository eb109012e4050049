"""Drawings of rings and boxes that lines join, with digits, letters or signs in them: trees, graphs."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from digitlab.scenes.canvas import Canvas
from digitlab.scenes.scene import SIDE
from digitlab.scenes.signs import put_mark
from digitlab.scenes.writing import draw_ring

Node = NDArray[np.float64]  # (x, y) of its middle, pixels of the page
Graph = tuple[list[Node], list[tuple[Node, Node]]]  # its nodes, and which of them lines join

SMALLEST, LARGEST = 8.0, 70.0  # height of a digit, pixels
APART = 2.6  # heights of a digit between two nodes, which hold three digits at the most
ABREAST = 1.7  # heights of a digit between two nodes of a tree, which hold two
WHOLE = 0.48 * SIDE, 0.48 * SIDE


def draw_diagram(canvas: Canvas, half: tuple[float, float] = WHOLE) -> None:
    """Draw a tree or a graph.

    Args:
        canvas: drawn on.
        half: half of its width and height, pixels.
    """
    rng = canvas.rng
    canvas.height = high = float(np.clip(canvas.height, SMALLEST, LARGEST))
    is_tree = rng.random() < 0.5
    nodes, edges = _grow_tree(rng, high, half) if is_tree else _strew_nodes(rng, high, half)
    for a, b in edges:
        way = b - a
        length = float(np.hypot(*way)) + 1e-6
        first, last = (way / length * high * rng.uniform(0.6, 1.2) for _ in range(2))
        if length > 2.4 * high:
            canvas.line(tuple(a + first), tuple(b - last), canvas.hand.pen * high)
    most = [1, 1, 2] if is_tree else [1, 1, 2, 3]
    ringed, lettered = rng.choice([0.0, 0.7, 1.0], p=[0.1, 0.4, 0.5]), rng.choice([0.0, 0.1, 0.5])
    for node in nodes:
        count = int(rng.choice(most))
        if rng.random() < ringed:
            draw_ring(canvas, node[0], node[1], high, 0.6 * high * count)
        size = high * rng.uniform(0.7, 1)
        x, y = rng.normal(node, 0.1 * high).tolist()
        if rng.random() < lettered:
            put_mark(canvas, x - high / 4, y, high)
            continue
        for place in range(count):
            canvas.digit(x + (place - (count - 1) / 2) * size * rng.uniform(0.6, 0.75), y, size)


def _grow_tree(rng: np.random.Generator, high: float, half: tuple[float, float]) -> Graph:
    """Give a tree that grows downwards, each node with two others at most below it."""
    levels = int(rng.integers(2, 6))
    abreast = [1]
    while len(abreast) < levels and half[0] / abreast[-1] > ABREAST * high:
        abreast.append(2 * abreast[-1])
    nodes: list[Node] = []
    edges: list[tuple[Node, Node]] = []
    above: dict[int, Node] = {}
    for level, count in enumerate(abreast):
        y = -half[1] + (level + 0.5) * min(2 * half[1] / len(abreast), high * rng.uniform(2, 4))
        grown = {
            place: rng.normal((-half[0] + (2 * place + 1) * half[0] / count, y), 0.15 * high)
            for place in range(count)
            if level == 0 or (place // 2 in above and rng.random() < 0.8)
        }
        edges += [(above[place // 2], node) for place, node in grown.items() if level]
        nodes += grown.values()
        above = grown
    return nodes, edges


def _strew_nodes(rng: np.random.Generator, high: float, half: tuple[float, float]) -> Graph:
    """Give a chain of nodes that lie anywhere."""
    nodes: list[Node] = []
    for _ in range(int(rng.integers(2, 16))):
        node = rng.uniform(-1, 1, 2) * half
        if all(np.hypot(*(node - other)) > APART * high for other in nodes):
            nodes.append(node)
    return nodes, list(pairwise(nodes))
