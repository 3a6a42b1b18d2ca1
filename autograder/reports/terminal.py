"""Rendering: reports and progress as text for a terminal. Pure: data in, rich renderables out.

Everything that a learner's code could have put into a report is shown as plain text: control
characters are made visible, and nothing is ever read as markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.text import Text

from autograder.lessons.places import shown_path
from autograder.reports.details import Tone, details
from autograder.reports.report import PASSED, TODO, ExerciseReport, Report, Verdict

STYLES: dict[str, str] = {
    Verdict.PASSED: "green",
    Verdict.TODO: "dim",
    Verdict.WRONG: "red",
    Verdict.CRASHED: "red",
    Verdict.TIMED_OUT: "red",
    Verdict.BLOCKED: "yellow",
}
# Control and format characters, halves of pairs, what has no meaning, and ends of lines.
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_TONES = {Tone.MAIN: "bold", Tone.MISTAKE: "cyan", Tone.FIRST: "yellow"}
WIDTH = 11


def plain(text: str) -> str:
    """A text that cannot move the cursor: control and format characters become escapes."""
    return "".join(_visible(character) for character in text)


def one_line(text: str) -> str:
    """The same of what may not begin a line of its own, such as a name that a stranger chose."""
    return plain(text).replace("\n", "\\n")


def few(names: Iterable[str], most: int = 3) -> str:
    """The first of some names, and how many more there are; all in one line."""
    found = list(dict.fromkeys(map(one_line, names)))
    told = ", ".join(found[:most])
    return told if len(found) <= most else f"{told} and {len(found) - most} more"


def _visible(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _INVISIBLE:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode()


def report_lines(report: Report, *, verbose: bool = False) -> Iterator[Text]:
    """A report: a heading, each exercise that was begun, those still to do in one line, the sum."""
    path = shown_path(Path(report.submission))
    yield Text.assemble((report.lesson, "bold"), "  ", (plain(path), "dim"))
    for note in report.notes:
        yield from _indented(note, "yellow", 2)
    absent = report.absent
    waiting = (each for each in report.exercises if each.verdict == TODO)
    todo = [each for each in waiting if each.id not in absent]
    for exercise in report.listed():
        if exercise.verdict != TODO or (verbose and exercise.id not in absent):
            yield from exercise_lines(exercise)
    if absent:
        yield Text(f"  not run yet: {', '.join(absent)}", style=STYLES[TODO])
    if todo and not verbose:
        shown = few((each.id for each in todo), 6)
        place = _place(todo[0]) if len(todo) == 1 else ""
        head = (TODO.ljust(WIDTH), STYLES[TODO])
        yield Text.assemble("  ", head, shown, (place, "dim"))
    yield Text(f"  {summary(report)}", style="bold" if report.all_passed else "")


def summary(report: Report) -> str:
    passed = sum(exercise.verdict == PASSED for exercise in report.exercises)
    return (
        f"{passed} of {len(report.exercises)} exercises passed, "
        f"{report.points} of {report.max_points} points, {report.seconds:.2f} s"
    )


def exercise_lines(exercise: ExerciseReport) -> Iterator[Text]:
    """One exercise: the verdict, and below it everything that helps to mend it."""
    head = (exercise.verdict.ljust(WIDTH), STYLES[exercise.verdict])
    place = _place(exercise) if exercise.verdict != PASSED else ""
    yield Text.assemble("  ", head, exercise.id, (place, "dim"))
    for label, text, tone in details(exercise):
        style = _TONES.get(tone, "")
        if label:
            yield from _labelled(label, text, style)
        else:
            yield from _indented(text, style, WIDTH + 2)


def _place(exercise: ExerciseReport) -> str:
    return f"  line {exercise.line}" if exercise.line else ""


def _labelled(label: str, text: str, style: str) -> Iterator[Text]:
    lines = plain(text).split("\n")
    yield Text.assemble(" " * (WIDTH + 2), (f"{label}: ", "dim"), (lines[0], style))
    for line in lines[1:12]:
        yield Text(" " * (WIDTH + 4) + line, style=style)


def _indented(text: str, style: str, indent: int) -> Iterator[Text]:
    for line in plain(text).split("\n"):
        yield Text(" " * indent + line, style=style)


def bar(done: int, total: int, width: int = 24) -> Text:
    """A bar that reads without colour: full blocks for what is done, light ones for the rest."""
    filled = round(width * done / total) if total else 0
    if 0 < done < total:  # something done is seen, and something left too
        filled = min(max(filled, 1), width - 1)
    return Text.assemble(("█" * filled, "green"), ("░" * (width - filled), "dim"))
