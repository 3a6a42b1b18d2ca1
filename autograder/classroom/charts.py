"""The drawings of a class's report: inline SVG in the colors of its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from autograder.reports.report import BLOCKED, CRASHED, PASSED, TIMED_OUT, TODO, WRONG

# Of a drawing's own coordinates.
WIDTH, HEIGHT, MARGIN = 640, 150, 22
# More bars than this are too thin to be read.
BARS = 24
COLORS = {
    PASSED: "var(--good)",
    WRONG: "var(--bad)",
    CRASHED: "var(--bad)",
    TIMED_OUT: "var(--bad)",
    BLOCKED: "var(--warn)",
    TODO: "var(--line)",
}


def histogram(points: Sequence[int], most: int) -> Markup:
    """How many students have how many points, of `most`."""
    width = -(-(most + 1) // BARS)
    counts = Counter(min(each, most) // width for each in points)
    bars = range(most // width + 1)
    highest = max(counts.values(), default=1)
    step = WIDTH / len(bars)
    parts = [_bar(n, counts[n], highest, step, _range(n * width, width, most)) for n in bars]
    every = -(-len(bars) // 12)
    marks = [
        f'<text x="{(n + 0.5) * step:.1f}" y="{HEIGHT - 6}">{_range(n * width, width, most)}</text>'
        for n in bars[::every]
    ]
    label = f"Points of {len(points)} submissions, from 0 to {most}"
    return Markup(
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        f"{''.join(parts)}{''.join(marks)}</svg>"
    )


def _range(first: int, width: int, most: int) -> str:
    last = min(first + width - 1, most)
    return str(first) if first == last else f"{first}\N{EN DASH}{last}"


def _bar(number: int, count: int, highest: int, step: float, points: str) -> str:
    full = HEIGHT - 2 * MARGIN
    height = full * count / highest
    left, top = number * step + step * 0.08, MARGIN + full - height
    above = f'<text x="{(number + 0.5) * step:.1f}" y="{top - 4:.1f}">{count}</text>' * bool(count)
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{step * 0.84:.1f}" height="{height:.1f}">'
        f"<title>{count} with {points} points</title></rect>{above}"
    )


def shares(verdicts: Counter[str]) -> Markup:
    """One bar: how the class fared with an exercise."""
    total = verdicts.total() or 1
    parts, at = [], 0.0
    for verdict, color in COLORS.items():
        width = 100 * verdicts[verdict] / total
        if width:
            parts.append(
                f'<rect x="{at:.2f}" width="{width:.2f}" height="10" style="fill:{color}">'
                f"<title>{verdict}: {verdicts[verdict]}</title></rect>"
            )
            at += width
    label = ", ".join(f"{verdicts[each]} {each}" for each in COLORS if verdicts[each])
    return Markup(
        f'<svg class="shares" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )
