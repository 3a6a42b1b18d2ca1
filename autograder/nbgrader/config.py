"""What a course's `nbgrader_config.py` calls: submissions go through the wall of Gradschool.

The gradebook, the formgrader, late penalties, feedback and the export stay nbgrader's own.
"""

from __future__ import annotations

from typing import Any

from autograder.nbgrader.export import ExportWithState
from autograder.nbgrader.exporter import SubmissionExporter
from autograder.nbgrader.grading import GradeLesson, MarkForReview
from autograder.nbgrader.restore import Restore


def configure(
    config: Any, *, trust: bool = False, seed: str = "", carry_forward: bool = True
) -> None:
    """Set how `nbgrader autograde` reads and runs submissions; `config` is `get_config()`.

    An assignment that was not released by Gradschool is graded as nbgrader always does. trust:
    grade although this machine cannot shut the code in. seed: a text that the checks' inputs are
    drawn from; `grad release` writes one that only this course has. Without it they are the same as
    everywhere. carry_forward: whether an exercise that is right by itself has its points beside
    others, that it builds on, that are not.
    """
    from nbgrader.converters import Autograde
    from nbgrader.preprocessors import Execute, SaveAutoGrades

    traits = Autograde.class_traits()
    sanitize = traits["sanitize_preprocessors"].default()
    autograde = list(traits["autograde_preprocessors"].default())
    autograde[autograde.index(Execute)] = GradeLesson
    autograde.insert(autograde.index(SaveAutoGrades) + 1, MarkForReview)
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.sanitize_preprocessors = [Restore, *sanitize]
    config.Autograde.autograde_preprocessors = autograde
    config.GradeLesson.trust = trust
    config.GradeLesson.seed = seed
    config.GradeLesson.carry_forward = carry_forward
    config.ExportApp.plugin_class = ExportWithState
