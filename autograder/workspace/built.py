"""What a learner has built, in numbers and in their own code; and the way there."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from autograder.lessons.course import Course
from autograder.lessons.files import Unreadable, read
from autograder.lessons.stages import stages_of
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
.done { display: block; } .done li { border: none; padding: .2rem 0; }
.done small { display: block; } dl + p { margin-top: .6rem; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; margin: .3rem 0 0; }
"""

# An exercise's name and the lines of its body.
Code = dict[str, list[str]]


@dataclass(frozen=True)
class Built:
    """A whole course in numbers; times in seconds. `first` and `last` are those of a pass, or 0."""

    passed: int
    total: int
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
        """In how many attempts, and in how long; for the end of the course."""
        first, last = _day(self.first), _day(self.last)
        span = f"on {first}" if first == last else f"from {first} to {last}"
        return f"It took you {self.attempts:,} attempts, {span}."

    def facts(self, lines: int) -> Iterator[tuple[str, str]]:
        """What is told in large letters: a number, and what it counts; only what there is."""
        yield f"{self.passed:,} of {self.total:,}", "exercises passed"
        if lines:
            yield f"{lines:,}", "lines of code, written by hand"
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


def facts_html(built: Built, codes: Collection[Code]) -> str:
    """The numbers as HTML; `codes` are those of all lessons."""
    lines = sum(len(body) for code in codes for body in code.values())
    rows = (f"<div><dd>{text(n)}</dd><dt>{text(of)}</dt></div>" for n, of in built.facts(lines))
    return f'<dl class="facts">{"".join(rows)}</dl>'


def built_html(course: Course, progress: Progress) -> str:
    """The lessons that are complete, each with what its last stage shows; nothing before one is."""
    whole = [each for each in progress.lessons if each.passed == len(each.standings)]
    rows = []
    for lesson in whole:
        last = [stage.says for stage in stages_of(course, lesson.lesson.name) if stage.is_last]
        says = f"<small>{text(last[0])}</small>" if last else ""
        rows.append(f"<li>{text(lesson.lesson.title)} {says}</li>")
    if not rows:
        return ""
    return (
        '<section><div class="head"><h2>What is built</h2></div>'
        f'<ul class="done">{"".join(rows)}</ul></section>'
    )


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


def code_html(code: Code) -> str:
    """A lesson's code, folded; nothing where nothing has passed."""
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
