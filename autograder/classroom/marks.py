"""Points as tables: by exercise, and by lesson."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.classroom.overview import LessonOverview
from autograder.classroom.spreadsheets import Cell
from autograder.reports.terminal import one_line


def by_exercise(lesson: LessonOverview) -> list[list[Cell]]:
    """student x exercise: points, with the sum, what there is to look at, and when it came.

    Where nothing could be graded there is nothing.
    """
    ids = [exercise.id for exercise in lesson.exercises]
    worth = [exercise.max_points for exercise in lesson.exercises]
    rows: list[list[Cell]] = [
        ["student", *ids, "points", "max_points", "look at", "handed_in", "late"]
    ]
    for row in lesson.rows:
        earned: list[Cell] = list(row.earned) or [""] * len(worth)
        total: Cell = row.points if row.is_graded else ""
        about: list[Cell] = [total, lesson.max_points, one_line(row.concern)]
        came = [row.hand_in.handed_in, "yes" * row.hand_in.late]
        rows.append([one_line(row.student), *earned, *about, *came])
    return rows


def by_lesson(lessons: Sequence[LessonOverview]) -> list[list[Cell]]:
    """student x lesson: points; nothing where nothing was handed in or could be graded.

    The last column names the lessons that were late.
    """
    points = {
        (each.lesson, row.student): row.points if row.is_graded else None
        for each in lessons
        for row in each.rows
    }
    students = sorted({student for _, student in points})
    names = [each.lesson for each in lessons]
    late: dict[str, list[str]] = {}
    for each in lessons:
        for row in each.rows:
            late.setdefault(row.student, []).extend([each.lesson] * row.hand_in.late)
    rows: list[list[Cell]] = [["student", *names, "points", "max_points", "late"]]
    most = sum(each.max_points for each in lessons)
    for student in students:
        found = [points.get((name, student)) for name in names]
        cells: list[Cell] = ["" if each is None else each for each in found]
        total = sum(each or 0 for each in found)
        rows.append([one_line(student), *cells, total, most, " ".join(late[student])])
    return rows
