"""The report of a class: one page, offline, for the morning after the deadline."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.classroom.alike import Alike, Pair
from autograder.classroom.charts import histogram, shares
from autograder.classroom.listing import anonymous, side_by_side
from autograder.classroom.overview import (
    ExerciseOverview,
    LessonOverview,
    Mistake,
    overviews,
)
from autograder.classroom.store import Store
from autograder.classroom.table import hand_ins
from autograder.lessons.course import Course
from autograder.reports.pages import rendered, script
from autograder.reports.report import Verdict

# Of an exercise so many mistakes are told, and of a pair so many exercises shown.
TOLD, SHOWN = 3, 3
# So many pairs are shown, the weightiest first: who has more has one to look at first.
PAIRS = 40
_CELLS: dict[str, str] = {"": "n", **{str(v): c for v, c in zip(Verdict, "ptwchb", strict=True)}}

_SCRIPT = """
document.getElementById("hide").addEventListener("change", event =>
  document.body.classList.toggle("hidden-names", event.target.checked));
for (const table of document.querySelectorAll("table.map")) {
  table.tHead.addEventListener("click", event => {
    const head = event.target.closest("th");
    if (!head) return;
    const at = head.cellIndex, down = head.dataset.down = head.dataset.down === "1" ? "0" : "1";
    const value = row => row.cells[at].textContent || row.cells[at].className;
    const {compare} = new Intl.Collator(undefined, {numeric: true});
    const rows = [...table.tBodies[0].rows].sort((a, b) => compare(value(a), value(b)));
    table.tBodies[0].append(...(down === "1" ? rows : rows.reverse()));
  });
}
"""


def page(store: Store, course: Course, folder: Path) -> str:
    """The whole page as text; it refers to nothing outside itself."""
    lessons = overviews(store.latest(), hand_ins(folder))
    students = sorted({row.student for lesson in lessons for row in lesson.rows})
    ours, policy = script(_SCRIPT)
    return rendered(
        "autograder.classroom",
        "report.html.j2",
        title=f"The class {folder.resolve().name}",
        when=datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
        students=len(students),
        numbers={student: f"#{number}" for number, student in enumerate(students, 1)},
        lessons=[_lesson(store, course, each) for each in lessons],
        cell=_CELLS,
        shares=shares,
        script=ours,
        policy=policy,
    )


def pairs_of(store: Store, course: Course, lesson: str, students: list[str]) -> list[Pair]:
    """The pairs of one lesson to look at."""
    alike = Alike(course.lesson(lesson))
    for student in students:
        if submission := store.submission(student, lesson):
            alike.add(student, submission)
    return alike.pairs()


def _lesson(store: Store, course: Course, overview: LessonOverview) -> dict[str, Any]:
    points = [row.points for row in overview.rows if row.is_graded]
    known = overview.lesson in course.names
    students = [row.student for row in overview.rows]
    pairs = pairs_of(store, course, overview.lesson, students) if known else []
    return {
        "all": overview,
        "title": course.lesson(overview.lesson).title if known else overview.lesson,
        "median": statistics.median(points or [0]),
        "full": sum(row.points == overview.max_points for row in overview.rows if row.verdicts),
        "histogram": histogram(points, overview.max_points),
        "told": list(_told(store, overview)),
        "pairs": [(pair, _sides(store, course, pair)) for pair in pairs[:PAIRS]],
    }


def _told(
    store: Store, overview: LessonOverview
) -> Iterator[tuple[ExerciseOverview, list[tuple[Mistake, str]], int]]:
    """The exercises that went wrong with their mistakes, and how many other ways there were."""
    for exercise in overview.hardest:
        told = exercise.mistakes[:TOLD]
        if told:
            shown = [(each, _example(store, overview.lesson, exercise.id, each)) for each in told]
            others = sum(each.count for each in exercise.mistakes[TOLD:])
            yield exercise, shown, others


def _example(store: Store, lesson: str, exercise: str, mistake: Mistake) -> str:
    """The shortest code of those who made a mistake; it does not say whose it is."""
    submissions = (store.submission(student, lesson) for student in mistake.students)
    codes = [anonymous(each, exercise) for each in submissions if each]
    return min(filter(None, codes), key=len, default="")


def _sides(store: Store, course: Course, pair: Pair) -> list[Any]:
    one, other = (store.submission(name, pair.lesson) for name in (pair.one, pair.other))
    if not one or not other:
        return []
    alike = Alike(course.lesson(pair.lesson))
    return [
        (shared, *side_by_side(alike, shared.exercise, one, other))
        for shared in pair.shared[:SHOWN]
    ]
