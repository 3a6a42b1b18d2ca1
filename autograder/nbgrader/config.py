"""What a course's `nbgrader_config.py` calls: submissions go through the wall of Gradschool.

The gradebook, the formgrader, late penalties, feedback and the export stay nbgrader's own.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import VARIABLE
from autograder.nbgrader.assigned import let_others_run
from autograder.nbgrader.clean import Clean
from autograder.nbgrader.export import ExportWithState
from autograder.nbgrader.exporter import SubmissionExporter
from autograder.nbgrader.feedback import FeedbackExporter
from autograder.nbgrader.grading import GradeLesson, MarkForReview
from autograder.nbgrader.restore import Restore


def configure(
    config: Any,
    *,
    course: str = "",
    seed: str = "",
    trust: bool = False,
    others: str = "stop",
    carry_forward: bool = True,
) -> None:
    """Set how `nbgrader autograde` reads and runs submissions; `config` is `get_config()`.

    course: the folder of a course of your own, or the name of an installed one; `grad release`
    writes it. Without it the one that is meant where nbgrader runs, which may be another one later.
    seed: a text that the checks' inputs are drawn from; `grad release` writes one that only this
    course has. Without it they are the same as everywhere. trust: grade although this machine
    cannot shut the code in. others: "stop" at assignments that Gradschool did not release, or "run"
    them as nbgrader always does, beside your files. carry_forward: whether an exercise that is
    right by itself has its points beside others, that it builds on, that are not.

    Raises WrongUse where the course is none, or `others` is another word.
    """
    from nbgrader.converters import Autograde
    from nbgrader.preprocessors import Execute, SaveAutoGrades

    if others not in ("stop", "run"):
        raise WrongUse(f'others={others!r} is neither "stop" nor "run"')
    if course:  # the kernels of a course's own notebooks look here too
        os.environ[VARIABLE] = Course.named(course, "configure(c, course=...)").reference
    let_others_run(others == "run")
    _quieten()
    traits = Autograde.class_traits()
    sanitize = traits["sanitize_preprocessors"].default()
    autograde = list(traits["autograde_preprocessors"].default())
    autograde[autograde.index(Execute)] = GradeLesson
    autograde.insert(autograde.index(SaveAutoGrades) + 1, MarkForReview)
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.sanitize_preprocessors = [Restore, Clean, *sanitize]
    config.Autograde.autograde_preprocessors = autograde
    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.GradeLesson.trust = trust
    config.GradeLesson.seed = seed
    config.GradeLesson.carry_forward = carry_forward
    config.ExportApp.plugin_class = ExportWithState


def _quieten() -> None:
    """Leave out of the log what nbgrader's authors have to know, and nobody else."""
    from sqlalchemy.exc import SAWarning

    warnings.filterwarnings("ignore", category=SAWarning)
