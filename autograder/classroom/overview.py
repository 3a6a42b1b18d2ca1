"""A class in figures: what its report and its tables are made of, read from the store once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.classroom.graded import Graded
from autograder.classroom.table import NOT_KNOWN, HandIn, HandIns
from autograder.reports.details import listed
from autograder.reports.report import BLOCKED, PASSED, TODO, CheckVerdict, ExerciseReport

# Of each mistake so many students are remembered, to choose the shortest example of.
EXAMPLES = 5


@dataclass
class Mistake:
    """What several people did wrong in one exercise, in one sentence."""

    says: str
    count: int = 0
    students: list[str] = field(default_factory=list)


@dataclass
class ExerciseOverview:
    """One exercise of the whole class; `verdicts` counts those whose file could be graded."""

    id: str
    max_points: int
    verdicts: Counter[str] = field(default_factory=Counter)
    found: dict[str, Mistake] = field(default_factory=dict)

    def add(self, says: str, student: str) -> None:
        mistake = self.found.setdefault(says, Mistake(says))
        mistake.count += 1
        if len(mistake.students) < EXAMPLES:
            mistake.students.append(student)

    @property
    def graded(self) -> int:
        return self.verdicts.total()

    @property
    def right(self) -> float:
        """The share of those who handed in that have it right."""
        return self.verdicts[PASSED] / self.graded if self.graded else 0.0

    @property
    def mistakes(self) -> list[Mistake]:
        """The commonest first."""
        return sorted(self.found.values(), key=lambda mistake: (-mistake.count, mistake.says))


@dataclass(frozen=True)
class Row:
    """A student's line: verdict and points of each exercise, none where nothing was graded."""

    student: str
    points: int
    verdicts: tuple[str, ...]
    earned: tuple[int, ...] = ()
    concern: str = ""
    hand_in: HandIn = NOT_KNOWN

    @property
    def is_graded(self) -> bool:
        """Whether there are points at all: an earned 0 is another thing than none."""
        return bool(self.verdicts)


@dataclass
class LessonOverview:
    """One lesson of a class."""

    lesson: str
    rows: list[Row] = field(default_factory=list)
    exercises: list[ExerciseOverview] = field(default_factory=list)

    @property
    def max_points(self) -> int:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def hardest(self) -> list[ExerciseOverview]:
        """The exercises, those first that the fewest have right."""
        return sorted(self.exercises, key=lambda exercise: exercise.right)

    @property
    def nobody(self) -> list[ExerciseOverview]:
        return [each for each in self.exercises if each.graded and not each.verdicts[PASSED]]

    @property
    def concerns(self) -> list[Row]:
        return [row for row in self.rows if row.concern]

    @property
    def late(self) -> int:
        return sum(row.hand_in.late for row in self.rows)

    @property
    def tells_time(self) -> bool:
        """Whether of anybody is known when it was handed in, or that it is late."""
        return any(row.hand_in.late or row.hand_in.handed_in for row in self.rows)

    def add(self, graded: Graded, hand_in: HandIn) -> None:
        report = graded.report.hidden() if graded.report else None
        exercises = report.exercises if report else ()
        if not self.exercises:
            self.exercises = [ExerciseOverview(each.id, each.max_points) for each in exercises]
        by_id = {each.id: each for each in exercises}
        own = [by_id.get(each.id) for each in self.exercises] if report else []
        verdicts = tuple(str(each.verdict) if each else "" for each in own)
        earned = tuple(each.points if each else 0 for each in own)
        about = (graded.points, verdicts, earned, graded.concern, hand_in)
        self.rows.append(Row(graded.student, *about))
        for overview in self.exercises:
            if each := by_id.get(overview.id):
                overview.verdicts[str(each.verdict)] += 1
                if each.verdict not in (PASSED, TODO) and not each.loading:
                    overview.add(mistake_of(each), graded.student)


def overviews(results: Iterable[Graded], hand_ins: HandIns) -> list[LessonOverview]:
    """Every lesson of a class, from results that are ordered by lesson."""
    found: dict[str, LessonOverview] = {}
    for graded in results:
        hand_in = hand_ins.get((graded.student, graded.lesson), NOT_KNOWN)
        found.setdefault(graded.lesson, LessonOverview(graded.lesson)).add(graded, hand_in)
    return list(found.values())


def mistake_of(exercise: ExerciseReport) -> str:
    """What somebody did wrong, in a sentence that others share.

    exercise: of a hidden report, so that nothing of it is the submission's own text.
    """
    if exercise.diagnosis:
        return exercise.diagnosis
    if certain := [cause for cause in exercise.causes if not cause.hedged]:
        return certain[0].says
    if exercise.verdict == BLOCKED:
        return f"it builds on {listed(exercise.first)}, which is still to do"
    failed = [each for each in exercise.checks if each.verdict == CheckVerdict.FAILED]
    own = next((each for each in failed if each.name != "examples"), None)
    says = own.says if own and not exercise.error else exercise.says
    return f"{says.rstrip('.')}: {exercise.message}" if says else exercise.message
