"""In place of nbgrader's kernel: each submission is graded through the wall, and scored by cell."""

from __future__ import annotations

import atexit
import functools
from typing import Any

from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.jupyter.kernel import History, KernelSubmission
from autograder.lessons.course import Course, WrongUse
from autograder.lessons.files import without_magics
from autograder.lessons.submission import Submission, Unit
from autograder.nbgrader.assigned import Assigned, assigned
from autograder.nbgrader.exporter import UNREADABLE
from autograder.nbgrader.feedback import DATA, outcome
from autograder.reports.html import exercise_html, text
from autograder.reports.report import PASSED, TODO, ExerciseReport, Report

REVIEW = "gradschool_review"
SHORTENED = (
    "A cell of this notebook ended the run or did not end in time, so only its imports, "
    "definitions and the assignments that they use were graded."
)


class GradeLesson(Execute):
    """Grades a lesson's notebook; others run as nbgrader runs them, where that is allowed.

    The output of each test cell is the report in an instructor's wording, and its value is the
    mark, which nbgrader's own preprocessors read and record.
    """

    trust = Bool(False, help="Grade although this machine cannot shut the code in.").tag(
        config=True
    )
    seed = Unicode("", help="What the checks' inputs are drawn from.").tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any], *rest: Any, **keywords: Any):
        known = assigned(resources)
        if known is None:
            return super().preprocess(nb, resources, *rest, **keywords)
        if reason := nb.metadata.get(UNREADABLE):
            nb.metadata[REVIEW] = True
            self._write_all(nb, known, f"This submission could not be read: {reason}")
            return nb, resources
        submission = submission_of(nb, known)
        report, shortened = self._grade(submission, known.lesson)
        nb.metadata[REVIEW] = ended_while_loading(report)
        if nb.metadata[REVIEW]:
            about = resources["nbgrader"]
            self.log.error(
                "%s, %s: nothing of it could be run; its zero is marked for review",
                about["student"],
                about["notebook"],
            )
        self._write(nb, known, report.hidden(), SHORTENED if shortened else "")
        return nb, resources

    def _grade(self, submission: Submission, lesson: str) -> tuple[Report, bool]:
        """Grade; where the workers themselves have died, once more with new ones."""
        from autograder.pool.processes import PoolError

        try:
            return grade_whole(submission, lesson, session(self.trust), self.seed or 0)
        except (PoolError, OSError) as error:
            self.log.warning("the workers are started again: %s", error)
            session.cache_clear()
            return grade_whole(submission, lesson, session(self.trust), self.seed or 0)

    def _write(self, nb: Any, known: Assigned, report: Report, notice: str) -> None:
        found = {exercise.id: exercise for exercise in report.exercises}
        for cell in nb.cells:
            exercise = found.get(known.exercises.get(_grade_id(cell), ""))
            if exercise is not None:
                cell.outputs = outputs(exercise, cell.metadata.nbgrader["points"], notice)
                cell.execution_count = None

    def _write_all(self, nb: Any, known: Assigned, sentence: str) -> None:
        """The same sentence and no points in every test cell."""
        for cell in nb.cells:
            if _grade_id(cell) in known.exercises:
                data = {"text/plain": "0.0", "text/html": f"<div>{text(sentence)}</div>"}
                about = {DATA: {"notice": sentence}}
                cell.outputs = [new_output("execute_result", data, metadata=about)]


class MarkForReview(NbGraderPreprocessor):
    """Marks the scores of a submission that could not be run at all for a person to look at.

    Its zero was not earned, and the formgrader lists it under what needs grading.
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
    units, line = [], 1
    for number, cell in enumerate(nb.cells, 1):
        if cell.cell_type == "code" and _grade_id(cell) not in known.exercises:
            units.append(Unit(without_magics(cell.source), line, f"cell {number}"))
            line += cell.source.count("\n") + 1
    return Submission("the notebook", units)


def grade_whole(
    submission: Submission, lesson: str, session: Any, seed: int | str
) -> tuple[Report, bool]:
    """Grade a notebook as it stands, or its definitions where it does not get to its end.

    A cell that trains for minutes, hangs or leaves the program costs nothing by itself. The second
    value says whether only the definitions were graded.
    """
    report = session.grade(submission, lesson, seed)
    if not ended_while_loading(report):
        return report, False
    try:
        units = History(unit.source for unit in submission.units).units()
    except RecursionError:  # definitions that hang on each other, or terms, by the thousand
        return report, False
    return session.grade(KernelSubmission(submission.path, units), lesson, seed), True


def ended_while_loading(report: Report) -> bool:
    """Whether the run ended before any exercise was tried: such a zero says nothing about them."""
    begun = [exercise for exercise in report.exercises if exercise.verdict != TODO]
    return any(exercise.message.endswith("while the file was loading") for exercise in begun)


def outputs(exercise: ExerciseReport, points: float, notice: str) -> list[Any]:
    """What stands below a test cell: the report to be read, and the mark that nbgrader reads."""
    mark = points * exercise.points / exercise.max_points if exercise.max_points else 0.0
    shown = exercise_html(exercise, checks=True)
    if notice and exercise.verdict != PASSED:
        shown += f"<div>{text(notice)}</div>"
    data = {"text/plain": str(float(mark)), "text/html": shown}
    return [new_output("execute_result", data, metadata=outcome(exercise, notice))]


@functools.cache
def session(trust: bool) -> Any:
    """One session for all submissions of a run; the workers start before torch is imported here."""
    from autograder.pool.pool import Pool
    from autograder.worker.sandbox import capabilities

    found = capabilities()
    if not found.full and not trust:
        raise WrongUse(
            f"this machine cannot shut submissions in ({'; '.join(found.reasons)}); grade on Linux "
            "with Landlock and seccomp, or write configure(c, trust=True) in nbgrader_config.py"
        )
    pool = Pool(confined=not trust)
    from autograder.grading.session import Session

    opened = Session(Course.find(), pool)
    atexit.register(pool.close)
    return opened


def _grade_id(cell: Any) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")
