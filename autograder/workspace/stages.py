"""Which stages of a milestone can be shown: those whose exercises have all passed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.stages import Need, Stage, stages_of
from autograder.reports.report import PASSED
from autograder.workspace.workspace import Workspace

# More names than these would be a list, and no sentence.
NAMED = 3


@dataclass(frozen=True)
class StageStanding:
    """A stage, and what of its exercises has not passed yet, in the lesson's order."""

    stage: Stage
    missing: tuple[Need, ...]

    @property
    def is_ready(self) -> bool:
        return not self.missing

    def still_needs(self, course: Course) -> str:
        """What is missing, in a few words."""
        names = [course.shortest(need.lesson, need.exercise) for need in self.missing[:NAMED]]
        more = len(self.missing) - len(names)
        return ", ".join(names) + (f" and {more} more" if more else "")


def standings(workspace: Workspace, lesson: str) -> list[StageStanding]:
    """A lesson's stages as the verdicts that are kept say; nothing is run."""
    stages = stages_of(workspace.course, lesson)
    return standing_of(workspace, stages)


def standing_of(workspace: Workspace, stages: Collection[Stage]) -> list[StageStanding]:
    """Some stages as the verdicts that are kept say."""
    passed = passed_of(workspace, stages)
    return [standing(workspace.course, stage, passed) for stage in stages]


def standing(course: Course, stage: Stage, passed: set[Need]) -> StageStanding:
    """A stage where these exercises have passed."""
    order = [Need(stage.lesson, id) for id in course.lesson(stage.lesson).exercises]
    missing = [need for need in stage.needs if need not in passed]
    missing.sort(key=lambda need: order.index(need) if need in order else -1)
    return StageStanding(stage, tuple(missing))


def passed_of(workspace: Workspace, stages: Iterable[Stage]) -> set[Need]:
    """What has passed in the lessons whose exercises the stages need."""
    return passed_exercises(workspace, {need.lesson for stage in stages for need in stage.needs})


def passed_exercises(workspace: Workspace, lessons: Iterable[str]) -> set[Need]:
    """What has passed when it was graded last, and what comes solved."""
    found = set()
    for lesson in lessons:
        known = workspace.store.verdicts(lesson)
        for exercise in workspace.course.lesson(lesson).exercises.values():
            verdict = known.get(exercise.id)
            if exercise.worked or (verdict and verdict.verdict == PASSED):
                found.add(Need(lesson, exercise.id))
    return found


def of_exercise(stages: Iterable[Stage], lesson: str, exercise: str) -> list[Stage]:
    """The stages that show an exercise: those about it, else the short ones that need it.

    The final training is shown for what it is about, and by its name; an ablation by that alone.
    """
    need = Need(lesson, exercise)
    shown = [stage for stage in stages if not stage.is_ablation]
    about = [stage for stage in shown if stage.about == need]
    return about or [stage for stage in shown if need in stage.needs and not stage.is_last]


def offered(workspace: Workspace, lesson: str, exercise: str) -> list[Stage]:
    """The stages that can be shown when an exercise has just passed."""
    stages = stages_of(workspace.course, lesson)
    passed = passed_of(workspace, stages)
    return ready(workspace.course, passed, lesson, exercise)


def ready(course: Course, passed: set[Need], lesson: str, exercise: str) -> list[Stage]:
    """The first stages that show an exercise, where these have passed."""
    stages = [
        stage for stage in stages_of(course, lesson) if standing(course, stage, passed).is_ready
    ]
    return of_exercise(stages, lesson, exercise)[:NAMED]


def resolve(course: Course, word: str) -> tuple[str, list[Stage]]:
    """The stages that a word means: one of that name, else those of an exercise; and their lesson.

    There are none where the word means a whole lesson. Raises WrongUse where it means nothing, or
    an exercise that no stage shows.
    """
    if found := _named(course, word):
        return found.lesson, [found]
    lesson, exercise = course.resolve_either(word)
    if exercise is None:
        return lesson.name, []
    stages = of_exercise(stages_of(course, lesson.name), lesson.name, exercise.id)
    if not stages:
        raise WrongUse(f"no picture shows {exercise.id}; `grad plot {lesson.name}` lists them")
    return lesson.name, stages


def _named(course: Course, word: str) -> Stage | None:
    lesson, _, name = word.rpartition(":")
    names = [course.resolve_lesson(lesson)] if lesson else course.names
    found = [stage for each in names for stage in stages_of(course, each) if stage.name == name]
    if len(found) > 1:
        both = " or ".join(f"{stage.lesson}:{stage.name}" for stage in found)
        raise WrongUse(f"there are several stages named {name}; say {both}")
    return next(iter(found), None)


def shortest(course: Course, stage: Stage) -> str:
    """What to type for a stage: its name, behind its lesson's where others have it."""
    owners = [
        name for name in course.names if stage.name in [s.name for s in stages_of(course, name)]
    ]
    return stage.name if len(owners) == 1 else f"{stage.lesson}:{stage.name}"


def missing_sentences(
    course: Course, waiting: Iterable[StageStanding], check: str = "grad check {}"
) -> Iterator[str]:
    """For each stage that cannot be shown yet, one sentence that says why.

    check: what to type to hear how an exercise stands.
    """
    for each in waiting:
        first = each.missing[0]
        name = course.shortest(first.lesson, first.exercise)
        yield (
            f"the picture {each.stage.name} still needs {each.still_needs(course)}; "
            f"`{check.format(name)}` says how that one is doing"
        )
