"""Lines over the same steps, in panels one below the other, as an SVG that reads on white and on black."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 130, 56, 28, 26
COLOURS = ("#2a78c2", "#d2691e", "#3a9a5b")
GREY = "#888"


class Line(NamedTuple):
    name: str
    values: list[float]


class Panel(NamedTuple):
    title: str
    lines: list[Line]


def chart(unit: str, panels: Sequence[Panel]) -> str:
    """Every axis begins at nought."""
    height = len(panels) * (HEIGHT + TOP + GAP) + GAP
    size = f'viewBox="0 0 {WIDTH} {height}"'
    font = f'font-family="sans-serif" font-size="12" fill="{GREY}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>']
    for number, panel in enumerate(panels):
        parts += _panel(panel, number * (HEIGHT + TOP + GAP) + TOP)
    parts.append(f'<text x="{WIDTH}" y="{height - GAP + 8}" text-anchor="end">{escape(unit)}</text></svg>\n')
    return "\n".join(parts)


def _panel(panel: Panel, top: int) -> list[str]:
    most = nice(max(max(line.values) for line in panel.lines))
    steps = max(len(line.values) for line in panel.lines)
    parts = [f'<text x="{LEFT}" y="{top - 10}" font-weight="bold">{escape(panel.title)}</text>']
    for k in range(3):
        y = top + HEIGHT - k * HEIGHT / 2
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH}" stroke="{GREY}" stroke-opacity=".3"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * k / 2:g}</text>')
    for k in range(0, steps + 1, max(1, steps // 6)):
        x = LEFT + k / steps * (WIDTH - LEFT)
        parts.append(f'<text x="{x:.1f}" y="{top + HEIGHT + 15}" text-anchor="middle">{k}</text>')
    x = LEFT + 8 * len(panel.title) + 24
    for line, colour in zip(panel.lines, COLOURS, strict=False):
        parts.append(_path(line.values, most, top, colour))
        parts.append(f'<text x="{x}" y="{top - 10}" fill="{colour}">{escape(line.name)}</text>')
        x += 9 * len(line.name) + 24
    return parts


def _path(values: Sequence[float], most: float, top: int, colour: str) -> str:
    """Each value stands at the end of its step."""
    points = [
        f"{LEFT + (n + 1) / len(values) * (WIDTH - LEFT):.1f} {top + HEIGHT * (1 - value / most):.1f}"
        for n, value in enumerate(values)
    ]
    return f'<path d="M{"L".join(points)}" fill="none" stroke="{colour}" stroke-width="1.8"/>'


def nice(most: float) -> float:
    """The next of 1, 2, 4, 6, 8, 10 times a power of ten."""
    if most <= 0:
        return 1.0
    power = 10.0 ** floor(log10(most))
    share = ceil(most / power)
    return power * next(step for step in (1, 2, 4, 6, 8, 10) if step >= share)
