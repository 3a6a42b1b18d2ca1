"""In place of nbgrader's kernel: each submission is graded through the wall, and scored by cell."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Sequence
from typing import Any

from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.grading.session import Session
from autograder.lessons.cells import Cell, from_cells
from autograder.lessons.submission import Submission
from autograder.nbgrader.assigned import Assigned, assigned
from autograder.nbgrader.exporter import ORIGIN, TO_REVIEW, UNREADABLE
from autograder.nbgrader.feedback import DATA, outcome
from autograder.reports.html import exercise_html, text
from autograder.reports.report import ExerciseReport, Report

REVIEW = "gradschool_review"


class GradeLesson(Execute):
    """Grades a lesson's notebook; others run as nbgrader runs them, where that is allowed.

    The output of each test cell is the report in an instructor's wording, and its value is the
    mark, which nbgrader's own preprocessors read and record.
    """

    trust = Bool(False, help="Grade even if this machine can't shut the code in.").tag(config=True)
    seed = Unicode("", help="What the checks' inputs are drawn from.").tag(config=True)
    carry_forward = Bool(True, help="Let no mistake cost twice.").tag(config=True)

    def preprocess(
        self, nb: Any, resources: dict[str, Any], *rest: Any, **keywords: Any
    ) -> tuple[Any, dict[str, Any]]:
        known = assigned(resources)
        if known is None:
            return super().preprocess(nb, resources, *rest, **keywords)
        doubled = nb.metadata.pop(TO_REVIEW, "")
        if reason := nb.metadata.get(UNREADABLE):
            nb.metadata[REVIEW] = True
            self._write_all(nb, known, f"This submission could not be read: {reason}")
            return nb, resources
        submission = submission_of(nb, known)
        report = self._grade(submission, known.lesson)
        nb.metadata[REVIEW] = report.loading or bool(doubled)
        if report.loading:
            about = resources["nbgrader"]
            self.log.error(
                "%s, %s: nothing of it could be run; its zero is marked for review",
                about["student"],
                about["notebook"],
            )
        shown = report.hidden()
        self._write(nb, known, shown, ((doubled,) if doubled else ()) + shown.notes)
        return nb, resources

    def _grade(self, submission: Submission, lesson: str) -> Report:
        """Grade; where the workers themselves have died, once more with new ones."""
        from autograder.pool.processes import PoolError

        def graded() -> Report:
            seed = self.seed or 0
            return session(self.trust).grade(
                submission, lesson, seed, carry_forward=self.carry_forward
            )

        try:
            return graded()
        except (PoolError, OSError) as error:
            self.log.warning("the workers are started again: %s", error)
            session.cache_clear()
            return graded()

    def _write(self, nb: Any, known: Assigned, report: Report, notes: Sequence[str]) -> None:
        """Each exercise's report below its test cell; what concerns the whole below the first."""
        found = {exercise.id: exercise for exercise in report.exercises}
        for cell in nb.cells:
            exercise = found.get(known.exercises.get(_grade_id(cell), ""))
            if exercise is not None:
                cell.outputs = outputs(exercise, cell.metadata.nbgrader["points"], notes)
                cell.execution_count, notes = None, ()

    def _write_all(self, nb: Any, known: Assigned, sentence: str) -> None:
        """The same sentence and no points in every test cell."""
        for cell in nb.cells:
            if _grade_id(cell) in known.exercises:
                data = {"text/plain": "0.0", "text/html": f"<div>{text(sentence)}</div>"}
                about = {DATA: {"notices": [sentence]}}
                cell.outputs = [new_output("execute_result", data, metadata=about)]


class MarkForReview(NbGraderPreprocessor):
    """Marks the scores of a submission that could not be run at all for a person to look at.

    Its zero was not earned, and the formgrader lists it under what needs grading. So are the scores
    of one that was chosen from two.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        if nb.metadata.pop(REVIEW, False):
            about = resources["nbgrader"]
            with Gradebook(about["db_url"]) as gradebook:
                found = gradebook.find_submission_notebook(
                    about["notebook"], about["assignment"], about["student"]
                )
                for grade in found.grades:
                    grade.needs_manual_grade = True
                gradebook.db.commit()
        return nb, resources


def submission_of(nb: Any, known: Assigned) -> Submission:
    """The code of a restored notebook, but for its test cells."""
    cells = []
    for number, cell in enumerate(nb.cells, 1):
        about, origin = cell.metadata.get("nbgrader", {}), cell.metadata.get(ORIGIN, {})
        if _grade_id(cell) not in known.exercises:
            is_code = cell.cell_type == "code"
            cells.append(
                Cell(
                    cell.source,
                    origin.get("number", number),
                    is_code=is_code and origin.get("is_code", True),
                    is_answer=is_code and about.get("solution", False),
                )
            )
    return from_cells("the notebook", cells)


def outputs(exercise: ExerciseReport, points: float, notes: Sequence[str] = ()) -> list[Any]:
    """What stands below a test cell: the report to be read, and the mark that nbgrader reads."""
    mark = points * exercise.points / exercise.max_points if exercise.max_points else 0.0
    shown = "".join(f"<div>{text(note)}</div>" for note in notes)
    shown += exercise_html(exercise, checks=True)
    data = {"text/plain": str(float(mark)), "text/html": shown}
    return [new_output("execute_result", data, metadata=outcome(exercise, notes))]


@functools.cache
def session(trust: bool) -> Session:
    """One session for all submissions of a run."""
    opened = Session(
        confined=not trust, trust="write configure(c, trust=True) in nbgrader_config.py"
    )
    atexit.register(opened.pool.close)
    return opened


def _grade_id(cell: Any) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")
