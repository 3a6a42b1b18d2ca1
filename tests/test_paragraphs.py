"""How texts fit a narrow window, in `grad watch` and in a terminal."""

from __future__ import annotations

import pytest

from autograder.reports.paragraphs import prose

WIDE = "a question that is wider than the window and goes on"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{WIDE}\n`below(x)` say?", [f"{WIDE} `below(x)` say?"]),
        (f"xs: {WIDE}\nnot changed.", [f"xs: {WIDE} not changed."]),
        (f"* {WIDE}\nin an item.\n* other", [f"* {WIDE} in an item.", "* other"]),
        (f"{WIDE}\nx: a number", [WIDE, "x: a number"]),
        (f"{WIDE}\n```\nx = 1\n```", [WIDE, "```", "x = 1", "```"]),
        (f"{WIDE}\n\n>>> f(1)", [WIDE, "", ">>> f(1)"]),
        ("short\nlines", ["short", "lines"]),
    ],
)
def test_a_wide_paragraph_is_one_and_what_stands_alone_stays_so(text, lines):
    assert [line.plain for line in prose(text, 40)] == lines
