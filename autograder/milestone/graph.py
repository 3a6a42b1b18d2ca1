"""A graph of computations as SVG, without any other program: inputs above, the result below.

Every box lies one layer above the first that uses it, and in its layer near those that use it, so
that few lines cross.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from html import escape

WIDTH, GAP, LINE, SPACE = 112, 18, 17, 40
ROUNDS = 4  # how often the layers are put in order, each after the one that uses it


@dataclass(frozen=True)
class Box:
    """What stands in a box: its name, the operation that made it, and rows of text below.

    `uses` are the keys of the boxes that it was computed from.
    """

    name: str
    operation: str = ""
    rows: Sequence[str] = ()
    uses: Sequence[str] = field(default=())


def graph_svg(boxes: Mapping[str, Box], title: str = "") -> str:
    """Draw boxes, by their keys, and an arrow from each box to those that use it."""
    layers = _layers(boxes)
    places, width, height = _places(boxes, layers)
    top = 34 if title else 0
    edges = [(used, key) for key in boxes for used in dict.fromkeys(boxes[key].uses)]
    parts = [_arrow(boxes, places, used, key) for used, key in edges]
    parts += [_box(boxes[key], *places[key]) for key in boxes]
    heading = f'<text x="{width / 2}" y="24" class="title">{escape(title)}</text>' if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height + top:g}" '
        f'width="{width:g}" height="{height + top:g}">{_STYLE}'
        f'<rect width="100%" height="100%" fill="white"/>{heading}'
        f'<g transform="translate(0 {top})">{"".join(parts)}</g></svg>\n'
    )


_STYLE = """<style>
text { font: 13px sans-serif; fill: #1d2430; } .title { font-size: 16px; text-anchor: middle; }
.name { font-weight: bold; } .operation { text-anchor: end; fill: #2a6fb0; font-weight: bold; }
.row { font-family: monospace; font-size: 12px; }
.box { fill: #f3f7fc; stroke: #2a6fb0; } .arrow { stroke: #5b6675; fill: none; stroke-width: 1.4; }
.head { fill: #5b6675; }
</style>"""


def _layers(boxes: Mapping[str, Box]) -> list[list[str]]:
    """The keys by layers, the result last."""
    order = list(TopologicalSorter({key: box.uses for key, box in boxes.items()}).static_order())
    users = _users(boxes)
    above: dict[str, int] = {}
    for key in reversed(order):  # how far above the result it lies
        above[key] = max((above[user] + 1 for user in users[key]), default=0)
    depth = max(above.values(), default=0)
    layers: list[list[str]] = [[] for _ in range(depth + 1)]
    for key in boxes:
        layers[depth - above[key]].append(key)
    for _ in range(ROUNDS):
        _order(layers, users, boxes)
    return layers


def _users(boxes: Mapping[str, Box]) -> dict[str, list[str]]:
    users: dict[str, list[str]] = defaultdict(list)
    for key, box in boxes.items():
        for used in box.uses:
            users[used].append(key)
    return users


def _order(
    layers: list[list[str]], users: Mapping[str, list[str]], boxes: Mapping[str, Box]
) -> None:
    """Put each layer in the order of what uses it, and then in that of what it uses."""
    at = {key: _middle(layer, key) for layer in layers for key in layer}

    def mean(keys: Iterable[str], own: str) -> float:
        found = [at[key] for key in keys]
        return sum(found) / len(found) if found else at[own]

    for layer in reversed(layers[:-1]):
        layer.sort(key=lambda key: mean(users[key], key))
        at.update({key: _middle(layer, key) for key in layer})
    for layer in layers[1:]:
        layer.sort(key=lambda key: mean(boxes[key].uses, key))
        at.update({key: _middle(layer, key) for key in layer})


def _middle(layer: list[str], key: str) -> float:
    return layer.index(key) - (len(layer) - 1) / 2


def _places(
    boxes: Mapping[str, Box], layers: list[list[str]]
) -> tuple[dict[str, tuple[float, float]], float, float]:
    """The upper left corner of each box, and the size of the whole."""
    width = max(map(len, layers)) * (WIDTH + GAP) + GAP
    places, y = {}, float(GAP)
    for layer in layers:
        left = (width - len(layer) * (WIDTH + GAP) + GAP) / 2
        for number, key in enumerate(layer):
            places[key] = (left + number * (WIDTH + GAP), y)
        y += max(_height(boxes[key]) for key in layer) + SPACE
    return places, width, y - SPACE + GAP


def _height(box: Box) -> int:
    return 10 + LINE * (1 + len(box.rows))


def _box(box: Box, x: float, y: float) -> str:
    texts = [f'<text x="{x + 8:g}" y="{y + LINE:g}" class="name">{escape(box.name)}</text>']
    if box.operation:
        texts.append(
            f'<text x="{x + WIDTH - 8:g}" y="{y + LINE:g}" class="operation">'
            f"{escape(box.operation)}</text>"
        )
    for number, row in enumerate(box.rows, 2):
        place = f'x="{x + 8:g}" y="{y + number * LINE:g}"'
        texts.append(f'<text {place} class="row" xml:space="preserve">{escape(row)}</text>')
    size = f'width="{WIDTH}" height="{_height(box)}"'
    frame = f'<rect x="{x:g}" y="{y:g}" {size} rx="6" class="box"/>'
    return frame + "".join(texts)


def _arrow(
    boxes: Mapping[str, Box], places: Mapping[str, tuple[float, float]], start: str, end: str
) -> str:
    """A line from below a box to the top of another, with a head; it bends where they lie apart."""
    x1, y1 = places[start][0] + WIDTH / 2, places[start][1] + _height(boxes[start])
    x2, y2 = places[end][0] + WIDTH / 2, places[end][1] - 7
    bend = (y2 - y1) / 2
    path = f"M {x1:g} {y1:g} C {x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}"
    head = f"M {x2 - 5:g} {y2:g} h 10 l -5 7 z"
    return f'<path d="{path}" class="arrow"/><path d="{head}" class="head"/>'
