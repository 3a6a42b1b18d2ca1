"""What a learner has built, in numbers and in their own code; and the way there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from autograder.lessons.files import Unreadable, read
from autograder.reports.html import text
from autograder.reports.report import PASSED
from autograder.workspace.history import PAUSE
from autograder.workspace.practice import Practice
from autograder.workspace.standing import LessonProgress, Progress
from autograder.workspace.workspace import Workspace

STYLE = """
.facts { display: grid; gap: .6rem; margin: 1rem 0 0; padding: 0;
  grid-template-columns: repeat(auto-fill, minmax(min(10.5rem, 46%), 1fr)); }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: .6rem .9rem; }
.facts dt { font-size: .85rem; color: var(--quiet); line-height: 1.3; }
.facts dd { margin: 0; font-size: 1.4rem; font-weight: 600; line-height: 1.3; }
details { margin-top: .8rem; } summary { cursor: pointer; color: var(--quiet); }
details pre { margin: .2rem 0 .8rem; padding: .5rem .7rem; border-left: 3px solid var(--line);
  overflow-x: auto; font-size: .8rem; line-height: 1.4; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; margin: .3rem 0 0; }
"""

# An exercise's name and the lines of its body.
Code = dict[str, list[str]]


@dataclass(frozen=True)
class Built:
    """A whole course in numbers; times in seconds. `first` and `last` are those of a pass, or 0."""

    passed: int
    total: int
    lines: int
    attempts: int
    first: float
    last: float
    worked: float
    predicted: int
    right: int
    practice: Practice

    @classmethod
    def of(cls, workspace: Workspace, progress: Progress) -> Built:
        attempts = workspace.store.attempts()
        passes = [each.at for each in attempts if each.verdict == PASSED] or [0.0]
        gaps = [after.at - before.at for before, after in pairwise(attempts)]
        answered = [each for lesson in progress.lessons for each in lesson.answered]
        return cls(
            passed=sum(lesson.passed for lesson in progress.lessons),
            total=sum(len(lesson.standings) for lesson in progress.lessons),
            lines=sum(
                len(body) for each in progress.lessons for body in written_code(each).values()
            ),
            attempts=len(attempts),
            first=passes[0],
            last=passes[-1],
            worked=sum(gap for gap in gaps if gap <= PAUSE),
            predicted=len(answered),
            right=sum(each.right for each in answered),
            practice=Practice.of(workspace, progress),
        )

    @property
    def is_whole(self) -> bool:
        return self.passed == self.total

    @property
    def sentence(self) -> str:
        """What was written, and in how long; for the end of the course."""
        days = round((self.last - self.first) / 86400)
        span = f"from {_day(self.first)} to {_day(self.last)}" if days else "in one day"
        return f"You wrote {self.lines:,} lines in {self.attempts:,} attempts, {span}."

    def facts(self) -> Iterator[tuple[str, str]]:
        """What is told in large letters: a number, and what it counts; only what there is."""
        yield f"{self.passed:,} of {self.total:,}", "exercises passed"
        if self.lines:
            yield f"{self.lines:,}", "lines of code, written by hand"
        if self.attempts:
            yield f"{self.attempts:,}", "attempts"
        if self.first:
            days = (self.last - self.first) / 86400
            length = f"{days:,.0f} days" if days >= 1.5 else f"{_hours(self.last - self.first)}"
            yield length, f"from the first pass to the last, {_hours(self.worked)} of them at work"
        if self.predicted:
            yield f"{self.right} of {self.predicted}", "predictions right"
        if ended := self.practice.ended:
            yield f"{self.practice.back} of {ended}", "reviews that came back"
        if hunts := self.practice.hunts:
            solved = sum(each.solved for each in hunts)
            yield f"{solved} of {len(hunts)}", "bugs found and mended"


def facts_html(built: Built) -> str:
    """The numbers as HTML."""
    rows = (f"<div><dd>{text(n)}</dd><dt>{text(of)}</dt></div>" for n, of in built.facts())
    return f'<dl class="facts">{"".join(rows)}</dl>'


def written_code(lesson: LessonProgress) -> Code:
    """The bodies of the exercises that have passed, as the learner's file has them now.

    Without blank lines and comments; and without what comes solved, which nobody has written.
    """
    try:
        submission = read(lesson.path)
    except Unreadable:
        return {}
    bodies = {
        each.exercise.id: submission.body_of(each.exercise.id)
        for each in lesson.standings
        if each.verdict == PASSED and not each.exercise.worked
    }
    return {id: code for id, body in bodies.items() if (code := list(filter(_is_code, body)))}


def code_html(lesson: LessonProgress) -> str:
    """A lesson's code, folded; nothing where nothing has passed."""
    code = written_code(lesson)
    if not code:
        return ""
    count = sum(map(len, code.values()))
    parts = (
        f"<code>{text(id)}</code><pre>{text(chr(10).join(body))}</pre>" for id, body in code.items()
    )
    return f"<details><summary>The code: {count:,} lines</summary>{''.join(parts)}</details>"


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:,.0f} hours" if hours >= 1.5 else f"{max(seconds / 60, 1):.0f} minutes"
